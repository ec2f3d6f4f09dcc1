"""Speech opens, noise does not."""

import math

import numpy as np
import pytest

from ptt.errors import ConfigError
from ptt.media.voice_activity import VoiceActivity, VoiceActivitySettings
from tests.support import speech


def noise(seconds: float, dbfs: float) -> speech.Samples:
    rng = np.random.default_rng(7)
    wave = rng.standard_normal(round(seconds * 48_000)) * 32768 * 10 ** (dbfs / 20)
    return np.asarray(wave, dtype=np.int16)


def listen(
    sound: speech.Samples,
    *,
    settings: VoiceActivitySettings | None = None,
) -> list[bool]:
    activity = VoiceActivity(settings)
    return [activity.handle_frame(frame) for frame in speech.frames(sound)]


ROOM = noise(5.0, -60)
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


def test_a_keyboard_is_not_speech() -> None:
    sound = ROOM.copy()
    click = noise(0.03, -16) * np.exp(-np.arange(1440) / 400)
    for start in range(48_000, len(sound) - 1440, 7_700):
        sound[start : start + 1440] += click.astype(np.int16)

    assert not any(listen(sound))


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
