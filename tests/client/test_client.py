"""Whole clients against a pretended server, under a virtual clock."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.audio_files import Pcm, WavLoudspeaker, WavMicrophone, read_wav
from ptt.client.client import Client, open_client
from ptt.client.events import (
    ChannelJoined,
    ChannelLeft,
    Connected,
    ConnectionLost,
    Event,
    FloorDenied,
    FloorGranted,
    FloorQueued,
    FloorReleased,
    FloorRequested,
    FloorRevoked,
    MembersChanged,
    OpenMicrophone,
    TalkerChanged,
    TalkLimitNear,
    WaitingChanged,
)
from ptt.client.settings import Settings
from ptt.errors import RefusedError, ServerUnreachableError
from ptt.wire import signalling as wire
from ptt.wire.floor import FloorGranted as Grant
from ptt.wire.floor import FloorTaken
from tests.support.pretend_server import CHANNEL, PretendNetwork, PretendServer, credential
from tests.support.speech import voice

Clock = trio.testing.MockClock
QUIET = Settings(tones=frozenset())


@dataclass
class Person:
    """A client with files for a sound card, and everything that it told."""

    name: str
    client: Client
    microphone: WavMicrophone
    loudspeaker: WavLoudspeaker
    path: Path
    events: list[tuple[float, Event]]

    def saw(self, kind: type[Event]) -> list[Event]:
        return [event for _, event in self.events if isinstance(event, kind)]

    def when(self, kind: type[Event]) -> float:
        """When the first event of the kind came."""
        return next(at for at, event in self.events if isinstance(event, kind))

    def heard(self) -> Pcm:
        """Everything that was played; only after the client was closed."""
        return read_wav(self.path)


@asynccontextmanager
async def people(
    server: PretendServer, folder: Path, *names: str, settings: Settings = QUIET
) -> AsyncIterator[list[Person]]:
    """Clients of these people, joined to the channel."""
    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        found = []
        for seed, name in enumerate(names):
            path = folder / f"{name}.wav"
            microphone, loudspeaker = WavMicrophone(), WavLoudspeaker(path)
            client = await stack.enter_async_context(
                open_client(
                    credential(name),
                    microphone=microphone,
                    loudspeaker=loudspeaker,
                    settings=settings,
                    network=PretendNetwork(server),
                    rng=Random(seed),
                )
            )
            person = Person(name, client, microphone, loudspeaker, path, [])
            nursery.start_soon(note, person)
            await trio.testing.wait_all_tasks_blocked()
            await client.join(CHANNEL)
            found.append(person)
        await trio.sleep(0.1)
        yield found
        nursery.cancel_scope.cancel()


async def note(person: Person) -> None:
    async for event in person.client.events():
        person.events.append((trio.current_time(), event))


@pytest.fixture
async def server(nursery: trio.Nursery, autojump_clock: Clock) -> PretendServer:
    return PretendServer(nursery)


def likeness(said: Pcm, heard: Pcm) -> tuple[float, int]:
    """How alike (0 to 1), and where in `heard` the beginning of `said` is."""
    size = 1 << (len(said) + len(heard)).bit_length()
    a, b = said.astype(np.float64), heard.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    lag = int(np.argmax(products[: len(heard)]))
    piece = b[lag : lag + len(a)]
    return float(products[lag] / np.sqrt(np.sum(a**2) * np.sum(piece**2))), lag


async def test_what_one_says_the_other_hears(server: PretendServer, tmp_path: Path) -> None:
    said = voice(1.0)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        pressed = trio.current_time()
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(1.0)

    alike, lag = likeness(said, ben.heard())
    assert alike > 0.9
    assert ben.loudspeaker.started_at is not None
    assert lag / 48_000 + ben.loudspeaker.started_at - pressed < 0.15
    assert not np.any(anna.heard())
