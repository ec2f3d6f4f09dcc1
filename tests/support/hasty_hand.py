"""A hand on an X display that is as fast as the display: one connection, the XTEST extension.

xdotool starts a program for each key; a thousand keys want this. Also a window that has the
focus and writes down what is typed into it, as an editor would.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import Any

import pytest


class HastyHand:
    """Keys by their X name, such as F9 or Control_R, buttons by number."""

    def __init__(self, display: Any) -> None:  # noqa: ANN401  python-xlib has no types
        self._display = display
        self._xtest = import_module("Xlib.ext.xtest")
        self._x = import_module("Xlib.X")
        self._xk = import_module("Xlib.XK")

    def key(self, name: str, *, down: bool) -> None:
        """Press or let go; nothing but that key moves."""
        kind = self._x.KeyPress if down else self._x.KeyRelease
        self._xtest.fake_input(self._display, kind, self._code(name))
        self._display.sync()

    def button(self, number: int, *, down: bool) -> None:
        kind = self._x.ButtonPress if down else self._x.ButtonRelease
        self._xtest.fake_input(self._display, kind, number)
        self._display.sync()

    def open_editor(self) -> "Editor":
        """A window, with the focus."""
        return Editor(self._display)

    def _code(self, name: str) -> int:
        code: int = self._display.keysym_to_keycode(self._xk.string_to_keysym(name))
        assert code, f"the keyboard has no {name}"
        return code


class Editor:
    """Another program's window: it has the focus, and gets what is typed."""

    def __init__(self, display: Any) -> None:  # noqa: ANN401  python-xlib has no types
        self._display = display
        self._x = import_module("Xlib.X")
        screen = display.screen()
        self._window = screen.root.create_window(
            0, 0, 200, 100, 0, screen.root_depth, event_mask=self._x.KeyPressMask
        )
        self._window.map()
        display.sync()
        self._window.set_input_focus(self._x.RevertToParent, self._x.CurrentTime)
        display.sync()

    @property
    def has_focus(self) -> bool:
        return bool(self._display.get_input_focus().focus.id == self._window.id)

    def typed(self) -> str:
        """The letters that came since the last look."""
        self._display.sync()
        letters = ""
        while self._display.pending_events():
            event = self._display.next_event()
            if event.type == self._x.KeyPress:
                letters += chr(self._display.keycode_to_keysym(event.detail, 0) & 0xFF)
        return letters


@contextmanager
def hasty_hand(display_name: str) -> Iterator[HastyHand]:
    """Skips the test where python-xlib is not installed."""
    display = pytest.importorskip("Xlib.display").Display(display_name)
    try:
        yield HastyHand(display)
    finally:
        with suppress(Exception):  # the display may have been ended by the test
            display.close()
