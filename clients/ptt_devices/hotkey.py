"""A key that works whichever window has the focus, by pynput (X11, Windows, macOS).

pynput's threads --deque--> wake-up --> async iterator of KeyEvent
                 while a key is held: still_down.py, every 250 ms

Listens without swallowing: other programs get the key too. Not for Wayland, where a program may
not hear the keys of others; terminal_key.py is for a terminal.
"""

import os
import sys
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from importlib import import_module
from math import inf
from types import ModuleType
from typing import Any, Self

import trio

from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, KeyState, Purpose
from ptt_devices.still_down import KeyLevels, SystemKey, key_levels
from ptt_devices.wake_up import WakeUp

# Implementation
START_WITHIN = 5.0  # s, for the listener to hear
LOOK_EVERY = 0.25  # s between two looks whether a held key is still down
ANSWER_WITHIN = 1.0  # s that the system may take to say so
_BUTTONS = {
    "middle": "mouse3",
    "button8": "mouse4",  # X11
    "button9": "mouse5",
    "x1": "mouse4",  # Windows
    "x2": "mouse5",
}

DEAD = "The keyboard cannot be heard any more: the display is gone."


def has_display() -> bool:
    """Whether keys can be heard here while another window has the focus."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY")) and not os.environ.get("WAYLAND_DISPLAY")


class Hotkey:
    """Keys to talk, for emergencies, and to hear the last burst again; any number of each."""

    def __init__(
        self,
        talk: Iterable[KeyCombination],
        *,
        emergency: Iterable[KeyCombination] = (),
        replay: Iterable[KeyCombination] = (),
    ) -> None:
        wanted = {Purpose.TALK: talk, Purpose.EMERGENCY: emergency, Purpose.REPLAY: replay}
        self._wanted = [(keys, purpose) for purpose, each in wanted.items() for keys in each]

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[KeyEvent]]:
        """`async for event in presses`: each press and each release once, in turns for each key.

        Raises HotkeyError if this computer does not let us hear keys, and from the iterator when
        that ends; a key that is down then was released before. So was, within half a second, one
        whose release the system lost to tell, where the system can be asked.
        """
        presses = Presses(self._wanted)
        try:
            listeners = await self._start(presses)
            try:
                yield presses
            finally:
                for listener in listeners:
                    _stop(listener)
        finally:
            presses.close()

    async def _start(self, presses: "Presses") -> list[Any]:
        combinations = [keys for keys, _ in self._wanted]
        listeners: list[Any] = []
        with _translated():
            if any(keys.uses_keyboard for keys in combinations):
                listeners.append(_keyboard_listener(presses))
            if any(keys.uses_mouse for keys in combinations):
                listeners.append(_mouse_listener(presses))
        for listener in listeners:
            await _until_it_hears(listener, presses.end)
        return listeners


class Presses:
    """What was pressed, on its way from the listeners' threads; asks for ups that were lost.

    levels: makes what is asked.
    """

    def __init__(
        self,
        wanted: Iterable[tuple[KeyCombination, Purpose]],
        levels: Callable[[], KeyLevels] = key_levels,
    ) -> None:
        pairs = list(wanted)
        self._combinations = [keys for keys, _ in pairs]
        self._states = [KeyState(keys, purpose) for keys, purpose in pairs]
        self._events: deque[KeyEvent] = deque()
        self._wake_up = WakeUp()
        self._clock = trio.lowlevel.current_clock()
        self._guard = threading.Lock()  # keyboard and mouse have a thread each
        self._held: dict[SystemKey, int] = {}  # to the number of its down
        self._downs = 0
        self._look_at = inf
        self._ended = False
        self._inquiry = _Inquiry(levels)

    def down(self, key: str, code: int | None = None) -> None:
        """On a listener's thread; `code` as SystemKey's."""
        with self._guard:
            if any(keys.mentions(key) for keys in self._combinations):
                self._hold(SystemKey(key, code))
            self._put(*(state.handle_down(key) for state in self._states))

    def up(self, key: str) -> None:
        """On a listener's thread."""
        with self._guard:
            self._up(key)

    def end(self) -> None:
        """A listener is dead: nothing stays pressed."""
        with self._guard:
            self._put(*(state.handle_end() for state in self._states))
            self._held.clear()
            self._ended = True
            self._wake_up.set()

    def close(self) -> None:
        """After the listeners were stopped."""
        self._wake_up.close()
        self._inquiry.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        """Raises HotkeyError when a listener is dead."""
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._ended:
                raise HotkeyError(DEAD)
            with trio.move_on_at(self._next_look()) as waited:
                await self._wake_up.wait()
            if waited.cancelled_caught:
                await self._look()
        return self._events.popleft()

    def _next_look(self) -> float:
        if not self._held:
            self._look_at = inf
        elif self._look_at == inf:
            self._look_at = trio.current_time() + LOOK_EVERY
        return self._look_at

    async def _look(self) -> None:
        """Take for up what the system says is up, unless it went down since it was asked."""
        self._look_at = inf
        with self._guard:
            asked = dict(self._held)
        levels = await self._inquiry.ask(list(asked))
        with self._guard:
            for key, down in levels.items():
                if not down and self._held.get(key) == asked[key]:
                    self._up(key.name)

    def _hold(self, key: SystemKey) -> None:
        self._downs += 1
        fresh = key not in self._held
        self._held[key] = self._downs
        if fresh:
            self._wake_up.set()  # to look after it

    def _up(self, key: str) -> None:
        self._held = {held: at for held, at in self._held.items() if held.name != key}
        self._put(*(state.handle_up(key) for state in self._states))

    def _put(self, *events: KeyEvent | None) -> None:
        now = self._clock.current_time()
        happened = [replace(event, at=now) for event in events if event is not None]
        if happened:
            self._events.extend(happened)
            self._wake_up.set()


class _Inquiry:
    """Asks which keys are down, in a thread; a system that cannot say is not asked again."""

    def __init__(self, levels: Callable[[], KeyLevels]) -> None:
        self._make = levels
        self._levels: KeyLevels | None = None
        self._busy = False  # a thread waits for the answer
        self._over = False

    async def ask(self, keys: list[SystemKey]) -> dict[SystemKey, bool]:
        """Those of which it is known, and whether they are down."""
        if self._busy or self._over:
            return {}
        self._busy = True
        with trio.move_on_after(ANSWER_WITHIN):
            return await trio.to_thread.run_sync(self._ask, keys, abandon_on_cancel=True)
        return {}

    def close(self) -> None:
        """After this nothing is asked."""
        self._over = True
        if self._levels is not None and not self._busy:
            with suppress(Exception):  # its display may be gone
                self._levels.close()

    def _ask(self, keys: list[SystemKey]) -> dict[SystemKey, bool]:
        try:
            if self._levels is None:
                self._levels = self._make()
            return self._levels.is_down(keys)
        except Exception:  # a library's or the system's, of any kind
            self._over = True
            return {}
        finally:
            self._busy = False


def _keyboard_listener(presses: Presses) -> Any:  # noqa: ANN401  pynput has no types
    keyboard = _pynput("keyboard")

    def name(key: Any) -> str:  # noqa: ANN401
        if isinstance(key, keyboard.Key):
            return str(key.name)
        return str(key.char or "").lower() if isinstance(key, keyboard.KeyCode) else ""

    def plain(key: Any) -> str:  # noqa: ANN401
        """A letter as it is without the modifiers that are down with it."""
        return name(key) or name(listener.canonical(key))

    def code(key: Any) -> int | None:  # noqa: ANN401
        return getattr(getattr(key, "value", key), "vk", None)

    listener: Any = keyboard.Listener(
        on_press=lambda key: presses.down(plain(key), code(key)),
        on_release=lambda key: presses.up(plain(key)),
    )
    return listener


def _mouse_listener(presses: Presses) -> Any:  # noqa: ANN401  pynput has no types
    def click(x: int, y: int, button: Any, down: bool) -> None:  # noqa: ANN401
        del x, y
        key = _BUTTONS.get(button.name, "")
        (presses.down if down else presses.up)(key)

    return _pynput("mouse").Listener(on_click=click)


async def _until_it_hears(listener: Any, ended: Callable[[], None]) -> None:  # noqa: ANN401
    listener.run = _ending_quietly(listener.run, ended)
    listener.start()
    with trio.move_on_after(START_WITHIN) as waited:
        await trio.to_thread.run_sync(listener.wait, abandon_on_cancel=True)
    if waited.cancelled_caught:
        _stop(listener)
        raise HotkeyError("This computer does not let programs hear keys: use the space bar here.")


def _ending_quietly(run: Callable[[], None], ended: Callable[[], None]) -> Callable[[], None]:
    """`run` for a thread; when the display goes away, what exactly it said is of no use."""

    def until_it_ends() -> None:
        with suppress(Exception):
            run()
        ended()

    return until_it_ends


def _stop(listener: Any) -> None:  # noqa: ANN401  pynput has no types
    with suppress(Exception):  # its display may be gone
        listener.stop()


def _pynput(part: str) -> ModuleType:
    return import_module(f"pynput.{part}")


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        raise HotkeyError(
            "A key for all windows needs pynput: install it with pip install 'ptt[hotkey]'."
        ) from error
    except ImportError as error:
        raise HotkeyError(
            "There is no display whose keys can be heard: leave out --key to use the space bar."
        ) from error
