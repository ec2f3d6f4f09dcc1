"""The keys that talk: the window's own button, and keys that are heard in every window.

The latter may become others while the window runs: what was down then counts as up.
"""

from collections.abc import Callable, Iterable
from math import inf
from typing import Self

import trio

from ptt_desk.preferences import Keys
from ptt_devices.hotkey import has_display
from ptt_devices.key_ways import AUTO, COMMAND, TERMINAL, best_way, native_way, open_way, ways
from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, Pressed, Released

# Implementation
BUTTON, CUT_OFF = "button", "button that was cut off"


class WindowKey:
    """The talk button: `press` and `release` from Trio's side, KeyEvents for Presses."""

    def __init__(self) -> None:
        self._put, self._take = trio.open_memory_channel[KeyEvent](inf)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        return await self._take.receive()

    def press(self) -> None:
        """It went down."""
        self._put.send_nowait(Pressed(key=BUTTON))

    def release(self, *, by_hand: bool) -> None:
        """It came up; not `by_hand` if the window lost sight of the hand: then it was no tap."""
        if not by_hand:
            self._put.send_nowait(Pressed(key=CUT_OFF, latches=False))
            self._put.send_nowait(Released(key=CUT_OFF))
        self._put.send_nowait(Released(key=BUTTON))


class GlobalKeys:
    """Keys of the preferences, wherever the focus is. `tell` gets why they are not heard.

    `trial`: who gets them instead while the person tries them out, so that nobody is talked to.
    `way`: by which they are heard, "" for none.
    """

    def __init__(self, keys: Keys, tell: Callable[[str], None]) -> None:
        self._keys = keys
        self._tell = tell
        self.trial: Callable[[KeyEvent], None] | None = None
        self.way = ""
        self._changed = trio.Event()
        self._down: dict[str, KeyEvent] = {}
        self._put, self._take = trio.open_memory_channel[KeyEvent](inf)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        return await self._take.receive()

    def use(self, keys: Keys) -> None:
        """From now on these."""
        if keys != self._keys:
            self._keys = keys
            self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self._changed = trio.Event()
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._listen, self._keys)
                await self._changed.wait()
                nursery.cancel_scope.cancel()

    async def _listen(self, keys: Keys) -> None:
        try:
            await self._pass_on(keys)
        except HotkeyError as error:
            self._tell(str(error))
        finally:
            self.way = ""
            self._let_go()

    async def _pass_on(self, keys: Keys) -> None:
        talk = _combinations(keys.talk)
        way = await _way(talk, keys.way)
        if way in (TERMINAL, COMMAND):
            return  # the button and `ptt press` remain
        self.way = way
        urgent, replay = _combinations([keys.emergency]), _combinations([keys.replay])
        async with open_way(way, talk, emergency=urgent, replay=replay) as presses:
            async for event in presses:
                if self.trial is not None:
                    self.trial(event)
                    continue
                self._note(event)
                self._put.send_nowait(event)

    def _note(self, event: KeyEvent) -> None:
        if isinstance(event, Pressed):
            self._down[event.key] = Released(event.emergency, event.key)
        elif isinstance(event, Released):
            self._down.pop(event.key, None)

    def _let_go(self) -> None:
        for event in self._down.values():
            self._put.send_nowait(event)
        self._down.clear()


async def _way(talk: list[KeyCombination], wanted: str) -> str:
    if wanted == AUTO and has_display():
        return native_way()  # the others need not be tried
    return best_way(await ways(talk), wanted).name


def _combinations(names: Iterable[str]) -> list[KeyCombination]:
    return [KeyCombination.parse(name) for name in names if name]
