"""A bad network between real sockets: a relay that stands beside a server, on 127.0.0.2.

    client --> 127.0.0.2:PORT --impairment--> 127.0.0.1:PORT
           <--impairment-----

Clients go there by their invite link; voice follows them, since it goes where the session went.
Datagrams get the fate that netem.py gives them; the session's octets arrive always, but wait while
the line is cut, as TCP's do. A failing test prints the seed: its name is in `repr`.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from heapq import heappop, heappush
from math import inf

import trio

from tests.support.netem import Impairment, Profile

Send = Callable[[bytes], Awaitable[object]]

HERE, THERE = "127.0.0.2", "127.0.0.1"
RECEIVE = 65536


class ImpairedRelay:
    """Both directions between all clients and one server."""

    def __init__(self, profile: Profile, seed: int) -> None:
        print(f"impaired network: {profile}, seed {seed}")
        self.up = Impairment(profile, seed)
        self.down = Impairment(profile, seed + 1)
        self.sent_up: Counter[int] = Counter()  # datagrams by second octet: the RTP payload type
        self._began = trio.current_time()
        self._line_whole = trio.Event()
        self._line_whole.set()
        self._ways: dict[tuple[str, int], trio.CancelScope] = {}
        self._to_server: dict[tuple[str, int], trio.socket.SocketType] = {}

    def link(self, invitation: str) -> str:
        """The invite link, by way of here."""
        return invitation.replace(THERE, HERE)

    def change(self, profile: Profile) -> None:
        """From now on the network is like this."""
        self.up.profile = self.down.profile = profile

    def cut(self) -> None:
        """Nothing passes until `mend`."""
        now = self._now()
        self.up.black_out(now, inf)
        self.down.black_out(now, inf)
        self._line_whole = trio.Event()

    def mend(self) -> None:
        """Everything passes again, and what TCP kept comes now."""
        now = self._now()
        self.up.black_out(now, 0.0)
        self.down.black_out(now, 0.0)
        self._line_whole.set()

    def _now(self) -> float:
        """Seconds since the relay began, so that a profile's times begin then."""
        return trio.current_time() - self._began

    def rebind(self) -> None:
        """The NAT forgets: what clients send from now on comes from other ports."""
        for scope in self._ways.values():
            scope.cancel()
        self._ways.clear()
        self._to_server.clear()

    async def run(self, ports: list[int], task_status: trio.TaskStatus[None]) -> None:
        """Relay these ports, UDP and TCP, until cancelled."""
        async with trio.open_nursery() as nursery:
            for port in ports:
                serve = partial(trio.serve_tcp, partial(self._carry_session, port), host=HERE)
                await nursery.start(serve, port)
                await nursery.start(self._relay_datagrams, nursery, port)
            task_status.started()

    # the session

    async def _carry_session(self, port: int, client: trio.SocketStream) -> None:
        with suppress(OSError):
            server = await trio.open_tcp_stream(THERE, port)
            async with server, client, trio.open_nursery() as nursery:
                nursery.start_soon(self._pour, client, server, nursery.cancel_scope)
                nursery.start_soon(self._pour, server, client, nursery.cancel_scope)

    async def _pour(
        self, source: trio.SocketStream, sink: trio.SocketStream, ends: trio.CancelScope
    ) -> None:
        with suppress(trio.BrokenResourceError, trio.ClosedResourceError):
            async for octets in source:
                await self._line_whole.wait()
                await sink.send_all(octets)
        await self._line_whole.wait()
        ends.cancel()

    # datagrams

    async def _relay_datagrams(
        self, nursery: trio.Nursery, port: int, task_status: trio.TaskStatus[None]
    ) -> None:
        with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as front:
            await front.bind((HERE, port))
            task_status.started()
            upwards = await nursery.start(_Late.deliver, self._began)
            while True:
                datagram, client = await front.recvfrom(RECEIVE)
                if client not in self._to_server:
                    await nursery.start(self._open_way, nursery, front, client, port)
                send = self._to_server[client].send
                self.sent_up[datagram[1] & 0x7F] += 1
                upwards.add(self.up, datagram, send)

    async def _open_way(
        self,
        nursery: trio.Nursery,
        front: trio.socket.SocketType,
        client: tuple[str, int],
        port: int,
        task_status: trio.TaskStatus[None],
    ) -> None:
        """What the server sends to this client, until `rebind`."""
        with (
            trio.CancelScope() as scope,
            trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as back,
        ):
            await back.connect((THERE, port))
            self._ways[client], self._to_server[client] = scope, back
            task_status.started()
            downwards = await nursery.start(_Late.deliver, self._began)
            while True:
                with suppress(ConnectionRefusedError):
                    datagram = await back.recv(RECEIVE)
                    downwards.add(self.down, datagram, partial(_answer, front, client))


async def _answer(front: trio.socket.SocketType, client: tuple[str, int], datagram: bytes) -> None:
    await front.sendto(datagram, client)


class _Late:
    """Datagrams that are on their way."""

    def __init__(self, began: float) -> None:
        self._began = began
        self._due: list[tuple[float, int, bytes, Send]] = []
        self._count = 0
        self._sooner = trio.Event()

    @classmethod
    async def deliver(cls, began: float, task_status: "trio.TaskStatus[_Late]") -> None:
        """Start the delivery of what is added to the one that is started."""
        late = cls(began)
        task_status.started(late)
        await late._run()

    def add(self, impairment: Impairment, datagram: bytes, send: Send) -> None:
        for arrival in impairment.pass_on(len(datagram), trio.current_time() - self._began):
            self._count += 1
            heappush(self._due, (self._began + arrival, self._count, datagram, send))
        self._sooner.set()

    async def _run(self) -> None:
        while True:
            self._sooner = trio.Event()
            with trio.move_on_at(self._due[0][0] if self._due else inf):
                await self._sooner.wait()
            while self._due and self._due[0][0] <= trio.current_time():
                _, _, datagram, send = heappop(self._due)
                with suppress(OSError, trio.ClosedResourceError):
                    await send(datagram)


@asynccontextmanager
async def impaired_relay(
    ports: list[int], profile: Profile, seed: int = 1
) -> AsyncIterator[ImpairedRelay]:
    """A relay for these ports of the server on 127.0.0.1."""
    relay = ImpairedRelay(profile, seed)
    async with trio.open_nursery() as nursery:
        await nursery.start(relay.run, ports)
        yield relay
        nursery.cancel_scope.cancel()
