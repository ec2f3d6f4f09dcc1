"""A real `pttd` as a child process, for the demonstration, the benchmarks and the tests."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from ptt.errors import PttError

START_WITHIN = 30.0  # s
STOP_WITHIN = 10.0  # s


@dataclass(frozen=True)
class Daemon:
    """A running daemon: its port, where it keeps what it knows, and every line it logged."""

    port: int
    data: Path
    process: trio.Process
    log: list[dict[str, object]]

    async def command(self, *arguments: str) -> str:
        """Run `pttd ARGUMENTS` on this daemon's data; return what it printed.

        Raises PttError with its words if it fails.
        """
        command = [*_pttd(*arguments), "--data", str(self.data)]
        done = await trio.run_process(
            command, capture_stdout=True, capture_stderr=True, check=False
        )
        if done.returncode:
            raise PttError(done.stderr.decode().strip() or done.stdout.decode().strip())
        return done.stdout.decode()

    async def invite(self, name: str, *, host: str = "127.0.0.1") -> str:
        """An invite link for a person of that name."""
        printed = await self.command("invite", name, "--host", host, "--port", str(self.port))
        return next(word for word in printed.split() if word.startswith("ptt://"))


@asynccontextmanager
async def running_daemon(
    data: Path, *options: str, port: int = 0, host: str = "127.0.0.1"
) -> AsyncIterator[Daemon]:
    """Start `pttd` on `data`, wait until it is ready, stop it in good order at the end."""
    command = _pttd("run", "--data", str(data), "--port", str(port), "--host", host, *options)
    log: list[dict[str, object]] = []
    async with trio.open_nursery() as nursery:
        process = await nursery.start(_run, command, log)
        try:
            with trio.fail_after(START_WITHIN):
                ready = await nursery.start(_follow, process, log)
            yield Daemon(ready, data, process, log)
        finally:
            with trio.CancelScope(shield=True), trio.move_on_after(STOP_WITHIN):
                process.terminate()
                await process.wait()
            nursery.cancel_scope.cancel()


def _pttd(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ptt.switchboard", *arguments]


async def _run(
    command: Sequence[str],
    log: list[dict[str, object]],
    task_status: trio.TaskStatus[trio.Process],
) -> None:
    """Keep the process; a daemon that ends without a word is named by its last lines."""
    await trio.run_process(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=None,
        capture_stdout=False,
        check=False,
        deliver_cancel=None,
        task_status=task_status,
    )


async def _follow(
    process: trio.Process, log: list[dict[str, object]], task_status: trio.TaskStatus[int]
) -> None:
    """Collect the log lines; report the port at the line that says `ready`."""
    assert process.stdout is not None
    rest = b""
    async for octets in process.stdout:
        *lines, rest = (rest + octets).split(b"\n")
        for line in lines:
            entry = json.loads(line)
            log.append(entry)
            if entry.get("event") == "ready":
                task_status.started(int(entry["port"]))
    if not any(entry.get("event") == "ready" for entry in log):
        raise PttError("pttd did not start")
