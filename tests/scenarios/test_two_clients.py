"""The whole way of a word, from one client's microphone to another's loudspeaker, for real."""

from pathlib import Path

import numpy as np
import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt.client.events import FloorGranted, FloorReleased
from ptt_demo.daemon import Daemon
from ptt_demo.measure import Sound, find
from ptt_demo.office import Worker, office
from tests.scenarios.conftest import CHANNEL
from tests.support.speech import voice
from tests.support.witness import Witness

RATE = 48_000
SAID = voice(2.0)
EDGE = round(0.05 * RATE)  # samples: the first and the last 50 ms
SLACK = round(0.1 * RATE)  # samples that a piece may be moved by a faster or slower playout


def alike(piece: Sound, heard: Sound, expected: int) -> float:
    """How well `piece` is heard about `expected` samples into what was heard."""
    start = max(expected - SLACK, 0)
    return find(piece, heard[start : expected + len(piece) + SLACK])[1]


async def speak(worker: Worker, witness: Witness) -> FloorGranted:
    """Press, speak at the same moment, release with the last sample."""
    worker.client.press(CHANNEL)
    await worker.microphone.say(SAID)
    worker.client.release()
    await witness.saw(FloorReleased)
    return (await witness.saw(FloorGranted))[1]


@pytest.mark.slow
async def test_what_one_says_the_others_hear_from_first_to_last_syllable(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        office(daemon, ["Anna", "Ben", "Carl"], CHANNEL, tmp_path) as workers,
        trio.open_nursery() as nursery,
    ):
        anna, *others = workers
        witness = Witness(anna.client)
        nursery.start_soon(witness.watch)
        granted = await speak(anna, witness)
        await trio.sleep(0.5)
        nursery.cancel_scope.cancel()

    said = SAID / 32768.0
    assert granted.access_time < 0.1
    for listener in others:
        heard = read_wav(listener.recording) / 32768.0
        lag, likeness = find(said, heard)
        assert likeness > 0.8
        assert alike(said[:EDGE], heard, lag) > 0.8
        assert alike(said[-EDGE:], heard, lag + len(said) - EDGE) > 0.8
        assert delay(anna, listener, lag) < 0.25
    tones = read_wav(anna.recording) / 32768.0
    assert find(said, tones)[1] < 0.3, "nobody hears the own voice"
    assert np.any(tones), "the permit tone"


def delay(talker: Worker, listener: Worker, lag: int) -> float:
    """Mouth to ear in seconds."""
    assert talker.microphone.started_at is not None
    assert listener.loudspeaker.started_at is not None
    return listener.loudspeaker.started_at + lag / RATE - talker.microphone.started_at
