"""Keys as the Linux kernel names them (input-event-codes.h), and which of them are held. Pure.

A key has the name of its place on a keyboard of the United States: the kernel knows no layout.
Several keyboards count as one: a key is down while it is down on any of them. evdev_keys.py reads
the devices.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import Protocol

from ptt_devices.keys import KeyCombination, KeyEvent, KeyState, Purpose

# Specification: input-event-codes.h
EV_SYN, EV_KEY, EV_REL, EV_ABS, EV_MSC = range(5)
SYN_DROPPED = 3

# Implementation
_NAMES: dict[str, tuple[str, ...]] = {
    "KEY_LEFTCTRL": ("ctrl_l",),
    "KEY_RIGHTCTRL": ("ctrl_r",),
    "KEY_LEFTALT": ("alt_l",),
    "KEY_RIGHTALT": ("alt_r", "alt_gr"),  # which of them it is, the layout says
    "KEY_LEFTSHIFT": ("shift_l",),
    "KEY_RIGHTSHIFT": ("shift_r",),
    "KEY_LEFTMETA": ("cmd_l",),
    "KEY_RIGHTMETA": ("cmd_r",),
    "KEY_CAPSLOCK": ("caps_lock",),
    "KEY_NUMLOCK": ("num_lock",),
    "KEY_SCROLLLOCK": ("scroll_lock",),
    "KEY_PAGEUP": ("page_up",),
    "KEY_PAGEDOWN": ("page_down",),
    "KEY_SYSRQ": ("print_screen",),
    "KEY_COMPOSE": ("menu",),
    "KEY_KPENTER": ("enter",),
    "KEY_NEXTSONG": ("media_next",),
    "KEY_PREVIOUSSONG": ("media_previous",),
    "KEY_PLAYPAUSE": ("media_play_pause",),
    "KEY_MUTE": ("media_volume_mute",),
    "KEY_VOLUMEDOWN": ("media_volume_down",),
    "KEY_VOLUMEUP": ("media_volume_up",),
    "KEY_MINUS": ("-",),
    "KEY_EQUAL": ("=",),
    "KEY_LEFTBRACE": ("[",),
    "KEY_RIGHTBRACE": ("]",),
    "KEY_SEMICOLON": (";",),
    "KEY_APOSTROPHE": ("'",),
    "KEY_GRAVE": ("`",),
    "KEY_BACKSLASH": ("\\",),
    "KEY_COMMA": (",",),
    "KEY_DOT": (".",),
    "KEY_SLASH": ("/",),
    "BTN_MIDDLE": ("mouse3",),
    "BTN_SIDE": ("mouse4",),
    "BTN_EXTRA": ("mouse5",),
    "BTN_BACK": ("mouse4",),  # of mice that say what their buttons are for
    "BTN_FORWARD": ("mouse5",),
    **{
        f"KEY_{name.upper()}": (name,)
        for name in (
            *("backspace", "delete", "down", "end", "enter", "esc", "home", "insert", "left"),
            *("pause", "right", "space", "tab", "up"),
            *(f"f{number}" for number in range(1, 21)),
            *"abcdefghijklmnopqrstuvwxyz0123456789",
        )
    },
}


class InputEvent(Protocol):
    """One of a device, as evdev reads it."""

    type: int
    code: int
    value: int


@dataclass(frozen=True, slots=True)
class KeyChange:
    """A key of this number went down or up."""

    code: int
    down: bool


@dataclass(frozen=True, slots=True)
class EventsLost:
    """The kernel had to drop some, so a key may have gone up unheard."""


def key_names(linux_names: Iterable[str]) -> tuple[str, ...]:
    """Ours for a key that has these names in the kernel; none if nobody can ask for it."""
    return tuple(dict.fromkeys(name for each in linux_names for name in _NAMES.get(each, ())))


def changes(events: Iterable[InputEvent]) -> list[KeyChange | EventsLost]:
    """What happened to keys; motion, repeats and lights are left out."""
    found: list[KeyChange | EventsLost] = []
    for event in events:
        if event.type == EV_KEY and event.value in (0, 1):  # 2: it repeats
            found.append(KeyChange(event.code, down=event.value == 1))
        elif (event.type, event.code) == (EV_SYN, SYN_DROPPED):
            found.append(EventsLost())
    return found


class Keyboards:
    """Turns what happens on any number of devices into presses of the keys that matter."""

    def __init__(self, wanted: Iterable[tuple[KeyCombination, Purpose]]) -> None:
        self._wanted = list(wanted)
        self._states = [KeyState(keys, purpose) for keys, purpose in self._wanted]
        self._held: dict[Hashable, set[str]] = {}  # names, by device

    @property
    def holding(self) -> list[Hashable]:
        """Devices on which a key that matters is down."""
        return [device for device, names in self._held.items() if names]

    def wants(self, names: Iterable[str]) -> bool:
        """Whether a key of one of these names matters."""
        return any(keys.mentions(name) for name in names for keys, _ in self._wanted)

    def handle_change(
        self, device: Hashable, names: tuple[str, ...], *, down: bool
    ) -> list[KeyEvent]:
        """A key of this device changed."""
        if not self.wants(names):
            return []
        held = self._held.get(device, set())
        return self._hold(device, held | set(names) if down else held - set(names))

    def handle_levels(self, device: Hashable, down: Iterable[str]) -> list[KeyEvent]:
        """Which keys of the device are down now: what is not has gone up.

        What is down but was not heard to go down stays up: nobody may be put on the air by that.
        """
        return self._hold(device, self._held.get(device, set()) & set(down))

    def lose(self, device: Hashable) -> list[KeyEvent]:
        """The device is gone, and what was held on it is up."""
        return self._hold(device, set())

    def _hold(self, device: Hashable, names: set[str]) -> list[KeyEvent]:
        before = self._down()
        self._held[device] = names
        after = self._down()
        if not names:
            del self._held[device]
        ups = [state.handle_up(key) for key in before - after for state in self._states]
        downs = [state.handle_down(key) for key in after - before for state in self._states]
        return [event for event in (*ups, *downs) if event is not None]

    def _down(self) -> set[str]:
        return set().union(*self._held.values())
