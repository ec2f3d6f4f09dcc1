"""Asks the system which keys are down at this moment, in case it lost to say that one went up.

    X11: XQueryKeymap, XIQueryDevice   Windows: GetAsyncKeyState   macOS: CGEventSourceKeyState

A release is lost when the screen is locked, the terminal switched or the machine suspended while
a key is held. Keys are numbered as pynput numbers them: by keysym on X11, else by the system's
virtual key code. Blocking, for a thread. Does not listen: see hotkey.py.
"""

import ctypes
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

# Specification
_MASTER_POINTER = 1  # XIMasterPointer, XI2proto.txt
_BUTTON_CLASS = 1  # XIButtonClass, XI2proto.txt
_HID_SYSTEM_STATE = 1  # kCGEventSourceStateHIDSystemState, CGEventTypes.h
_DOWN_NOW = 0x8000  # GetAsyncKeyState: the most significant bit
_X11_BUTTONS = {"mouse3": 2, "mouse4": 8, "mouse5": 9}
_WINDOWS_BUTTONS = {"mouse3": 0x04, "mouse4": 0x05, "mouse5": 0x06}  # VK_MBUTTON, VK_XBUTTON1, 2
_MACOS_BUTTONS = {"mouse3": 2, "mouse4": 3, "mouse5": 4}


@dataclass(frozen=True, slots=True)
class SystemKey:
    """A key as the listener told it: our name, and the system's number if it has one."""

    name: str
    code: int | None = None


class KeyLevels(Protocol):
    """Knows which keys are down. Any exception means that nobody can say any more."""

    def is_down(self, keys: Iterable[SystemKey]) -> dict[SystemKey, bool]:
        """For each key of which the system knows it, whether it is down now."""
        ...

    def close(self) -> None:
        """Ask no more."""
        ...


def key_levels() -> KeyLevels:
    """What this system offers. Raises if it offers nothing."""
    if sys.platform == "win32":
        return WindowsLevels(ctypes.windll.user32.GetAsyncKeyState)
    if sys.platform == "darwin":
        return MacLevels()
    return X11Levels()


class X11Levels:
    """A connection of its own to the display, since one connection serves one thread at a time."""

    def __init__(self) -> None:
        self._display: Any = import_module("Xlib.display").Display()  # has no types
        self._masters: int = import_module("Xlib.ext.xinput").AllMasterDevices

    def is_down(self, keys: Iterable[SystemKey]) -> dict[SystemKey, bool]:
        """As KeyLevels.is_down."""
        wanted = list(keys)
        levels = self._keyboard([key for key in wanted if key.name not in _X11_BUTTONS])
        buttons = [key for key in wanted if key.name in _X11_BUTTONS]
        return {**levels, **self._mouse(buttons)} if buttons else levels

    def close(self) -> None:
        """As KeyLevels.close."""
        self._display.close()

    def _keyboard(self, keys: list[SystemKey]) -> dict[SystemKey, bool]:
        keymap: list[int] = self._display.query_keymap() if keys else []
        found = {key: self._keycodes(key) for key in keys}
        return {
            key: any(keymap[code // 8] >> (code % 8) & 1 for code in codes)
            for key, codes in found.items()
            if codes
        }

    def _keycodes(self, key: SystemKey) -> list[int]:
        """Those that make this keysym in any layout and with any modifier."""
        if key.code is None:
            return []
        return [code for code, _ in self._display.keysym_to_keycodes(key.code)]

    def _mouse(self, buttons: list[SystemKey]) -> dict[SystemKey, bool]:
        """By the input extension: the core protocol knows of five buttons only."""
        if not self._display.has_extension("XInputExtension"):
            return {}
        self._display.xinput_query_version()
        down = 0
        for device in self._display.xinput_query_device(self._masters).devices:
            if device.use == _MASTER_POINTER:
                for part in device.classes:
                    down |= _mask(part.state) if part.type == _BUTTON_CLASS else 0
        return {key: bool(down >> (_X11_BUTTONS[key.name] - 1) & 1) for key in buttons}


def _mask(state: Any) -> int:  # noqa: ANN401  python-xlib has no types
    """The bits of a ButtonMask, whose item is the bit in its place; button 1 is bit 0."""
    return sum(int(state[index]) for index in range(len(state)))


class WindowsLevels:
    """`ask`: GetAsyncKeyState, which knows mouse buttons as well."""

    def __init__(self, ask: Any) -> None:  # noqa: ANN401  a function of a library
        self._ask = ask

    def is_down(self, keys: Iterable[SystemKey]) -> dict[SystemKey, bool]:
        """As KeyLevels.is_down."""
        codes = {key: _WINDOWS_BUTTONS.get(key.name, key.code) for key in keys}
        return {
            key: bool(self._ask(code) & _DOWN_NOW)
            for key, code in codes.items()
            if code is not None
        }

    def close(self) -> None:
        """Nothing was opened."""


class MacLevels:
    """CGEventSourceKeyState and CGEventSourceButtonState; a C bool comes back."""

    def __init__(self, library: Any = None) -> None:  # noqa: ANN401  a library
        path = "/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics"
        library = library or ctypes.CDLL(path)
        self._key, self._button = library.CGEventSourceKeyState, library.CGEventSourceButtonState
        self._key.restype = self._button.restype = ctypes.c_bool
        self._key.argtypes = [ctypes.c_int32, ctypes.c_uint16]
        self._button.argtypes = [ctypes.c_int32, ctypes.c_uint32]

    def is_down(self, keys: Iterable[SystemKey]) -> dict[SystemKey, bool]:
        """As KeyLevels.is_down."""
        levels: dict[SystemKey, bool] = {}
        for key in keys:
            if key.name in _MACOS_BUTTONS:
                levels[key] = self._button(_HID_SYSTEM_STATE, _MACOS_BUTTONS[key.name])
            elif key.code is not None:
                levels[key] = self._key(_HID_SYSTEM_STATE, key.code)
        return levels

    def close(self) -> None:
        """Nothing was opened."""
