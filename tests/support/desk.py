"""A person at a desk: `ptt talk --plain` as a process, with a microphone, a loudspeaker, a key."""

import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from subprocess import PIPE

import trio

PATIENCE = 20.0  # s
PTT = (sys.executable, "-m", "ptt_console")


class Desk:
    """What the person reads, and the process that says it."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self.lines: list[str] = []
        self._more = trio.Event()

    async def read(self) -> None:
        """Until the process ends."""
        assert self.process.stdout is not None
        rest = b""
        async for octets in self.process.stdout:
            *lines, rest = (rest + octets).split(b"\n")
            self.lines += [line.decode() for line in lines]
            self._more.set()
            self._more = trio.Event()

    async def types(self, keys: bytes) -> None:
        """On standard input, where the space bar is a talk key."""
        assert self.process.stdin is not None
        await self.process.stdin.send_all(keys)

    async def reads(self, text: str, *, after: int = 0) -> str:
        """Wait for a line that contains `text`."""
        with trio.move_on_after(PATIENCE):
            while True:
                for line in self.lines[after:]:
                    if text in line:
                        return line
                await self._more.wait()
        raise AssertionError(f"no line with {text!r} in {self.lines}")


async def join(environment: Mapping[str, str], link: str) -> None:
    """`ptt join`."""
    await trio.run_process(
        [*PTT, "join", link], env={**os.environ, **environment}, capture_stdout=True
    )


@asynccontextmanager
async def desk(
    environment: Mapping[str, str], config: Path, link: str, *options: str
) -> AsyncIterator[Desk]:
    """Join and talk; at the end Ctrl-C, which must end it in good order."""
    personal = {**environment, "XDG_CONFIG_HOME": str(config)}
    await join(personal, link)
    command = [*PTT, "talk", "--plain", *options]
    start = partial(
        trio.run_process,
        command,
        env={**os.environ, **personal},
        stdin=PIPE,
        stdout=PIPE,
        check=False,
    )
    async with trio.open_nursery() as nursery:
        process: trio.Process = await nursery.start(start)
        person = Desk(process)
        nursery.start_soon(person.read)
        try:
            await person.reads("Joined")
            yield person
        finally:
            with trio.CancelScope(shield=True), trio.move_on_after(PATIENCE):
                process.terminate()
                await process.wait()
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
