"""Which ways there are here to hear a key while another window has the focus, and which is best.

    x11, windows or macos: hotkey.py    portal: portal.py    evdev: evdev_keys.py
    terminal: terminal_key.py           command: the desktop runs `ptt press` and `ptt release`

In this order of preference. Each way is tried, not guessed, except that nobody is asked anything.
"""

import ctypes
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Self

import trio

from ptt_devices.evdev_keys import EvdevKeys
from ptt_devices.hotkey import Hotkey, has_display
from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, Purpose
from ptt_devices.terminal_key import TerminalKey

# Implementation
AUTO = "auto"
PORTAL, EVDEV, TERMINAL, COMMAND = "portal", "evdev", "terminal", "command"
_NATIVE = {"win32": "windows", "darwin": "macos"}  # else x11
_DEFAULT_TALK = (KeyCombination(("ctrl_r",)),)

WAYLAND = (
    "Wayland lets no program hear the keys of other windows by X11: "
    "take the way portal, evdev or command."
)
NO_DISPLAY = (
    "There is no display whose keys could be heard: log in to a desktop or use the terminal."
)
NOT_TRUSTED = (
    "macOS keeps keys from this program: allow your terminal under Input Monitoring and under "
    "Accessibility in System Settings > Privacy & Security, then start it again."
)
NO_JEEPNEY = "The desktop is asked by jeepney: install it with pip install 'ptt[hotkey]'."
NO_TERMINAL = "There is no terminal to type in: start ptt in one."


@dataclass(frozen=True, slots=True)
class Way:
    """One way to hear keys.

    name: as in preferences; sentence: what is heard by it, or why it does not work and what to do.
    """

    name: str
    usable: bool
    sentence: str


def native_way(platform: str = sys.platform) -> str:
    """The name of pynput's way on this system."""
    return _NATIVE.get(platform, "x11")


async def ways(
    talk: Iterable[KeyCombination] = _DEFAULT_TALK, platform: str = sys.platform
) -> list[Way]:
    """All that this system could have, the best first, each with how it is here."""
    talk = tuple(talk)
    found = [await _tried(native_way(platform), _try_native(talk, platform))]
    if native_way(platform) == "x11":
        found.append(await _tried(PORTAL, _try_portal()))
        found.append(await _tried(EVDEV, _try_evdev(talk)))
    return [*found, _terminal(), Way(COMMAND, True, command_hint())]


def best_way(found: Sequence[Way], wanted: str = AUTO) -> Way:
    """The first that is usable, or the wanted one. Raises HotkeyError with what to do."""
    if wanted == AUTO:
        return next(way for way in found if way.usable)  # the command always is
    way = next((way for way in found if way.name == wanted), None)
    if way is None:
        names = ", ".join(each.name for each in found)
        raise HotkeyError(f"There is no way {wanted!r} to hear a key here: take one of {names}.")
    if not way.usable:
        raise HotkeyError(way.sentence)
    return way


def open_way(
    name: str,
    talk: Iterable[KeyCombination],
    *,
    emergency: Iterable[KeyCombination] = (),
    replay: Iterable[KeyCombination] = (),
    tell: Callable[[Mapping[Purpose, str]], None] | None = None,
) -> AbstractAsyncContextManager[AsyncIterator[KeyEvent]]:
    """`async with open_way(...) as presses`, as Hotkey.listen; which keys, only some ways heed.

    tell: as PortalKeys's; the other ways do not call it. Raises HotkeyError when entered.
    """
    match name:
        case "portal":
            return _portal(talk, emergency, replay, tell)
        case "evdev":
            return EvdevKeys(talk, emergency=emergency, replay=replay).listen()
        case "terminal":
            return TerminalKey().listen()
        case "command":
            return _silence()
        case _:
            return Hotkey(talk, emergency=emergency, replay=replay).listen()


def command_hint(desktop: str | None = None) -> str:
    """What to enter in the settings of this desktop, by name or by XDG_CURRENT_DESKTOP."""
    name = (os.environ.get("XDG_CURRENT_DESKTOP", "") if desktop is None else desktop).lower()
    if "hyprland" in name:
        lines = "`bind = , Pause, exec, ptt press` and `bindr = , Pause, exec, ptt release`"
        return f"Any key of the desktop can talk: put {lines} into hyprland.conf."
    if "sway" in name or "i3" in name:
        down = "`bindsym --no-repeat Pause exec ptt press`"
        down = down if "sway" in name else "`bindsym Pause exec ptt press`"
        up = "`bindsym --release Pause exec ptt release`"
        return f"Any key of the desktop can talk: put {down} and {up} into its configuration."
    return (
        "Any key of the desktop can talk: in its shortcut settings, bind `ptt toggle` to one "
        "(or `ptt press` and `ptt release`, where it tells key-down from key-up)."
    )


async def _tried(name: str, attempt: Awaitable[str]) -> Way:
    try:
        return Way(name, True, await attempt)
    except HotkeyError as error:
        return Way(name, False, str(error))


async def _try_native(talk: tuple[KeyCombination, ...], platform: str) -> str:
    if platform == "darwin" and not _trusted_by_macos():
        raise HotkeyError(NOT_TRUSTED)
    if not has_display():
        raise HotkeyError(WAYLAND if os.environ.get("WAYLAND_DISPLAY") else NO_DISPLAY)
    async with Hotkey(talk).listen():
        return "Keys are heard while any window has the focus."


async def _try_portal() -> str:
    try:
        from ptt_devices.portal import portal_version
    except ImportError as error:
        raise HotkeyError(NO_JEEPNEY) from error
    version = await portal_version()
    return f"The desktop gives a key and asks which (global shortcuts, version {version})."


async def _try_evdev(talk: tuple[KeyCombination, ...]) -> str:
    async with EvdevKeys(talk).listen():
        return "Keys are heard from /dev/input, whatever the desktop does."


def _terminal() -> Way:
    if TerminalKey().usable:
        return Way(TERMINAL, True, "The space bar talks while this terminal has the focus.")
    return Way(TERMINAL, False, NO_TERMINAL)


@asynccontextmanager
async def _portal(
    talk: Iterable[KeyCombination],
    emergency: Iterable[KeyCombination],
    replay: Iterable[KeyCombination],
    tell: Callable[[Mapping[Purpose, str]], None] | None,
) -> AsyncIterator[AsyncIterator[KeyEvent]]:
    try:
        from ptt_devices.portal import PortalKeys
    except ImportError as error:
        raise HotkeyError(NO_JEEPNEY) from error
    keys = PortalKeys(talk, emergency=emergency, replay=replay, tell=tell)
    async with keys.listen() as presses:
        yield presses


@asynccontextmanager
async def _silence() -> AsyncIterator[AsyncIterator[KeyEvent]]:
    """Presses come from elsewhere: the local socket."""
    yield _Silence()


class _Silence:
    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        await trio.sleep_forever()


def _trusted_by_macos() -> bool:
    """Either permission is enough to listen: Accessibility, or (since 10.15) Input Monitoring.

    Without one, macOS tells no error: nothing is heard.
    """
    graphics = ctypes.CDLL("/System/Library/Frameworks/CoreGraphics.framework/CoreGraphics")
    may_listen = graphics.CGPreflightListenEventAccess
    may_listen.restype = ctypes.c_bool
    return bool(may_listen() or import_module("HIServices").AXIsProcessTrusted())
