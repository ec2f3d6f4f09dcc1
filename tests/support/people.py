"""Whole clients against a pretended server: people with files or rooms for sound cards."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import trio
import trio.testing

from ptt.client.audio_files import Pcm, WavLoudspeaker, WavMicrophone, read_wav
from ptt.client.audio_ports import AudioSource, Microphone
from ptt.client.client import Client, open_client
from ptt.client.events import Event
from ptt.client.groups import lone_errors
from ptt.client.settings import Settings
from ptt.errors import AudioDeviceError
from tests.support.pretend_server import CHANNEL, PretendNetwork, PretendServer, credential
from tests.support.room import Room

QUIET = Settings(tones=frozenset())


class NoMicrophone:
    """A machine without one."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        await trio.lowlevel.checkpoint()
        raise AudioDeviceError("There is no microphone.")
        yield


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
    server: PretendServer,
    folder: Path,
    *names: str,
    settings: Settings = QUIET,
    microphone: Microphone | None = None,
    rooms: Mapping[str, Room] | None = None,
) -> AsyncIterator[list[Person]]:
    """Clients of these people, joined to the channel; some of them sit in rooms."""
    with lone_errors():
        async with _at_their_desks(
            server, folder, names, settings, microphone, rooms or {}
        ) as found:
            yield found


@asynccontextmanager
async def _at_their_desks(
    server: PretendServer,
    folder: Path,
    names: tuple[str, ...],
    settings: Settings,
    given: Microphone | None,
    rooms: Mapping[str, Room],
) -> AsyncIterator[list[Person]]:
    async with trio.open_nursery() as nursery, AsyncExitStack() as stack:
        found = []
        for seed, name in enumerate(names):
            path = folder / f"{name}.wav"
            room = rooms.get(name)
            microphone = room.microphone if room else WavMicrophone()
            loudspeaker = WavLoudspeaker(path)
            client = await stack.enter_async_context(
                open_client(
                    credential(name),
                    microphone=given or microphone,
                    loudspeaker=room.loudspeaker(loudspeaker) if room else loudspeaker,
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
