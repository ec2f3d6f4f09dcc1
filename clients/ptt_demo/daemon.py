"""A real `pttd` as a child process, for the demonstration, the benchmarks and the tests."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import trio

from ptt.errors import PttError

START_WITHIN = 30.0  # s
STOP_WITHIN = 10.0  # s


@dataclass
class Daemon:
    """A running daemon: where it keeps what it knows, and every line that it logged."""

    data: Path
    process: trio.Process
    port: int = 0
    log: list[dict[str, object]] = field(default_factory=list)

    async def command(self, *arguments: str) -> str:
        """Run `pttd ARGUMENTS` on this daemon's data; return what it printed.

        Raises PttError with its words if it fails.
        """
        done = await trio.run_process(
            _pttd(*arguments, "--data", str(self.data)),
            capture_stdout=True,
            capture_stderr=True,
            check=False,
        )
        if done.returncode:
            raise PttError(done.stderr.decode().strip() or done.stdout.decode().strip())
        return done.stdout.decode()

    async def invite(self, name: str, *, host: str | None = "127.0.0.1") -> str:
        """An invite link for a person of that name; without a host, for the whole network."""
        return (await self.command("invite", name, *(("--host", host) if host else ()))).strip()


@asynccontextmanager
async def running_daemon(
    data: Path, *, port: int = 0, host: str | None = "127.0.0.1", config: Path | None = None
) -> AsyncIterator[Daemon]:
    """Start `pttd` on `data`, wait until it is ready, stop it in good order at the end.

    `config`: its configuration file, if it is to have one.

    Raises PttError with its words if it does not start.
    """
    options = ["--data", str(data), "--port", str(port), *(("--host", host) if host else ())]
    options += ["--config", str(config)] if config else []
    async with trio.open_nursery() as nursery:
        process = await nursery.start(_run, _pttd("run", *options))
        daemon = Daemon(data, process)
        try:
            with trio.fail_after(START_WITHIN):
                await nursery.start(_follow, daemon)
            yield daemon
        finally:
            with trio.CancelScope(shield=True), trio.move_on_after(STOP_WITHIN):
                process.terminate()
                await process.wait()
            nursery.cancel_scope.cancel()


def _pttd(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "ptt.switchboard", *arguments]


async def _run(command: list[str], task_status: trio.TaskStatus[trio.Process]) -> None:
    """Apart from the terminal's process group: Ctrl-C reaches the daemon only through us."""
    await trio.run_process(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        check=False,
        start_new_session=True,
        task_status=task_status,
    )


async def _follow(daemon: Daemon, task_status: trio.TaskStatus[None]) -> None:
    """Collect what it says; started at the line that says `ready`."""
    words: list[str] = []

    def note(line: str) -> None:
        entry = json.loads(line)
        daemon.log.append(entry)
        if entry.get("event") == "ready":
            daemon.port = int(entry["port"])
            task_status.started()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(_lines, daemon.process.stderr, words.append)
        nursery.start_soon(_lines, daemon.process.stdout, note)
    if not daemon.port:
        raise PttError("\n".join(words) or "pttd ended before it was ready.")


async def _lines(stream: trio.abc.ReceiveStream | None, note: Callable[[str], None]) -> None:
    assert stream is not None
    rest = b""
    async for octets in stream:
        *lines, rest = (rest + octets).split(b"\n")
        for line in lines:
            note(line.decode())
