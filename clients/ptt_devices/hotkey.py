"""A key that works whichever window has the focus, by pynput (X11, Windows, macOS).

pynput's thread --deque--> wake-up --> async iterator of Pressed and Released

Listens without swallowing: other programs get the key too. Not for Wayland, where a program may
not hear the keys of others; terminal_key.py is for a terminal.
"""

import os
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from types import ModuleType
from typing import Any, Self

import trio

from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, KeyState
from ptt_devices.wake_up import WakeUp

# Implementation
START_WITHIN = 5.0  # s, for the listener to hear
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
    """The key to talk, and perhaps one for emergencies."""

    def __init__(self, talk: KeyCombination, emergency: KeyCombination | None = None) -> None:
        self._combinations = [(talk, False)]
        if emergency is not None:
            self._combinations.append((emergency, True))

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[KeyEvent]]:
        """`async for event in presses`: each press and each release once, in turns.

        Raises HotkeyError if this computer does not let us hear keys, and from the iterator when
        that ends; a key that is down then was released before.
        """
        presses = _Presses(
            [KeyState(keys, emergency=emergency) for keys, emergency in self._combinations]
        )
        try:
            listeners = await self._start(presses)
            try:
                yield presses
            finally:
                for listener in listeners:
                    _stop(listener)
        finally:
            presses.close()

    async def _start(self, presses: "_Presses") -> list[Any]:
        combinations = [keys for keys, _ in self._combinations]
        listeners: list[Any] = []
        with _translated():
            if any(keys.uses_keyboard for keys in combinations):
                listeners.append(_keyboard_listener(presses))
            if any(keys.uses_mouse for keys in combinations):
                listeners.append(_mouse_listener(presses))
        for listener in listeners:
            await _until_it_hears(listener, presses.end)
        return listeners


class _Presses:
    """What was pressed, on its way from the listener's thread."""

    def __init__(self, states: list[KeyState]) -> None:
        self._states = states
        self._events: deque[KeyEvent] = deque()
        self._wake_up = WakeUp()
        self._ended = False

    def down(self, key: str) -> None:
        """On the listener's thread."""
        self._put(*(state.handle_down(key) for state in self._states))

    def up(self, key: str) -> None:
        """On the listener's thread."""
        self._put(*(state.handle_up(key) for state in self._states))

    def end(self) -> None:
        """The listener is dead: nothing stays pressed."""
        self._put(*(state.handle_end() for state in self._states))
        self._ended = True
        self._wake_up.set()

    def close(self) -> None:
        """After the listener was stopped."""
        self._wake_up.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        """Raises HotkeyError when the listener is dead."""
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._ended:
                raise HotkeyError(DEAD)
            await self._wake_up.wait()
        return self._events.popleft()

    def _put(self, *events: KeyEvent | None) -> None:
        happened = [event for event in events if event is not None]
        if happened:
            self._events.extend(happened)
            self._wake_up.set()


def _keyboard_listener(presses: _Presses) -> Any:  # noqa: ANN401  pynput has no types
    keyboard = _pynput("keyboard")

    def name(key: Any) -> str:  # noqa: ANN401
        if isinstance(key, keyboard.Key):
            return str(key.name)
        return str(key.char or "").lower() if isinstance(key, keyboard.KeyCode) else ""

    def plain(key: Any) -> str:  # noqa: ANN401
        """A letter as it is without the modifiers that are down with it."""
        return name(key) or name(listener.canonical(key))

    listener: Any = keyboard.Listener(
        on_press=lambda key: presses.down(plain(key)),
        on_release=lambda key: presses.up(plain(key)),
    )
    return listener


def _mouse_listener(presses: _Presses) -> Any:  # noqa: ANN401  pynput has no types
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
