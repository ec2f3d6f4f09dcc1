"""A process that watches keys and prints what it sees: pynput binds DISPLAY when it is imported."""

import os
import sys
from functools import partial
from pathlib import Path
from subprocess import PIPE

import trio

from tests.support.virtual_display import VirtualDisplay

KEY_WATCHER = Path(__file__).with_name("key_watcher.py")
KEY_SWITCH = Path(__file__).with_name("key_switch.py")
PATIENCE = 20.0  # s


class Watcher:
    """Its lines, in order."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self._rest = b""

    async def line(self) -> str:
        assert self.process.stdout is not None
        with trio.fail_after(PATIENCE):
            while b"\n" not in self._rest:
                octets = await self.process.stdout.receive_some()
                assert octets, "the watcher ended"
                self._rest += octets
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    async def lines(self, count: int) -> list[str]:
        return [await self.line() for _ in range(count)]


async def watch(
    nursery: trio.Nursery, display: VirtualDisplay, script: Path, *arguments: str
) -> Watcher:
    """Start watching; it is ready."""
    process = await nursery.start(
        partial(
            trio.run_process,
            [sys.executable, str(script), *arguments],
            stdout=PIPE,
            check=False,
            env={**os.environ, **display.environment},
        )
    )
    watcher = Watcher(process)
    assert await watcher.line() == "ready"
    return watcher
