"""Noise goes down, soft talkers come up, and nothing is needed where nothing is switched on."""

import sys

import numpy as np
import pytest

from ptt.errors import ConfigError
from ptt.media.level import level_dbfs
from ptt.media.voice_processing import VoiceProcessing
from tests.support import speech


def improve(processing: VoiceProcessing, sound: speech.Samples) -> list[bytes]:
    return [processing.process(frame) for frame in speech.frames(sound)]


def loudness(frames: list[bytes]) -> float:
    return level_dbfs(b"".join(frames))


def hiss(seconds: float, dbfs: float) -> speech.Samples:
    rng = np.random.default_rng(7)
    wave = rng.standard_normal(round(seconds * 48_000)) * 32768 * 10 ** (dbfs / 20)
    return np.asarray(wave, dtype=np.int16)


def test_nothing_switched_on_gives_the_frame_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", None)
    (frame,) = speech.frames(speech.voice(0.02))

    assert VoiceProcessing(False, False).process(frame) is frame


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "ptt.media.webrtc_processing", raising=False)
    monkeypatch.setitem(sys.modules, "livekit.rtc.apm", None)

    with pytest.raises(ConfigError, match=r"not installed: run pip install 'ptt\[noise\]'"):
        VoiceProcessing(True, False)


def test_steady_noise_becomes_10_db_softer_and_speech_stays() -> None:
    pytest.importorskip("livekit", reason="the extra [noise] is not installed")
    processing = VoiceProcessing(noise_suppression=True, gain_control=False)
    quiet = hiss(3.0, -40)
    spoken = speech.voice(2.0) // 2

    noise = improve(processing, quiet)[100:]
    talk = improve(processing, spoken + quiet[: len(spoken)])

    assert loudness(noise) < -50
    assert loudness(talk) > level_dbfs(spoken.tobytes()) - 3


def test_a_soft_talker_becomes_louder() -> None:
    pytest.importorskip("livekit", reason="the extra [noise] is not installed")
    processing = VoiceProcessing(noise_suppression=False, gain_control=True)
    soft = speech.voice(4.0) // 32

    talk = improve(processing, soft)[100:]

    assert loudness(talk) > level_dbfs(soft.tobytes()) + 10


def test_what_comes_out_has_the_length_of_what_went_in() -> None:
    pytest.importorskip("livekit", reason="the extra [noise] is not installed")
    processing = VoiceProcessing(noise_suppression=True, gain_control=True)

    assert {len(frame) for frame in improve(processing, hiss(0.1, -40))} == {1920}
