"""The floor server as the process that the switchboard starts."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import trio

from ptt.errors import ConfigError
from ptt.floor_server.__main__ import parse_orders
from ptt.net.datagrams import open_datagram_socket
from ptt.wire import trunk

LOOPBACK = "127.0.0.1"
TOKEN = bytes(range(32))
PATIENCE = 10.0  # s, for a process to start on a busy machine


@dataclass
class Child:
    """The process, and the switchboard's end of its trunk."""

    process: trio.Process
    stream: trio.SocketStream
    frames: trunk.FrameBuffer = field(default_factory=trunk.FrameBuffer)

    async def until(self, kind: type[trunk.ToSwitchboard]) -> list[trunk.ToSwitchboard]:
        """The reports up to the first of that kind."""
        reports: list[trunk.ToSwitchboard] = []
        while not any(isinstance(report, kind) for report in reports):
            reports += await self._receive()
        return reports

    async def until_end(self) -> list[trunk.ToSwitchboard]:
        """The reports until the trunk is closed."""
        reports: list[trunk.ToSwitchboard] = []
        while more := await self._receive():
            reports += more
        return reports

    async def _receive(self) -> list[trunk.ToSwitchboard]:
        octets = await self.stream.receive_some()
        bodies = self.frames.feed_untrusted(bytes(octets))
        return [trunk.parse_to_switchboard_untrusted(body) for body in bodies]


@asynccontextmanager
async def child(udp_port: int = 0) -> AsyncIterator[Child]:
    [listener] = await trio.open_tcp_listeners(0, host=LOOPBACK)
    port = listener.socket.getsockname()[1]
    command = [sys.executable, "-m", "ptt.floor_server"]
    with trio.fail_after(PATIENCE):
        async with trio.open_nursery() as nursery, listener:
            process = await nursery.start(_run, command)
            line = f"{LOOPBACK}:{port} {TOKEN.hex()} {LOOPBACK} {udp_port}\n"
            await process.stdin.send_all(line.encode())
            async with await listener.accept() as stream:
                yield Child(process, stream)
            await process.wait()


async def _run(
    command: list[str], task_status: trio.TaskStatus[trio.Process] = trio.TASK_STATUS_IGNORED
) -> None:
    await trio.run_process(command, stdin=subprocess.PIPE, check=False, task_status=task_status)


@pytest.mark.slow
async def test_it_proves_itself_says_its_port_and_ends_when_told_to() -> None:
    async with child() as floor_server:
        await floor_server.stream.send_all(trunk.encode(trunk.Stop()))

        hello, ready, *rest = await floor_server.until_end()

    assert hello == trunk.TrunkHello(token=TOKEN)
    assert isinstance(ready, trunk.Ready)
    assert ready.port > 0
    assert [type(report) for report in rest] == [trunk.Statistics]
    assert floor_server.process.returncode == 0


@pytest.mark.slow
async def test_it_ends_when_the_trunk_is_closed() -> None:
    async with child() as floor_server:
        await floor_server.until(trunk.Ready)

    assert floor_server.process.returncode == 0


@pytest.mark.slow
async def test_it_ends_in_good_order_when_it_is_terminated() -> None:
    async with child() as floor_server:
        await floor_server.until(trunk.Statistics)
        floor_server.process.send_signal(signal.SIGTERM)
        rest = await floor_server.until_end()

    assert [type(report) for report in rest] == [trunk.Statistics]
    assert floor_server.process.returncode == 0


@pytest.mark.slow
async def test_a_taken_port_is_reported_in_one_sentence() -> None:
    taken = open_datagram_socket(LOOPBACK, 0)

    async with child(taken.port) as floor_server:
        _, failed = await floor_server.until_end()

    assert isinstance(failed, trunk.Failed)
    assert f"UDP port {taken.port} on {LOOPBACK} is taken" in failed.sentence
    taken.close()


@pytest.mark.parametrize(
    "line", ["", "x", "host:1 zz 0.0.0.0 1", "host:x 00 0.0.0.0 1", "a b c d e"]
)
def test_a_line_that_is_no_order_is_refused(line: str) -> None:
    with pytest.raises(ConfigError, match="started by pttd"):
        parse_orders(line)


def test_the_token_does_not_show() -> None:
    orders = parse_orders(f"127.0.0.1:99 {TOKEN.hex()} 0.0.0.0 17880\n")

    assert (orders.trunk_host, orders.trunk_port, orders.token) == ("127.0.0.1", 99, TOKEN)
    assert repr(TOKEN) not in repr(orders)
