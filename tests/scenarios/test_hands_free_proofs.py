"""No syllable is lost, by key or by voice, and no loudspeaker asks for the floor.

Whole clients in rooms, real floors and keys, under a virtual clock; the network's delay is set.
"""

from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

import ptt_demo
from ptt.client.audio_files import Pcm, read_wav
from ptt.client.events import FloorGranted, FloorReleased, FloorRequested
from ptt.media.frames import SAMPLE_RATE
from ptt.media.level import level_dbfs
from tests.support.people import people
from tests.support.pretend_server import CHANNEL, PretendServer
from tests.support.room import Room
from tests.support.speech import frames

Clock = trio.testing.MockClock
SPEECH = Path(ptt_demo.__file__).parent / "speech"
EDGE = SAMPLE_RATE // 20  # 50 ms
BURSTS = 17
ALIKE = 0.6  # correlation of 50 ms that went through Opus at 24 kbit/s
ECHO_MINUTES = 10


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery, talk_limit=600.0)


def utterance(seconds: float, seed: int) -> Pcm:
    """Recorded speech from a loud frame to a loud frame, without pauses."""
    name = ("anna", "ben", "clara")[seed % 3]
    pieces = [
        piece for piece in frames(read_wav(SPEECH / f"{name}.wav")) if level_dbfs(piece) > -35
    ]
    first = (seed * 7) % (len(pieces) - round(seconds / 0.02))
    chosen = b"".join(pieces[first : first + round(seconds / 0.02)])
    return np.frombuffer(chosen, dtype=np.int16)


def best_likeness(piece: Pcm, sound: Pcm) -> float:
    """Of the place in `sound` that is most like `piece`: 0 to 1."""
    a, b = piece.astype(np.float64), sound.astype(np.float64)
    size = 1 << (len(a) + len(b)).bit_length()
    products = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    powers = np.cumsum(np.concatenate([[0.0], b**2]))
    energy = powers[len(a) :] - powers[: -len(a)]
    return float(np.max(products[: len(energy)] / np.sqrt(np.sum(a**2) * (energy + 1.0))))


@pytest.mark.slow
@pytest.mark.parametrize("by_voice", [False, True])
@pytest.mark.parametrize("delay", [0.0, 0.02, 0.08])
async def test_the_first_and_the_last_50_ms_are_heard(
    delay: float, by_voice: bool, server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    server.delay = delay
    room = Room()
    said: list[tuple[float, float, Pcm]] = []
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Anna": room}) as (anna, ben):
        if by_voice:
            anna.client.listen_for_voice(CHANNEL)
        await trio.sleep(2.0)
        for seed in range(BURSTS):
            sound = utterance(1.0, seed)
            began = trio.current_time()
            if not by_voice:
                anna.client.press(CHANNEL)
            await room.microphone.say(sound)
            if not by_voice:
                anna.client.release()
            await trio.sleep(3.0)
            said.append((began, trio.current_time(), sound))
    heard, start = ben.heard(), ben.loudspeaker.started_at

    assert start is not None
    assert len(anna.saw(FloorGranted)) == len(anna.saw(FloorReleased)) == BURSTS
    for began, ended, sound in said:
        window = heard[round((began - start) * SAMPLE_RATE) : round((ended - start) * SAMPLE_RATE)]
        assert best_likeness(sound[:EDGE], window) > ALIKE
        assert best_likeness(sound[-EDGE:], window) > ALIKE


@pytest.mark.slow
async def test_a_loudspeaker_never_asks_and_its_listener_may_at_once(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    room = Room(echo_db=-12.0, echo_delay=0.04)
    speech = np.concatenate([read_wav(SPEECH / f"{name}.wav") for name in ("anna", "clara")])
    story = np.tile(speech, 1 + ECHO_MINUTES * 60 * SAMPLE_RATE // len(speech))
    async with people(server, tmp_path, "Anna", "Ben", rooms={"Ben": room}) as (anna, ben):
        ben.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        for _ in range(2):
            anna.client.press(CHANNEL)
            await anna.microphone.say(story[: ECHO_MINUTES * 30 * SAMPLE_RATE])
            anna.client.release()
            await trio.sleep(0.1)
        asked = list(ben.saw(FloorRequested))
        began = trio.current_time()
        await room.microphone.say(utterance(2.0, 1))
        await trio.sleep(1.0)

    assert asked == []
    assert ben.when(FloorGranted) - began < 0.3
