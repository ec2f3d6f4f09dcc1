"""Lag and coupling are found, and what is not heard is not expected."""

from itertools import pairwise

import numpy as np
import pytest

from ptt.media.echo_gate import EchoGate
from ptt.media.frames import SAMPLE_RATE, SILENCE
from ptt.media.level import SILENCE_DBFS, level_dbfs
from tests.support import speech
from tests.support.echo_room import Sound, conversation, echo, room

FAR = conversation(12.0, seed=5)


def frames(sound: Sound) -> list[bytes]:
    return speech.frames(np.clip(sound, -32768, 32767).astype(np.int16))


def run(gate: EchoGate, played: Sound, microphone: Sound) -> list[tuple[float, float]]:
    """What was heard and what was expected, dBFS, frame by frame."""
    pairs = []
    for loudspeaker, frame in zip(frames(played), frames(microphone), strict=True):
        gate.note_played(loudspeaker)
        level = level_dbfs(frame)
        pairs.append((level, gate.handle_level(level)))
    return pairs


@pytest.mark.parametrize("lag", [0.0, 0.04, 0.2, 0.38])
@pytest.mark.parametrize("coupling", [-30, -12, 0])
def test_lag_and_coupling_are_learned(coupling: float, lag: float) -> None:
    gate = EchoGate()

    run(gate, FAR, room(12.0) + echo(FAR, coupling, lag))

    assert gate.lag is not None
    assert abs(gate.lag * 0.02 - lag) <= 0.02
    assert coupling - 1 <= gate.coupling <= coupling + 4


def test_the_echo_is_hardly_ever_more_than_6_db_above_what_is_expected() -> None:
    gate = EchoGate()

    pairs = run(gate, FAR, room(12.0, -75) + echo(FAR, -12, 0.04))[250:]

    audible = [heard > expected + 6 for heard, expected in pairs if heard > -50]
    assert sum(audible) / len(audible) < 0.02


def test_without_an_echo_little_is_expected() -> None:
    gate = EchoGate()

    run(gate, FAR, room(12.0, -65))

    assert gate.coupling < -35


def test_nothing_is_expected_before_anything_is_played() -> None:
    gate = EchoGate()

    for _ in range(10):
        gate.note_played(SILENCE)

        assert gate.handle_level(-20.0) == SILENCE_DBFS


def test_before_anything_is_known_the_echo_may_be_as_loud_as_what_is_played() -> None:
    gate = EchoGate()
    frame = frames(FAR)[10]
    gate.note_played(frame)

    expected = gate.handle_level(-20.0)

    assert expected == pytest.approx(level_dbfs(frame))


def test_the_echo_is_over_when_lag_and_tail_are() -> None:
    gate = EchoGate(tail=0.3)
    run(gate, FAR, room(12.0) + echo(FAR, -12, 0.04))
    for frame in frames(FAR)[20:40]:
        gate.note_played(frame)
        gate.handle_level(-30.0)

    expected = [gate.handle_level(-65.0) for _ in range(20)]

    assert expected[0] > -50
    assert all(now <= before for before, now in pairwise(expected[3:]))
    assert expected[-1] == SILENCE_DBFS


def test_a_talk_beside_the_loudspeaker_moves_no_lag() -> None:
    gate = EchoGate()
    microphone = room(12.0) + echo(FAR, -20, 0.04)
    person = conversation(5.0, seed=31)
    run(gate, FAR, microphone)

    microphone[: 5 * SAMPLE_RATE] += person
    run(gate, FAR, microphone)

    assert gate.lag in (1, 2, 3)
    assert -23 < gate.coupling < -12


def test_frames_that_no_microphone_frame_follows_are_forgotten() -> None:
    gate = EchoGate()

    for frame in frames(FAR):
        gate.note_played(frame)
    for _ in range(100):
        last = gate.handle_level(-65.0)

    assert last == SILENCE_DBFS
