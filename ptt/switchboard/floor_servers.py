"""Starts a floor server, tells it everything, starts it again when it dies.

    process <-- one line on stdin: "127.0.0.1:PORT TOKENHEX LISTENHOST UDPPORT"
    process --> trunk: TrunkHello{token}, Ready or Failed, then reports

A floor server that died is replaced at once; only one that dies quickly again and again waits.
"""

import contextlib
import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import trio

from ptt.errors import ConfigError, PttError
from ptt.switchboard.exchange import Exchange
from ptt.switchboard.logs import Log
from ptt.switchboard.trunk import TrunkLink
from ptt.wire import trunk

# Implementation
COMMAND = (sys.executable, "-m", "ptt.floor_server")
TOKEN_OCTETS = 16
READY_WITHIN = 10.0  # s from the start of the process
STOP_WITHIN = 2.0  # s from Stop to the end of the process
QUICK = 5.0  # s; a floor server that lived shorter has died quickly
PAUSES = (0.0, 0.0, 0.1, 0.5, 1.0, 2.0, 5.0)  # s before the next start, by quick deaths in a row
FIRST_TRIES = 3  # before the daemon gives up at its own start


@dataclass(frozen=True, slots=True)
class FloorServerPlace:
    """Which floor server, where it listens for voice, and the command that starts it."""

    number: int
    host: str
    port: int
    command: Sequence[str] = COMMAND


class Supervisor:
    """Keeps one floor server running."""

    def __init__(self, place: FloorServerPlace, exchange: Exchange, log: Log) -> None:
        self._place = place
        self._exchange = exchange
        self._log = log
        self._is_stopping = False
        self._was_ready = False
        self.ended = trio.Event()

    def expect_end(self) -> None:
        """The daemon stops: the next end of the floor server is the last."""
        self._is_stopping = True

    async def keep_running(self, task_status: trio.TaskStatus[None]) -> None:
        """Run one after the other; `started` when the first is ready.

        Raises ConfigError or PttError if not even the first can work. Returns after
        `expect_end` when the last one has ended.
        """
        [listener] = await trio.open_tcp_listeners(0, host="127.0.0.1")
        quick_deaths = 0
        async with listener:
            while not self._is_stopping:
                began = trio.current_time()
                await self._run_one(listener, task_status)
                lived = trio.current_time() - began
                quick_deaths = quick_deaths + 1 if lived < QUICK else 0
                if not self._is_stopping:
                    await self._pause(lived, quick_deaths)
        self.ended.set()

    async def _pause(self, lived: float, quick_deaths: int) -> None:
        self._log.error("floor-server-lost", floor_server=self._place.number, lived=round(lived, 3))
        if not self._was_ready and quick_deaths >= FIRST_TRIES:
            raise PttError("The floor server does not start: see the lines above.")
        await trio.sleep(pause_after(quick_deaths))

    async def _run_one(
        self, listener: trio.SocketListener, task_status: trio.TaskStatus[None]
    ) -> None:
        token = secrets.token_bytes(TOKEN_OCTETS)
        process = await self._start(listener, token)
        try:
            async with trio.open_nursery() as nursery:
                with trio.move_on_after(READY_WITHIN) as starting:
                    nursery.start_soon(_cancel_early_end, process, starting)
                    link = TrunkLink(await _accept(listener, token))
                    await self._serve(link, starting, task_status)
                    if link.fell_silent:
                        self._log.error("floor-server-hangs", floor_server=self._place.number)
                        process.kill()
                nursery.cancel_scope.cancel()
        finally:
            self._exchange.close_floor(self._place.number)
            await _end(process)

    async def _start(self, listener: trio.SocketListener, token: bytes) -> trio.Process:
        self._exchange.metrics.floor_server_starts.inc()
        with trio.CancelScope(shield=True):  # a start that is cut short would be nobody's
            process: trio.Process = await trio.lowlevel.open_process(
                [*self._place.command],
                stdin=subprocess.PIPE,
                # Of its own, so that Ctrl-C in a terminal reaches the daemon only.
                start_new_session=os.name == "posix",
            )
        port = listener.socket.getsockname()[1]
        line = f"127.0.0.1:{port} {token.hex()} {self._place.host} {self._place.port}\n"
        try:
            await _give_orders(process, line)
        except trio.Cancelled:
            process.kill()  # before it complains that it has no orders
            raise
        return process

    async def _serve(
        self,
        link: TrunkLink,
        starting: trio.CancelScope,
        task_status: trio.TaskStatus[None],
    ) -> None:
        async with link.stream, trio.open_nursery() as nursery:
            nursery.start_soon(link.write)
            async for message in link.messages():
                match message:
                    case trunk.Ready(port=port):
                        starting.deadline = inf
                        self._exchange.open_floor(self._place.number, port, link.send)
                        self._note_ready(port, task_status)
                    case trunk.Failed(sentence=sentence):
                        self._note_failed(sentence)
                    case _:
                        self._exchange.handle_report(self._place.number, message)
            nursery.cancel_scope.cancel()

    def _note_ready(self, port: int, task_status: trio.TaskStatus[None]) -> None:
        self._log.info("floor-server-ready", floor_server=self._place.number, port=port)
        if not self._was_ready:
            self._was_ready = True
            task_status.started()

    def _note_failed(self, sentence: str) -> None:
        self._log.error("floor-server-failed", floor_server=self._place.number, sentence=sentence)
        if not self._was_ready:
            raise ConfigError(sentence)


def pause_after(quick_deaths: int) -> float:
    """How long to wait before the next start, after so many quick deaths in a row."""
    return PAUSES[min(quick_deaths, len(PAUSES) - 1)]


async def _accept(listener: trio.SocketListener, token: bytes) -> trio.SocketStream:
    """The connection of whoever knows the token; others are dropped."""
    while True:
        stream = await listener.accept()
        with trio.move_on_after(1.0):
            if await _knows(stream, token):
                return stream
        await trio.aclose_forcefully(stream)


async def _knows(stream: trio.SocketStream, token: bytes) -> bool:
    expected = trunk.encode(trunk.TrunkHello(token=token))
    got = b""
    while len(got) < len(expected):
        octets = await stream.receive_some(len(expected) - len(got))
        if not octets:
            return False
        got += bytes(octets)
    return secrets.compare_digest(got, expected)


async def _give_orders(process: trio.Process, line: str) -> None:
    assert process.stdin is not None
    with contextlib.suppress(trio.BrokenResourceError):
        await process.stdin.send_all(line.encode())
    await process.stdin.aclose()


async def _cancel_early_end(process: trio.Process, starting: trio.CancelScope) -> None:
    """Wait no longer for one that died; later the end of its trunk tells, after its last words."""
    await process.wait()
    if starting.deadline < inf:
        starting.cancel()


async def _end(process: trio.Process) -> None:
    """It ends by itself when the trunk is closed; killed if it does not."""
    with trio.CancelScope(shield=True):
        with trio.move_on_after(STOP_WITHIN):
            await process.wait()
        if process.returncode is None:
            process.kill()
            await process.wait()
