"""Remembers everything that happened to one client, and when."""

from typing import TypeVar

import trio

from ptt.client.client import Client
from ptt.client.events import Event, TalkerChanged

STUCK = 10.0  # s, longer than any wait in a healthy conversation

E = TypeVar("E", bound=Event)


class Witness:
    """`seen`: (Trio's time, event), oldest first."""

    def __init__(self, client: Client) -> None:
        self._stream = client.events()
        self._more = trio.Event()
        self.seen: list[tuple[float, Event]] = []

    async def watch(self) -> None:
        """Listen until the client ends."""
        async for event in self._stream:
            self.seen.append((trio.current_time(), event))
            self._more.set()
            self._more = trio.Event()

    def now(self) -> int:
        """A place in the story, for `after`."""
        return len(self.seen)

    async def saw(self, *kinds: type[E], after: int = 0) -> tuple[float, E]:
        """The first event of one of these kinds since `after`, and when it came."""
        with trio.fail_after(STUCK):
            while True:
                for at, event in self.seen[after:]:
                    if isinstance(event, kinds):
                        return at, event
                await self._more.wait()

    async def saw_talker(self, name: str | None, *, after: int = 0) -> float:
        """When this one (None: nobody) became the talker, since `after`."""
        with trio.fail_after(STUCK):
            while True:
                for at, event in self.seen[after:]:
                    if isinstance(event, TalkerChanged) and event.talker == name:
                        return at
                await self._more.wait()
