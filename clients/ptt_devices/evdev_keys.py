"""Keys as the Linux kernel reports them, whatever the desktop allows, by evdev.

    /dev/input/event* --> epoll --> changes of keys --> linux_keys.Keyboards --> KeyEvent
    every 2 s: new devices; while a key is held, every 250 ms: is it still down?

Keyboards, mice, and foot pedals, which are keyboards. Needs permission to read the devices. No
task of its own: whoever iterates reads. Does not swallow: other programs get the key too.
"""

import os
import select
import sys
from array import array
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol, Self

import trio

from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, Purpose
from ptt_devices.linux_keys import (
    EV_ABS,
    EV_KEY,
    EV_MSC,
    EV_REL,
    EventsLost,
    InputEvent,
    Keyboards,
    changes,
    key_names,
)

# Specification
_EVIOCSMASK = 0x40104593  # input.h: _IOW('E', 0x93, struct input_mask), of 16 octets

# Implementation
FOLDER = Path("/dev/input")
NEW_DEVICES_EVERY = 2.0  # s
LOOK_EVERY = 0.25  # s between two looks whether a held key is still down

NO_PERMISSION = (
    "Keys of /dev/input may not be read: add yourself to the group by "
    "`sudo usermod -aG input $USER` and log in again; all your programs can read keys then."
)
NO_DEVICES = "There is no keyboard in /dev/input with the keys to talk: plug one in and try again."
NO_EVDEV = "Keys of /dev/input are read by evdev: install it with pip install 'ptt[hotkey]'."


class Node(NamedTuple):
    """A file of a device; a device plugged in anew has another inode."""

    path: str
    inode: int


class InputDevice(Protocol):
    """A keyboard, a mouse, a pedal. OSError from any method: it is gone."""

    def fileno(self) -> int:
        """Readable if there are events."""
        ...

    def all_keys(self) -> list[int]:
        """The numbers of all its keys."""
        ...

    def read(self) -> Iterable[InputEvent]:
        """Those that wait. Raises BlockingIOError if there are none."""
        ...

    def active_keys(self) -> list[int]:
        """The numbers of those that are down now."""
        ...

    def close(self) -> None:
        """Give back the descriptor."""
        ...


class InputDevices(Protocol):
    """The devices of this computer."""

    def present(self) -> set[Node]:
        """Those that are plugged in now."""
        ...

    def open(self, path: str) -> InputDevice:
        """Raises OSError, PermissionError among them."""
        ...

    def names(self, code: int) -> tuple[str, ...]:
        """Ours for the key of this number."""
        ...


class EvdevKeys:
    """Keys to talk, for emergencies, and to hear the last burst again; any number of each."""

    def __init__(
        self,
        talk: Iterable[KeyCombination],
        *,
        emergency: Iterable[KeyCombination] = (),
        replay: Iterable[KeyCombination] = (),
        devices: InputDevices | None = None,
    ) -> None:
        wanted = {Purpose.TALK: talk, Purpose.EMERGENCY: emergency, Purpose.REPLAY: replay}
        self._wanted = [(keys, purpose) for purpose, each in wanted.items() for keys in each]
        self._devices = devices

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[KeyEvent]]:
        """`async for event in presses`: each press and each release once, in turns for each key.

        Raises HotkeyError if there is nothing that may be read. A device that goes away releases
        its keys; one that comes is heard within two seconds.
        """
        await trio.lowlevel.checkpoint()
        presses = _Presses(self._devices or input_devices(), Keyboards(self._wanted))
        try:
            presses.start()
            yield presses
        finally:
            presses.close()


class _Presses:
    """The open devices, and what was pressed on them."""

    def __init__(self, devices: InputDevices, keyboards: Keyboards) -> None:
        self._devices = devices
        self._keyboards = keyboards
        self._open: dict[int, tuple[Node, InputDevice]] = {}  # by descriptor
        self._ignored: set[Node] = set()  # have no key that matters
        self._forbidden = False
        self._epoll = select.epoll()  # so that one wait is for all of them
        self._look_at = 0.0
        self._events: list[KeyEvent] = []

    def start(self) -> None:
        """Raises HotkeyError if there is no device to read."""
        self._find_devices()
        if not self._open:
            raise HotkeyError(NO_PERMISSION if self._forbidden else NO_DEVICES)

    def close(self) -> None:
        """Give back every descriptor."""
        for _, device in self._open.values():
            device.close()
        self._epoll.close()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        await trio.lowlevel.checkpoint()
        while not self._events:
            with trio.move_on_at(self._next_look()) as waited:
                await trio.lowlevel.wait_readable(self._epoll.fileno())
            if waited.cancelled_caught:
                self._look()
            for fd, _ in self._epoll.poll(0):
                self._read(fd)
        return self._events.pop(0)

    def _next_look(self) -> float:
        if self._keyboards.holding:
            return min(self._look_at, trio.current_time() + LOOK_EVERY)
        return self._look_at

    def _look(self) -> None:
        for fd, (node, _) in tuple(self._open.items()):
            if node in self._keyboards.holding:
                self._ask_levels(fd)
        if trio.current_time() >= self._look_at:
            self._find_devices()

    def _find_devices(self) -> None:
        self._look_at = trio.current_time() + NEW_DEVICES_EVERY
        present = self._devices.present()
        self._ignored &= present
        known = {node for node, _ in self._open.values()} | self._ignored
        for node in sorted(present - known):
            with suppress(OSError):  # gone again, or not for us
                self._add(node)

    def _add(self, node: Node) -> None:
        try:
            device = self._devices.open(node.path)
        except PermissionError:
            self._forbidden = True  # perhaps not for long: a new device is opened to us a bit later
            return
        names = chain.from_iterable(self._devices.names(code) for code in device.all_keys())
        if self._keyboards.wants(names):
            self._open[device.fileno()] = node, device
            self._epoll.register(device.fileno(), select.EPOLLIN)
        else:
            self._ignored.add(node)
            device.close()

    def _read(self, fd: int) -> None:
        node, device = self._open[fd]
        try:
            happened = changes(device.read())
        except BlockingIOError:
            return
        except OSError:
            self._remove(fd)
            return
        for change in happened:
            if isinstance(change, EventsLost):
                self._ask_levels(fd)
            else:
                names = self._devices.names(change.code)
                down = change.down
                self._events += self._keyboards.handle_change(node, names, down=down)

    def _ask_levels(self, fd: int) -> None:
        if fd not in self._open:
            return
        node, device = self._open[fd]
        try:
            down = chain.from_iterable(map(self._devices.names, device.active_keys()))
            self._events += self._keyboards.handle_levels(node, down)
        except OSError:
            self._remove(fd)

    def _remove(self, fd: int) -> None:
        node, device = self._open.pop(fd)
        self._events += self._keyboards.lose(node)
        self._epoll.unregister(fd)
        device.close()


def input_devices() -> InputDevices:
    """Those of this computer. Raises HotkeyError if they cannot even be looked for."""
    if sys.platform != "linux" or not FOLDER.is_dir():
        raise HotkeyError("There is no /dev/input here, whose keys could be read: use another way.")
    try:
        return _EvdevDevices(import_module("evdev"))
    except ImportError as error:
        raise HotkeyError(NO_EVDEV) from error


class _EvdevDevices:
    """By evdev, for reading only: writing would set the lights of some keyboards anew."""

    def __init__(self, evdev: Any) -> None:  # noqa: ANN401  a module
        self._evdev = evdev

    def present(self) -> set[Node]:
        try:
            with os.scandir(FOLDER) as entries:
                return {Node(e.path, e.inode()) for e in entries if e.name.startswith("event")}
        except OSError:
            return set()  # with the last device the folder goes

    def open(self, path: str) -> InputDevice:
        return EvdevDevice(self._evdev.InputDevice(path, readonly=True))

    def names(self, code: int) -> tuple[str, ...]:
        names = self._evdev.ecodes.keys.get(code, ())
        return key_names((names,) if isinstance(names, str) else names)


class EvdevDevice:
    """An evdev.InputDevice as we see it."""

    def __init__(self, device: Any) -> None:  # noqa: ANN401  of a module that is loaded lazily
        self._device = device
        self.fileno = device.fileno
        self.read = device.read
        self.active_keys = device.active_keys
        self.close = device.close
        _keep_motion_out(device.fileno())

    def all_keys(self) -> list[int]:
        """As InputDevice.all_keys."""
        return list(self._device.capabilities().get(EV_KEY, ()))


def _keep_motion_out(fd: int) -> None:
    """A mouse that moves would wake us a thousand times a second; kernels before 4.4 cannot."""
    from fcntl import ioctl  # which Windows does not have

    for kind in (EV_REL, EV_ABS, EV_MSC):
        mask = array("I", [kind, 0, 0, 0])  # type, octets of codes: none passes, pointer to them
        with suppress(OSError):
            ioctl(fd, _EVIOCSMASK, mask)
