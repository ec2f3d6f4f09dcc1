"""Runs all sources of key events against one client: keys, buttons, pedals, commands.

    source --KeyEvent--> TalkSwitch --Press, Release--> Client
    source ------------>    ^                             |
                            +------- events of the floor -+

A source that fails is told and counts as released; the others go on. Which sources there are is
for whoever calls. Decides nothing: see talk_switch.py.
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

import trio

from ptt.client import events
from ptt.client.event_stream import EventStream
from ptt.client.events import Event
from ptt.client.groups import lone_errors
from ptt.errors import PttError, RefusedError
from ptt_desk.talk_switch import Order, Position, Press, TalkSwitch
from ptt_devices.keys import KeyEvent, Pressed, Released, ReplayPressed, Tapped

# Implementation
_CONNECTION_LOST = "connection-lost"  # FloorRevoked.cause; the client asks again by itself


class Talkable(Protocol):
    """What is needed of a Client; `replay(channel)` is called if there is one."""

    def press(self, name: str, *, emergency: bool = False) -> None:
        """As Client.press."""
        ...

    def release(self) -> None:
        """As Client.release."""
        ...

    def events(self) -> EventStream:
        """As Client.events."""
        ...


@dataclass(frozen=True, slots=True)
class Source:
    """Something with keys; the keys of different sources are different keys.

    ends_all: when it ends in good order, so does `Presses.run`, as with `q` in a terminal.
    """

    name: str
    events: AsyncIterator[KeyEvent]
    ends_all: bool = False


def _tell_nobody(sentence: str) -> None:
    del sentence


@dataclass
class Presses:
    """The keys of one client in one channel.

    tell: is given a sentence when a source fails. before_press: called before each press.
    """

    client: Talkable
    channel: str
    switch: TalkSwitch = field(default_factory=TalkSwitch)
    tell: Callable[[str], None] = _tell_nobody
    before_press: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self._events = self.client.events()
        self._moved = trio.Event()
        self._released = False  # a FloorReleased that comes answers our own release

    @property
    def wanted(self) -> bool:
        """Whether the keys want the microphone now."""
        return self.switch.wanted

    @property
    def latched(self) -> bool:
        """Whether a tap left the microphone on."""
        return self.switch.position is Position.LATCHED

    def change_channel(self, channel: str) -> None:
        """Talk there from the next press on; a burst in the former channel ends."""
        self._obey(self.switch.ended(trio.current_time()))
        self.channel = channel

    async def run(self, sources: Iterable[Source]) -> None:
        """Until every source has ended, or one that ends all; nothing is pressed afterwards.

        Raises the error of the source that failed last when none is left.
        """
        try:
            with lone_errors():
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._follow_floor)
                    nursery.start_soon(self._keep_time)
                    await self._listen_to_all(sources)
                    nursery.cancel_scope.cancel()
        finally:
            self._obey(self.switch.ended(trio.current_time()))

    async def _listen_to_all(self, sources: Iterable[Source]) -> None:
        errors: list[PttError] = []
        good = False
        async with trio.open_nursery() as nursery:

            async def listen(source: Source) -> None:
                nonlocal good
                try:
                    await self._listen(source)
                    good = True
                except PttError as error:
                    errors.append(error)
                    self.tell(str(error))
                    return
                if source.ends_all:
                    nursery.cancel_scope.cancel()

            for source in sources:
                nursery.start_soon(listen, source)
        if errors and not good:
            raise errors[-1]

    async def _listen(self, source: Source) -> None:
        seen: set[str] = set()
        try:
            async for event in source.events:
                key = f"{source.name}/{event.key}"
                seen.add(key)
                self._handle_key(key, event)
        finally:
            for key in seen:
                self._obey(self.switch.lose(key, trio.current_time()))

    def _handle_key(self, key: str, event: KeyEvent) -> None:
        now = event.at if event.at is not None else trio.current_time()
        match event:
            case Pressed(emergency=emergency, latches=latches):
                self._obey(self.switch.press(key, now, emergency, latches=latches))
            case Released():
                self._obey(self.switch.release(key, now))
            case Tapped(emergency=emergency):
                self._obey(self.switch.tap(key, now, emergency))
            case ReplayPressed():
                replay(self.client, self.channel)

    async def _keep_time(self) -> None:
        while True:
            self._moved = trio.Event()
            with trio.move_on_at(self.switch.deadline) as waited:
                await self._moved.wait()
            if waited.cancelled_caught:
                self._obey(self.switch.handle_deadline(trio.current_time()))

    async def _follow_floor(self) -> None:
        async for event in self._events:
            if getattr(event, "channel", None) == self.channel:
                self._handle_floor(event)

    def _handle_floor(self, event: Event) -> None:
        now = trio.current_time()
        match event:
            case events.FloorRequested() | events.FloorGranted() | events.OpenMicrophone():
                self._released = False
            case events.FloorRevoked(cause=cause) if cause == _CONNECTION_LOST:
                self._obey(self.switch.interrupted(now))
            case events.FloorDenied() | events.FloorRevoked():
                self._obey(self.switch.ended(now))
            case events.FloorReleased() if self._released:
                self._released = False
            case events.FloorReleased():  # nobody spoke, or the microphone is gone
                self._obey(self.switch.ended(now))
            case _:
                pass

    def _obey(self, orders: list[Order]) -> None:
        for order in orders:
            if isinstance(order, Press):
                self._press(order)
            else:
                self._released = True
                self.client.release()
        self._moved.set()

    def _press(self, order: Press) -> None:
        self.before_press()
        try:
            self.client.press(self.channel, emergency=order.emergency)
        except RefusedError:  # not in the channel: an event says so, or will
            self._obey(self.switch.ended(trio.current_time()))


def replay(client: Talkable, channel: str) -> bool:
    """Play the last burst of this channel once more; False if there is none."""
    play = getattr(client, "replay", None)
    with suppress(RefusedError):
        return bool(play(channel)) if play is not None else False
    return False
