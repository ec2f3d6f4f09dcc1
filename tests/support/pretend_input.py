"""Devices as those of /dev/input, with real descriptors and evdev's own events."""

import errno
import os
import struct
from collections.abc import Iterable
from itertools import count

from evdev import InputEvent, ecodes

from ptt_devices.evdev_keys import Node
from ptt_devices.linux_keys import key_names


class FakeDevice:
    """A device whose events come through a pipe, packed as the kernel packs them."""

    FORMAT = "llHHi"  # struct input_event, input.h

    def __init__(self, keys: Iterable[int]) -> None:
        self._keys = list(keys)
        self._down: set[int] = set()
        self._reading, self._writing = os.pipe2(os.O_NONBLOCK)
        self.closed = False

    def press(self, code: int) -> None:
        self._down.add(code)
        self.write(ecodes.EV_KEY, code, 1)

    def release(self, code: int, *, heard: bool = True) -> None:
        self._down.discard(code)
        if heard:
            self.write(ecodes.EV_KEY, code, 0)

    def write(self, kind: int, code: int, value: int) -> None:
        os.write(self._writing, struct.pack(self.FORMAT, 0, 0, kind, code, value))

    def unplug(self) -> None:
        os.close(self._writing)
        self._writing = -1

    def fileno(self) -> int:
        return self._reading

    def all_keys(self) -> list[int]:
        return self._keys

    def read(self) -> list[InputEvent]:
        octets = os.read(self._reading, 64 * struct.calcsize(self.FORMAT))
        if not octets:
            raise OSError(errno.ENODEV, "No such device")
        return [InputEvent(*fields) for fields in struct.iter_unpack(self.FORMAT, octets)]

    def active_keys(self) -> list[int]:
        if self._writing < 0:
            raise OSError(errno.ENODEV, "No such device")
        return sorted(self._down)

    def close(self) -> None:
        os.close(self._reading)
        if self._writing >= 0:
            self.unplug()
        self.closed = True


class FakeDevices:
    """What is plugged in, and what of it may be read."""

    def __init__(self, *devices: FakeDevice) -> None:
        self._inodes = count(1)
        self._nodes: dict[Node, FakeDevice] = {}
        self.forbidden: set[str] = set()
        self.opened: list[str] = []
        for device in devices:
            self.plug(device)

    def plug(self, device: FakeDevice, path: str = "") -> str:
        inode = next(self._inodes)
        path = path or f"/dev/input/event{inode}"
        self._nodes[Node(path, inode)] = device
        return path

    def unplug(self, device: FakeDevice) -> None:
        self._nodes = {node: each for node, each in self._nodes.items() if each is not device}
        device.unplug()

    def present(self) -> set[Node]:
        return set(self._nodes)

    def open(self, path: str) -> FakeDevice:
        if path in self.forbidden:
            raise PermissionError(errno.EACCES, "Permission denied")
        self.opened.append(path)
        return next(device for node, device in self._nodes.items() if node.path == path)

    def names(self, code: int) -> tuple[str, ...]:
        names = ecodes.keys.get(code, ())
        return key_names((names,) if isinstance(names, str) else names)
