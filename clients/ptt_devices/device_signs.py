"""By what to see that the machine's devices are others than before, without asking PortAudio.

On Linux some files change when a device comes or goes; reading them costs microseconds and opens no
device. (A second process that lists devices would open each of them, and so wake or disturb what
other programs use.) Elsewhere listing opens nothing, so there a small process lists the devices
again and again: device_lister.py.

Not seen on Linux: what is only between PulseAudio or PipeWire and their clients. They move a
stream of the "default" device themselves.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Protocol

import trio

# Implementation
MOST_UNREST = 3  # looks, one after another, each of which finds another change
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

    Signs that never rest are believed all the same. Pure but for the signs.
    """

    def __init__(self, signs: Signs) -> None:
        self._signs = signs
        self._believed: object = signs.read()
        self._before = self._believed
        self._unrest = 0

    def changed(self) -> bool:
        """To be asked at every look."""
        now = self._signs.read()
        at_rest, self._before = now == self._before, now
        self._unrest = 0 if at_rest else self._unrest + 1
        if now == self._believed or 0 < self._unrest < MOST_UNREST:
            return False
        first = self._believed == b""
        self._believed, self._unrest = now, 0
        return not first  # the lister's first line is no change


@cache
def device_signs() -> FileSigns | ListedSigns:
    """Those of this machine."""
    return FileSigns(linux_paths(os.environ)) if sys.platform == "linux" else ListedSigns()


def linux_paths(environment: Mapping[str, str]) -> list[Path]:
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
