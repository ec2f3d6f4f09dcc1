"""Levels, sums and tones."""

import numpy as np
import pytest

from ptt.client import audio_ports
from ptt.media import frames
from ptt.media.level import SILENCE_DBFS, level_dbfs
from ptt.media.mixer import mix
from ptt.media.tones import Tone, tone_frames


def flat(value: int) -> bytes:
    return np.full(960, value, dtype=np.int16).tobytes()


def test_a_frame_is_the_same_for_the_sound_card_and_for_the_codec() -> None:
    assert frames.SAMPLE_RATE == audio_ports.SAMPLE_RATE
    assert frames.FRAME_OCTETS == audio_ports.FRAME_OCTETS


def test_full_scale_is_zero_decibel_and_half_of_it_minus_six() -> None:
    assert level_dbfs(flat(-32768)) == pytest.approx(0.0)
    assert level_dbfs(flat(16384)) == pytest.approx(-6.02, abs=0.01)


def test_silence_and_nothing_have_a_finite_level() -> None:
    assert level_dbfs(bytes(1920)) == level_dbfs(b"") == SILENCE_DBFS


def test_nothing_mixed_is_silence_and_one_is_itself() -> None:
    assert mix([]) == bytes(1920)
    assert mix([flat(5)]) == flat(5)


def test_mixed_frames_add_up_and_stay_at_full_scale() -> None:
    assert mix([flat(5), flat(7), flat(-2)]) == flat(10)
    assert mix([flat(30_000), flat(30_000)]) == flat(32_767)
    assert mix([flat(-30_000), flat(-30_000)]) == flat(-32_768)


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_is_whole_frames_that_begin_and_end_softly(tone: Tone) -> None:
    sound = np.frombuffer(b"".join(tone_frames(tone)), dtype=np.int16).astype(int)

    assert {len(frame) for frame in tone_frames(tone)} == {1920}
    assert 0.05 < len(sound) / 48_000 < 0.6
    assert abs(sound[0]) < 50
    assert abs(sound[-1]) < 50
    assert np.abs(np.diff(sound)).max() < 1200  # no click
    assert -24 < level_dbfs(tone_frames(tone)[0]) < -12


def test_no_two_tones_sound_the_same() -> None:
    assert len({tone_frames(tone) for tone in Tone}) == len(Tone)
