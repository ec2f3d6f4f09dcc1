"""The own loudspeaker does not ask for the floor; who talks beside or after it does."""

import numpy as np
import pytest

from ptt.media.frames import SAMPLE_RATE
from ptt.media.voice_activity import VoiceActivity
from tests.support.echo_room import Sound, conversation, echo, listen, room
from tests.support.speech import voice

FAR = conversation(20.0, seed=5)
NEAR = voice(1.0, pitch=140, seed=9).astype(np.float64)
LOUD = 10 ** (6 / 20)


def with_person(sound: Sound, at: float, gain: float = 1.0) -> Sound:
    """`sound`, and NEAR in it from `at` seconds."""
    start = round(at * SAMPLE_RATE)
    together = sound.copy()
    together[start : start + len(NEAR)] += gain * NEAR
    return together


def first_after(heard: list[bool], seconds: float) -> float:
    """How long after `seconds` speech was noticed."""
    return heard[round(seconds * 50) :].index(True) / 50


@pytest.mark.parametrize("lag", [0.0, 0.04, 0.17, 0.39])
@pytest.mark.parametrize("coupling", [-40, -25, -12, -6, 0])
def test_an_echo_is_not_speech(coupling: float, lag: float) -> None:
    microphone = room(20.0) + echo(FAR, coupling, lag)

    assert not any(listen(VoiceActivity(), FAR, microphone, seed=2))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_an_echo_is_not_speech_for_minutes(seed: int) -> None:
    played = conversation(120.0, seed)
    microphone = room(120.0) + echo(played, -12, 0.04, seed)

    assert not any(listen(VoiceActivity(), played, microphone, seed))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("coupling", "pause"),
    [(-40, 0.0), (-12, 0.0), (-12, 0.1), (-6, 0.1), (0, 0.1), (0, 0.3)],
)
def test_who_answers_after_the_end_is_noticed_within_250_ms(coupling: float, pause: float) -> None:
    played = np.concatenate([FAR, np.zeros(2 * SAMPLE_RATE)])
    microphone = with_person(room(22.0) + echo(played, coupling, 0.04), 20 + pause)

    heard = listen(VoiceActivity(), FAR, microphone, seed=2)

    assert not any(heard[: 20 * 50])
    assert first_after(heard, 20 + pause) <= 0.25


@pytest.mark.parametrize("coupling", [-30, -12])
def test_who_is_louder_than_the_echo_interrupts(coupling: float) -> None:
    microphone = with_person(room(20.0) + echo(FAR, coupling, 0.04), 12.0, gain=LOUD)

    heard = listen(VoiceActivity(), FAR, microphone, seed=2)

    assert first_after(heard, 12.0) <= 0.25
    assert not any(heard[: 12 * 50])


@pytest.mark.slow
def test_an_interruption_does_not_spoil_what_was_learned() -> None:
    played = conversation(40.0, seed=6)
    microphone = room(40.0) + echo(played, -12, 0.04)
    for at in (10.0, 12.0, 13.5, 16.0, 18.0):
        microphone = with_person(microphone, at, gain=LOUD)

    assert not any(listen(VoiceActivity(), played, microphone, seed=2)[20 * 50 :])


def test_with_headphones_one_interrupts_at_any_time() -> None:
    microphone = with_person(with_person(room(20.0), 4.0), 12.0)

    heard = listen(VoiceActivity(), FAR, microphone)

    assert first_after(heard, 4.0) <= 0.25
    assert first_after(heard, 12.0) <= 0.25


def test_a_silent_loudspeaker_changes_nothing() -> None:
    microphone = with_person(room(5.0), 2.0)

    heard = listen(VoiceActivity(), np.zeros_like(microphone), microphone)

    assert heard == listen(VoiceActivity(), np.zeros(0), microphone)
    assert any(heard)


def test_the_threshold_rises_while_an_echo_is_due_and_falls_after_it() -> None:
    activity = VoiceActivity()
    microphone = room(20.0) + echo(FAR, -6, 0.04)
    listen(activity, FAR, microphone)
    loudest = round(float(np.abs(FAR).argmax()) / SAMPLE_RATE * 50) * 960

    listen(
        activity, FAR[loudest - 4800 : loudest + 960], microphone[loudest - 4800 : loudest + 960]
    )
    during = activity.threshold_dbfs
    listen(activity, np.zeros(0), room(1.0))

    assert during > -20
    assert activity.threshold_dbfs < -45


@pytest.mark.slow
def test_after_the_headphones_are_pulled_the_echo_is_learned_anew() -> None:
    played = conversation(30.0, seed=8)
    microphone = room(30.0)
    microphone[10 * SAMPLE_RATE :] += echo(played, -12, 0.04)[10 * SAMPLE_RATE :]

    heard = listen(VoiceActivity(), played, microphone, seed=2)

    assert not any(heard[: 10 * 50])
    assert not any(heard[16 * 50 :])
