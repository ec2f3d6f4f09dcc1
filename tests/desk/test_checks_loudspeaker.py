"""What is said about a loudspeaker, in a pretended room with a pretended microphone."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.audio_ports import FRAME_SECONDS, AudioSink, AudioSource
from ptt.errors import AudioDeviceError
from ptt.media.frames import FRAME_OCTETS, FRAME_SAMPLES, SILENCE
from ptt_desk.checks.finding import Verdict
from ptt_desk.checks.loudspeaker import check_loudspeaker, check_loudspeaker_by_ear
from ptt_desk.checks.sound_figures import tone

Clock = trio.testing.MockClock
SEED = 3


class Room:
    """Loudspeaker and microphone in one; what is played is heard `late` frames later, at
    `loudness` (0: headphones), in noise."""

    def __init__(self, *, late: int = 5, loudness: float = 0.1) -> None:
        self.played: list[bytes] = []
        self.shortest = FRAME_OCTETS
        self._air = deque([SILENCE] * late)
        self._loudness = loudness
        self._rng = np.random.default_rng(SEED)

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Room"]:
        await trio.lowlevel.checkpoint()
        yield self

    async def rest(self, rests: Callable[[], bool]) -> None:
        pass

    def stir(self) -> None:
        pass

    async def wanted(self) -> None:
        await trio.sleep(FRAME_SECONDS)

    def write(self, frame: bytes) -> None:
        self.played.append(frame)
        self._air.append(frame)

    async def read(self) -> bytes:
        await trio.sleep(FRAME_SECONDS)
        heard = np.frombuffer(self._air.popleft() if self._air else SILENCE, np.int16)
        noise = self._rng.normal(0, 30, FRAME_SAMPLES)
        return (heard * self._loudness + noise).astype(np.int16).tobytes()


class Gone:
    """No device at all."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSink]:
        await trio.lowlevel.checkpoint()
        raise AudioDeviceError("The loudspeaker ear cannot be opened: close other programs.")
        yield


class DeadMicrophone:
    """Opens, and then is gone."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        await trio.lowlevel.checkpoint()
        yield self

    async def read(self) -> bytes:
        await trio.lowlevel.checkpoint()
        raise AudioDeviceError("The microphone mic is gone: plug it in again.")


async def test_the_tone_is_played_whole_and_once(autojump_clock: Clock) -> None:
    room = Room()

    found = await check_loudspeaker(room, "ear", lambda: 0)

    assert found.verdict is Verdict.OK
    assert tuple(room.played[: len(tone())]) == tone()
    assert set(room.played[len(tone()) :]) == {SILENCE}
    assert trio.current_time() < 1.0


async def test_a_loudspeaker_that_runs_dry_is_a_warning(autojump_clock: Clock) -> None:
    found = await check_loudspeaker(Room(), "ear", lambda: 8)

    assert found.verdict is Verdict.WARNING
    assert "ran dry 8 times" in found.sentence


async def test_a_loudspeaker_that_does_not_open_is_a_problem(autojump_clock: Clock) -> None:
    found = await check_loudspeaker(Gone(), "ear", lambda: 0)

    assert found.verdict is Verdict.PROBLEM
    assert str(found) == "The loudspeaker ear cannot be opened: close other programs."


@pytest.mark.parametrize("late", [0, 40], ids=["at once", "800 ms later"])
async def test_a_tone_in_the_room_is_heard(autojump_clock: Clock, late: int) -> None:
    room = Room(late=late)

    found = await check_loudspeaker_by_ear(room, "ear", lambda: 0, room)

    assert (found.verdict, found.measured["heard"]) == (Verdict.OK, True)


async def test_with_headphones_nothing_is_heard(autojump_clock: Clock) -> None:
    room = Room(loudness=0.0)

    found = await check_loudspeaker_by_ear(room, "ear", lambda: 0, room)

    assert (found.verdict, found.measured["heard"]) == (Verdict.WARNING, False)
    assert "all is well with headphones" in found.advice


async def test_a_microphone_that_goes_away_meanwhile_ends_the_listening(
    autojump_clock: Clock,
) -> None:
    found = await check_loudspeaker_by_ear(Room(), "ear", lambda: 0, DeadMicrophone())

    assert str(found) == "The microphone mic is gone: plug it in again."
