"""Somebody on the way between clients and the daemon, who records all and may add datagrams.

    client --127.0.0.2:port--> Wiretap --127.0.0.1:port--> daemon

Voice and signalling have the same port at a daemon with one floor server; so a client that was
invited to the wiretap's address sends both through it. Works without any privilege.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field

import trio

from ptt_demo.daemon import Daemon

DAEMON, TAPPED = "127.0.0.1", "127.0.0.2"
_CHUNK = 65536  # octets


@dataclass
class Way:
    """The datagrams of one client's socket: `up` to the daemon, `down` to the client."""

    client: tuple[str, int]
    to_daemon: socket.socket
    to_clients: socket.socket
    up: list[bytes] = field(default_factory=list)
    down: list[bytes] = field(default_factory=list)

    def add(self, datagram: bytes) -> None:
        """Send a datagram to the daemon from where the daemon knows the client."""
        self.to_daemon.send(datagram)

    def add_down(self, datagram: bytes) -> None:
        """Send a datagram to the client from where it knows the daemon."""
        self.to_clients.sendto(datagram, self.client)


class TappedDaemon(Daemon):
    """Whoever is invited comes by way of the wiretap."""

    async def invite(self, name: str, *, host: str | None = TAPPED) -> str:
        return await super().invite(name, host=host)

    @classmethod
    def of(cls, daemon: Daemon) -> "TappedDaemon":
        return cls(daemon.data, daemon.process, daemon.port, daemon.log)


@dataclass
class Wiretap:
    """Everything that went by, oldest first: datagrams by client, streams as one."""

    port: int
    ways: dict[tuple[str, int], Way] = field(default_factory=dict)
    streams: bytearray = field(default_factory=bytearray)

    @property
    def datagrams(self) -> list[bytes]:
        return [each for way in self.ways.values() for each in (*way.up, *way.down)]

    @property
    def octets(self) -> bytes:
        return b"".join([*self.datagrams, bytes(self.streams)])


@asynccontextmanager
async def wiretap(port: int) -> AsyncIterator[Wiretap]:
    """Stand between the daemon at this port and everybody who was invited to TAPPED."""
    tap = Wiretap(port)

    async def serve(stream: trio.SocketStream) -> None:
        async with await trio.open_tcp_stream(DAEMON, port) as further, trio.open_nursery() as both:
            both.start_soon(_pass_on, tap, stream, further, both.cancel_scope)
            both.start_soon(_pass_on, tap, further, stream, both.cancel_scope)

    with ExitStack() as stack:
        udp = stack.enter_context(closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)))
        udp.setblocking(False)
        udp.bind((TAPPED, port))
        [listener] = await trio.open_tcp_listeners(port, host=TAPPED)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, serve, [listener])
            nursery.start_soon(_carry_up, tap, udp, stack, nursery)
            try:
                yield tap
            finally:
                nursery.cancel_scope.cancel()


async def _pass_on(
    tap: Wiretap, one: trio.SocketStream, other: trio.SocketStream, both: trio.CancelScope
) -> None:
    try:
        async for octets in one:
            tap.streams += octets
            await other.send_all(octets)
    except (trio.BrokenResourceError, trio.ClosedResourceError):
        pass
    both.cancel()


async def _carry_up(
    tap: Wiretap, udp: socket.socket, stack: ExitStack, nursery: trio.Nursery
) -> None:
    while True:
        await trio.lowlevel.wait_readable(udp)
        datagram, client = udp.recvfrom(_CHUNK)
        way = tap.ways.get(client)
        if way is None:
            way = tap.ways[client] = Way(client, stack.enter_context(_towards(tap.port)), udp)
            nursery.start_soon(_carry_down, way)
        way.up.append(datagram)
        way.to_daemon.send(datagram)


async def _carry_down(way: Way) -> None:
    while True:
        await trio.lowlevel.wait_readable(way.to_daemon)
        datagram = way.to_daemon.recv(_CHUNK)
        way.down.append(datagram)
        way.add_down(datagram)


def _towards(port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    udp.connect((DAEMON, port))
    return udp
