"""How long does a request for the floor take, under load?

The floor server as a process, in a network of its own; from the client's Floor Request to the
moment at which the kernel took in its Floor Granted. Each client asks in a channel of its own, four
times a second, and gives the floor back at once: so nothing but the server's work is waited for.
With voice, other channels have so many listeners that the relay takes about half a core more.
"""

import json
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import cycle

from benchmarks import floor_server_load as load
from benchmarks.own_network import enter_loopback, run_apart
from benchmarks.table import Answer, Row, Spread, spread
from ptt.errors import ProtocolError
from ptt.security.srtp import new_key
from ptt.wire import trunk
from ptt.wire.control import parse_control_untrusted
from ptt.wire.floor import FloorGranted, FloorRelease, FloorRequest

# Specification
SO_TIMESTAMPNS = 35  # <asm-generic/socket.h>

# Implementation
ROUNDS = 3
SECONDS = 5.0
CALM, BUSY = 20.0, 1000.0  # requests a second
ASKERS = 250
TALKERS, LISTENERS = 9, 100
VOICE_RATE = 110.0  # packets/s of each talker; a talker may not send many more
TICK = 0.001  # s
EPOCH = 9


def main() -> Answer:
    """Ask in each way, ROUNDS times, and return the table."""
    rounds = [json.loads(run_apart("benchmarks.floor_requests")) for _ in range(ROUNDS)]
    rows = [Row(what, spread([each[what] for each in rounds])) for what in rounds[0]]
    return Answer("floor_requests", "milliseconds", rows)


@dataclass
class Askers:
    """Clients, each with the time at which it asked and was not answered yet."""

    clients: list[load.LoadClient]
    asked: dict[int, float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._poll = select.epoll()
        self._by_socket = {client.socket.fileno(): client for client in self.clients}
        for client in self.clients:
            client.socket.setblocking(False)
            client.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            self._poll.register(client.socket, select.EPOLLIN)

    def ask(self, client: load.LoadClient) -> None:
        """Send a request."""
        self.asked[client.number] = time.time()
        client.send(FloorRequest(client.channel_ssrc))

    def listen(self, until: float) -> None:
        """Take permits, and give them back, until that moment."""
        while (left := until - time.monotonic()) > 0:
            for number, _ in self._poll.poll(left):
                self._take(self._by_socket[number])

    def _take(self, client: load.LoadClient) -> None:
        datagram, about, _, _ = client.socket.recvmsg(2048, 64)
        seconds, nanoseconds = struct.unpack("qq", about[0][2])
        try:
            messages = parse_control_untrusted(client.receiver.unprotect_rtcp(datagram))
        except ProtocolError:
            return
        for message in messages:
            if isinstance(message, FloorGranted) and client.number in self.asked:
                asked = self.asked.pop(client.number)
                self.delays.append(seconds + nanoseconds / 1e9 - asked)
                client.send(FloorRelease(client.channel_ssrc, message.burst))


def measure() -> dict[str, float]:
    """All loads against one server, in this network: milliseconds, and the share of a core."""
    with load.running_floor_server() as server:
        hearer = load.open_client(server, ASKERS)
        askers = Askers([_asker(server, number, hearer) for number in range(ASKERS)])
        idle = _requests(server, askers, CALM, iter(()))
        busy = _requests(server, askers, BUSY, iter(()))
        with ExitStack() as stack:
            voice = _voice(stack, _crowd(server, ASKERS + 1))
            loud = _requests(server, askers, BUSY, voice, TALKERS * VOICE_RATE)
    figures: dict[str, float] = {}
    for name, (delays, share) in {"idle": idle, "1000/s": busy, "1000/s and voice": loud}.items():
        figures[f"{name}, median"] = delays.median
        figures[f"{name}, p99"] = delays.p95
        figures[f"{name}, most"] = delays.most
        figures[f"{name}, percent of a core"] = share
    return figures


def _requests(
    server: load.FloorServer,
    askers: Askers,
    rate: float,
    voice: Iterator[tuple[load.LoadClient, bytes]],
    voice_rate: float = 0.0,
) -> tuple[Spread, float]:
    """SECONDS of requests: their delays (ms; p95 is the 99th percentile), and percent of a core."""
    askers.asked.clear()
    askers.delays.clear()
    turns = cycle(askers.clients)
    cpu, begun = server.cpu_seconds(), time.monotonic()
    asked = said = 0
    while (spent := time.monotonic() - begun) < SECONDS:
        while asked < spent * rate:
            askers.ask(next(turns))
            asked += 1
        while said < spent * voice_rate:
            talker, datagram = next(voice)
            talker.socket.send(datagram)
            said += 1
        askers.listen(begun + spent + TICK)
        server.swallow_reports()
    share = (server.cpu_seconds() - cpu) / SECONDS
    delays = sorted(1e3 * delay for delay in askers.delays)
    if len(delays) < 0.99 * asked:
        raise SystemExit(f"{asked - len(delays)} of {asked} requests were not answered.")
    middle, late = delays[len(delays) // 2], delays[int(0.99 * len(delays))]
    return Spread(middle, late, delays[0], delays[-1], len(delays)), 100 * share


def _asker(server: load.FloorServer, number: int, hearer: load.LoadClient) -> load.LoadClient:
    """A client in a channel of its own, with somebody who would hear it."""
    _open_channel(server, number + 1)
    client = load.open_client(server, number)
    _enter(server, client, number + 1, client.channel_ssrc)
    _enter(server, hearer, number + 1, 100_000 + number)
    client.receiver.add_source(_channel_ssrc(number + 1))
    return client


def _crowd(server: load.FloorServer, first: int) -> list[load.LoadClient]:
    """TALKERS in a channel each; LISTENERS in all of these."""
    clients = [load.open_client(server, first + number) for number in range(TALKERS + LISTENERS)]
    talkers, listeners = clients[:TALKERS], clients[TALKERS:]
    for place, talker in enumerate(talkers):
        channel = first + 1 + place
        _open_channel(server, channel)
        talker.receiver.add_source(_channel_ssrc(channel))
        _enter(server, talker, channel, talker.channel_ssrc)
        for number, listener in enumerate(listeners):
            _enter(server, listener, channel, 1_000_000 + 1000 * channel + number)
    return talkers


def _voice(
    stack: ExitStack, talkers: list[load.LoadClient]
) -> Iterator[tuple[load.LoadClient, bytes]]:
    """Packets of all talkers in turn, while they have the floor."""
    voices = deque((talker, stack.enter_context(load.talking(talker))) for talker in talkers)
    while True:
        talker, packets = voices[0]
        yield talker, next(packets)
        voices.rotate(-1)


def _open_channel(server: load.FloorServer, channel: int) -> None:
    server.tell(
        trunk.SetChannel(
            channel=channel,
            ssrc=_channel_ssrc(channel),
            talk_limit=600.0,
            queue_size=16,
            profile="gcm",
            strict=False,
        )
    )
    server.tell(trunk.AddEpoch(channel=channel, epoch=EPOCH + channel, key=new_key("gcm")))


def _enter(server: load.FloorServer, client: load.LoadClient, channel: int, ssrc: int) -> None:
    server.tell(
        trunk.SetMember(channel=channel, client=client.number, ssrc=ssrc, priority=0, may_talk=True)
    )


def _channel_ssrc(channel: int) -> int:
    return 500_000 + channel


if __name__ == "__main__":
    enter_loopback()
    print(json.dumps(measure()))
