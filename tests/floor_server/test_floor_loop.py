"""The datagrams' task: when it stays with its socket, when it gives way, and when it rests."""

import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import inf
from typing import TYPE_CHECKING, cast

import pytest
import trio

from ptt.floor_server.floor_loop import FEW, REST, Alarm, run_datagrams
from ptt.floor_server.statistics import Counters
from ptt.net.datagrams import Datagram, DatagramSocket, open_datagram_socket

if TYPE_CHECKING:
    from ptt.floor_server.server import FloorServer

VOICE, CONTROL = b"voice", b"control"
LOOPBACK = "127.0.0.1"
Step = Callable[[int], None]


@dataclass
class Script:
    """In the place of the floor server: notes what it takes, and sends to itself what comes next.

    `then(number)` is called with each datagram taken, the first one being 1.
    """

    udp: DatagramSocket
    then: Step
    listeners: int = 1
    has_more: bool = False
    deadline: float = inf
    counters: Counters = field(default_factory=Counters)
    happened: list[str] = field(default_factory=list)

    def take_untrusted(self, datagrams: list[Datagram], now: float) -> None:
        for octets, _ in datagrams:
            self.happened.append(octets.decode())
            if octets == VOICE:
                self.counters.voice_received += 1
                self.counters.voice_sent += self.listeners
            self.then(len(self.happened))

    def handle_deadline(self, now: float) -> None:
        self.happened.append("deadline")
        self.deadline = inf

    def come(self, octets: bytes = VOICE) -> None:
        self.udp.send(octets, (LOOPBACK, self.udp.port))


@pytest.fixture
def udp() -> Iterator[DatagramSocket]:
    sock = open_datagram_socket(LOOPBACK, 0)
    yield sock
    sock.close()


@pytest.fixture
def trunk() -> Iterator[tuple[socket.socket, socket.socket]]:
    here, there = socket.socketpair()
    with here, there:
        yield here, there


async def drive(script: Script, trunk: tuple[socket.socket, socket.socket]) -> None:
    """Until the switchboard has said something."""
    server = cast("FloorServer", script)
    alarm = Alarm(server)
    script.come()
    with trio.fail_after(5):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(run_datagrams, script.udp, server, alarm, trunk[0])
            nursery.start_soon(alarm.run)
            await trio.lowlevel.wait_readable(trunk[0])
            script.happened.append("order")
            nursery.cancel_scope.cancel()


async def test_voice_is_taken_without_a_turn_for_others_until_an_order_comes(
    udp: DatagramSocket, trunk: tuple[socket.socket, socket.socket]
) -> None:
    def then(number: int) -> None:
        script.come()
        if number == 5:
            trunk[1].send(b"order")

    script = Script(udp, then)

    await drive(script, trunk)

    assert script.happened[:5] == ["voice"] * 5
    assert script.happened.index("order") <= 6


async def test_a_deadline_is_kept_while_voice_comes(
    udp: DatagramSocket, trunk: tuple[socket.socket, socket.socket]
) -> None:
    def then(number: int) -> None:
        script.come()
        if number == 3:
            script.deadline = trio.current_time()
        if "deadline" in script.happened:
            trunk[1].send(b"order")

    script = Script(udp, then)

    await drive(script, trunk)

    assert 3 <= script.happened.index("deadline") <= 5


async def test_after_control_messages_the_others_have_their_turn(
    udp: DatagramSocket, trunk: tuple[socket.socket, socket.socket]
) -> None:
    def then(number: int) -> None:
        script.come(CONTROL)
        if number == 2:
            said.set()
        if number == 9:
            trunk[1].send(b"order")

    async def other() -> None:
        await said.wait()
        script.happened.append("other")

    said = trio.Event()
    script = Script(udp, then)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(other)
        await drive(script, trunk)

    assert script.happened.index("other") <= 4


@pytest.mark.parametrize(("listeners", "rests"), [(FEW - 1, True), (FEW, False)])
async def test_it_rests_between_packets_of_many_small_channels_only(
    udp: DatagramSocket,
    trunk: tuple[socket.socket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
    listeners: int,
    rests: bool,
) -> None:
    def then(number: int) -> None:
        script.come()
        if number == 9:
            trunk[1].send(b"order")

    rested: list[float] = []
    monkeypatch.setattr("ptt.floor_server.floor_loop._rest", lambda: rested.append(REST))
    script = Script(udp, then, listeners)

    await drive(script, trunk)

    assert (REST in rested) is rests


async def test_packets_of_one_burst_find_it_awake(
    udp: DatagramSocket,
    trunk: tuple[socket.socket, socket.socket],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wait_here(seconds: float, other: object) -> bool:
        clock[0] += 0.02
        return awaits(seconds, other)  # type: ignore[arg-type]

    def then(number: int) -> None:
        script.come()
        if number == 9:
            trunk[1].send(b"order")

    clock = [0.0]
    rested: list[float] = []
    awaits = udp.wait_here
    monkeypatch.setattr(udp, "wait_here", wait_here)
    monkeypatch.setattr("trio.current_time", lambda: clock[0])
    monkeypatch.setattr("ptt.floor_server.floor_loop._rest", lambda: rested.append(REST))
    script = Script(udp, then)

    await drive(script, trunk)

    assert rested == []
