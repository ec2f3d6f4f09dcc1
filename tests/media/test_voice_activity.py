"""Speech opens, noise does not."""

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest

from ptt.errors import ConfigError
from ptt.media.level import level_dbfs
from ptt.media.voice_activity import VoiceActivity, VoiceActivitySettings
from tests.support import speech


def noise(seconds: float, dbfs: float, seed: int = 7) -> speech.Samples:
    rng = np.random.default_rng(seed)
    wave = rng.standard_normal(round(seconds * 48_000)) * 32768 * 10 ** (dbfs / 20)
    return np.asarray(wave, dtype=np.int16)


def pink(seconds: float, dbfs: float) -> speech.Samples:
    spectrum = np.fft.rfft(noise(seconds, -20).astype(np.float64))
    wave = np.fft.irfft(spectrum / np.sqrt(np.arange(len(spectrum)) + 100))
    return np.asarray(wave * 32768 * 10 ** (dbfs / 20) / wave.std(), dtype=np.int16)


def babble(seconds: float, dbfs: float) -> speech.Samples:
    """Eight voices at once, out of step."""
    voices = [
        np.roll(speech.voice(seconds, pitch=90 + 17 * n, seed=n), 5003 * n**2) for n in range(8)
    ]
    wave = np.sum(voices, axis=0, dtype=np.float64)
    return np.asarray(wave * 32768 * 10 ** (dbfs / 20) / wave.std(), dtype=np.int16)


def typing(seconds: float, dbfs: float, seed: int, keys_a_second: float) -> speech.Samples:
    """Presses and releases on a desk that rings at 120 to 350 Hz; `dbfs` over all."""
    rng = np.random.default_rng(seed)
    time = np.arange(4800) / 48_000
    wave = np.zeros(round(seconds * 48_000))
    desk, ring = rng.uniform(120, 350), rng.uniform(0.008, 0.025)
    for key in np.arange(0.2, seconds - 0.4, 1 / keys_a_second):
        for late, gain in ((0.0, 1.0), (rng.uniform(0.06, 0.13), 0.5)):
            click = np.exp(-time / 0.002) * rng.standard_normal(len(time))
            click += np.exp(-time / ring) * np.sin(2 * np.pi * desk * time)
            start = round((key + late + rng.uniform(0, 0.05)) * 48_000)
            wave[start : start + len(click)] += gain * rng.uniform(0.6, 1.4) * click
    wave *= 32768 * 10 ** (dbfs / 20) / wave.std()
    return np.asarray(np.clip(wave, -32768, 32767), dtype=np.int16)


def listen(
    sound: speech.Samples,
    *,
    settings: VoiceActivitySettings | None = None,
) -> list[bool]:
    activity = VoiceActivity(settings)
    return [activity.handle_frame(frame) for frame in speech.frames(sound)]


ROOM = noise(5.0, -60)
ROOM_OF_A_MINUTE = noise(60.0, -60)
SPOKEN = np.concatenate([ROOM[:48_000], speech.voice(2.0), ROOM[:72_000]])
FIRST, LAST = 50, 150  # frames


def test_speech_is_noticed_within_225_ms() -> None:
    assert 0 < listen(SPOKEN).index(True) - FIRST <= 11


def test_speech_is_over_half_a_second_after_the_last_word() -> None:
    heard = listen(SPOKEN)

    assert all(heard[FIRST + 12 : LAST])
    assert not any(heard[LAST + 26 :])


def test_hang_over_is_as_long_as_the_user_wants() -> None:
    heard = listen(SPOKEN, settings=VoiceActivitySettings(hang_over=0.1))

    assert not any(heard[LAST + 6 :])


def test_noise_of_any_level_is_not_speech() -> None:
    for dbfs in (-70, -50, -40, -30):
        assert not any(listen(noise(3.0, dbfs)))


def openings(heard: list[bool]) -> int:
    return sum(now and not before for before, now in pairwise([False, *heard]))


@pytest.mark.slow
def test_typing_10_db_below_speech_opens_less_than_once_in_five_minutes() -> None:
    opened = {
        (keys, seed): openings(listen(ROOM_OF_A_MINUTE + typing(60.0, -36, seed, keys)))
        for keys in (3, 4, 5, 6, 8)
        for seed in range(4)
    }

    assert sum(opened.values()) < 4, opened


def test_speech_is_noticed_beside_a_keyboard() -> None:
    sound = SPOKEN + typing(len(SPOKEN) / 48_000, -30, 1, 6)

    heard = listen(sound)

    assert not any(heard[:FIRST])
    assert heard.index(True) - FIRST <= 11


def test_typing_after_the_last_word_does_not_keep_speech_open() -> None:
    sound = np.concatenate([ROOM[:48_000], speech.voice(1.0), ROOM[:144_000]])
    sound[96_000:] += typing(3.0, -36, 2, 8)

    assert not any(listen(sound)[100 + 26 :])


@pytest.mark.parametrize("dbfs", [-60, -40, -30])
def test_pink_noise_is_not_speech(dbfs: float) -> None:
    assert not any(listen(pink(5.0, dbfs)))


@pytest.mark.slow
@pytest.mark.parametrize("dbfs", [-70, -57])
def test_a_murmur_from_afar_is_not_speech(dbfs: float) -> None:
    assert not any(listen(babble(8.0, dbfs)))


@pytest.mark.slow
@pytest.mark.parametrize("kind", [noise, pink, babble])
def test_speech_is_noticed_in_time_in_a_noise_10_db_softer(
    kind: Callable[[float, float], speech.Samples],
) -> None:
    spoken = np.concatenate([np.zeros(144_000, np.int16), speech.voice(2.0)])
    level = level_dbfs(speech.voice(2.0).tobytes())

    heard = listen(spoken // 2 + kind(len(spoken) / 48_000, level - 16))

    assert any(heard[150 : 150 + 20])


def test_a_soft_talker_in_a_quiet_room_is_heard() -> None:
    sound = np.concatenate([ROOM[:48_000] // 4, speech.voice(2.0) // 12])

    assert 0 < listen(sound).index(True) - FIRST <= 20


def test_a_fan_that_starts_is_learned_as_noise() -> None:
    activity = VoiceActivity()

    for frame in speech.frames(np.concatenate([ROOM, noise(8.0, -45)])):
        activity.handle_frame(frame)

    assert -47 < activity.noise_dbfs < -43


class Always:
    """A detector that takes everything for speech."""

    hindsight = 0.0

    def is_speech(self, frame: bytes) -> bool:
        return bool(frame)


def test_another_detector_can_be_given() -> None:
    activity = VoiceActivity(VoiceActivitySettings(above_noise=0, least_level=-90), Always())

    assert any(activity.handle_frame(frame) for frame in speech.frames(noise(1.0, -30)))


def test_less_than_100_ms_of_voice_is_nothing() -> None:
    sound = np.concatenate([ROOM[:48_000], speech.voice(0.08), ROOM[:48_000]])

    assert not any(listen(sound))


def test_voice_quieter_than_the_least_level_is_nothing() -> None:
    assert not any(listen(SPOKEN // 64, settings=VoiceActivitySettings(least_level=-45)))


def test_the_noise_of_the_room_is_found() -> None:
    activity = VoiceActivity()

    for frame in speech.frames(noise(5.0, -60)):
        activity.handle_frame(frame)

    assert -62 < activity.noise_dbfs < -58


def test_the_meter_can_show_from_which_level_speech_counts() -> None:
    activity = VoiceActivity(VoiceActivitySettings(above_noise=9.0, least_level=-80))

    for frame in speech.frames(noise(5.0, -60)):
        activity.handle_frame(frame)

    assert -53 < activity.threshold_dbfs < -49


@pytest.mark.parametrize(
    "wrong",
    [
        {"onset": 0.0},
        {"onset": 120.0},
        {"minimum_speech": 0.0},
        {"hang_over": -1.0},
        {"above_noise": 50.0},
        {"least_level": 0.0},
        {"echo_tail": math.nan},
        {"above_echo": -6.0},
    ],
)
def test_settings_out_of_range_are_refused_with_their_name(wrong: dict[str, float]) -> None:
    (name,) = wrong

    with pytest.raises(ConfigError, match=rf"^{name} of voice activation is .*: choose"):
        VoiceActivitySettings(**wrong)


def test_more_speech_than_the_onset_is_long_is_refused() -> None:
    with pytest.raises(ConfigError, match="make the onset at least as long"):
        VoiceActivitySettings(onset=0.1, minimum_speech=0.2)


def test_a_microphone_that_was_muted_is_not_taken_for_a_quiet_room() -> None:
    activity = VoiceActivity()
    muted = np.zeros(240_000, dtype=np.int16)

    heard = [
        activity.handle_frame(frame)
        for frame in speech.frames(np.concatenate([ROOM, muted, noise(2.0, -60), pink(4.0, -55)]))
    ]

    assert not any(heard)
    assert activity.noise_dbfs > -62
