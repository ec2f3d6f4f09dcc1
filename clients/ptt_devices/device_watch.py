"""Notices that the machine's devices are others than before, and moves the open streams.

    signs --changed--> SoundSystem.note_change --as soon as nobody hears it--> SoundSystem.follow

PortAudio cannot be asked: its list is frozen. On Linux some files change when a device comes or
goes; reading them costs microseconds and opens no device. (A second process that lists devices
would open each of them, and so wake or disturb what other programs use.) Elsewhere listing opens
nothing, so there a small process lists the devices again and again: device_lister.py.

Not seen on Linux: what is only between PulseAudio or PipeWire and their clients. They move a
stream of the "default" device themselves.
"""

import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Protocol

import trio

from ptt.errors import AudioDeviceError
from ptt_devices.portaudio import SoundSystem, off_the_loop
from ptt_devices.wake_up import WakeUp

# Implementation
LOOK_EVERY = 0.25  # s; a change is believed when the next look finds no other
LISTER = (sys.executable, "-m", "ptt_devices.device_lister")


class Signs(Protocol):
    """Something that is different when the devices are."""

    def read(self) -> object:
        """What it is now."""
        ...


class FileSigns:
    """Times and numbers of files that a new device, or sound server, touches."""

    def __init__(self, paths: Iterable[Path]) -> None:
        self._paths = tuple(paths)

    def read(self) -> object:
        """As Signs.read."""
        return tuple(_stamp(path) for path in self._paths)


class ListedSigns:
    """What device_lister.py printed last."""

    def __init__(self, command: tuple[str, ...] = LISTER) -> None:
        self._command = command
        self._line = b""

    def read(self) -> object:
        """As Signs.read."""
        return self._line

    async def run(self) -> None:
        """List until cancelled; without effect where no process can be started."""
        try:
            async with trio.open_nursery() as nursery:
                start = partial(
                    trio.run_process, self._command, stdout=PIPE, stderr=DEVNULL, check=False
                )
                process: trio.Process = await nursery.start(start)
                await self._read(process)
        except* OSError:
            pass

    async def _read(self, process: trio.Process) -> None:
        assert process.stdout is not None
        rest = b""
        async for octets in process.stdout:
            *lines, rest = (rest + octets).split(b"\n")
            self._line = lines[-1] if lines else self._line


class Settled:
    """Says once that signs changed: when they have come to rest, for a device comes in pieces.

    Pure but for the signs.
    """

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._believed: object = signs.read()
        self._before = self._believed

    def changed(self) -> bool:
        """To be asked at every look."""
        now = self._signs.read()
        at_rest, self._before = now == self._before, now
        if not at_rest or now == self._believed:
            return False
        first = self._believed == b""
        self._believed = now
        return not first  # the lister's first line is no change


async def follow_devices(
    system: SoundSystem,
    talking: Callable[[], bool],
    told: Callable[[str], None],
    signs: FileSigns | ListedSigns | None = None,
) -> None:
    """Until cancelled: streams go to the devices that their names mean now.

    `talking`: whether somebody waits for, or hears, our microphone; `told` gets sentences.
    """
    signs = signs or device_signs()
    system.talking = talking
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_tell, system, told)
        if isinstance(signs, ListedSigns):
            nursery.start_soon(signs.run)
        settled = Settled(signs)
        while True:
            await trio.sleep(LOOK_EVERY)
            if settled.changed():
                system.note_change()
            if system.wants_to_follow:
                await _follow(system)


def device_signs() -> FileSigns | ListedSigns:
    """Those of this machine."""
    return FileSigns(linux_paths(os.environ)) if sys.platform == "linux" else ListedSigns()


def linux_paths(environment: "os._Environ[str] | dict[str, str]") -> list[Path]:
    """Cards, how they are named, and the sockets of PulseAudio and PipeWire."""
    home = Path(environment.get("HOME", "/"))
    config = Path(environment.get("XDG_CONFIG_HOME", home / ".config"))
    paths = [Path("/dev/snd"), Path("/proc/asound/cards"), Path("/etc/asound.conf")]
    paths += [home / ".asoundrc", config / "alsa" / "asoundrc"]
    if "XDG_RUNTIME_DIR" in environment:
        runtime = Path(environment["XDG_RUNTIME_DIR"])
        paths += [runtime / "pulse" / "native", runtime / "pipewire-0"]
    return paths


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
        if path.is_relative_to("/proc"):  # its times are those of the look
            return path.read_bytes()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


async def _follow(system: SoundSystem) -> None:
    try:
        await off_the_loop(system.follow)
    except AudioDeviceError:
        system.doubt()  # whoever uses a stream hears of it there


async def _tell(system: SoundSystem, told: Callable[[str], None]) -> None:
    bell = WakeUp()
    system.noticed = bell.set
    try:
        while True:
            for sentence in system.take_notices():
                told(sentence)
            await bell.wait()
    finally:
        bell.close()
