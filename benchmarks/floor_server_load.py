"""A floor server as a child process, with a switchboard and clients played by this process.

Load leaves by the loopback interface only: every address here is 127.0.0.1. Plain blocking
sockets, because what this process spends does not count.
"""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from ptt.security.srtp import ControlReceiver, UplinkSender, new_key
from ptt.wire import trunk
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.floor import FloorGranted, FloorRelease, FloorRequest
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.rtp import RtpPacket, encode_rtp

LOOPBACK = "127.0.0.1"
CHANNEL = 1  # also the SSRC of its floor messages; those of clients begin at 1000
EPOCH = 7
PAYLOAD = bytes(60)  # octets, an Opus packet of 20 ms at 24 kbit/s
BOUND_WITHIN = 0.02  # s; a probe may overtake the word about its client, on another way
GRANTED_WITHIN = 0.25  # s; five requests a second are taken from a client
TRIES = 50


class FloorServer:
    """The process, and the switchboard's end of its trunk."""

    def __init__(self, process: "subprocess.Popen[bytes]", connection: socket.socket) -> None:
        self.process = process
        self._connection = connection
        self._buffer = trunk.FrameBuffer()
        self.port = self._ready_port()

    def tell(self, message: trunk.ToFloorServer) -> None:
        """Send one trunk message."""
        self._connection.sendall(trunk.encode(message))

    def cpu_seconds(self) -> float:
        """CPU time of the process so far, of all its threads."""
        tasks = Path(f"/proc/{self.process.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def _ready_port(self) -> int:
        while True:
            for body in self._buffer.feed_untrusted(self._connection.recv(65536)):
                match trunk.parse_to_switchboard_untrusted(body):
                    case trunk.Ready(port=port):
                        return port
                    case trunk.Failed(sentence=sentence):
                        raise SystemExit(sentence)
                    case _:
                        pass

    def swallow_reports(self) -> None:
        """Read what it reports, so that it is never held up by us."""
        with suppress(BlockingIOError):
            while octets := self._connection.recv(65536, socket.MSG_DONTWAIT):
                self._buffer.feed_untrusted(octets)


@contextmanager
def running_floor_server() -> Iterator[FloorServer]:
    """Start one; it ends with its trunk."""
    token = os.urandom(32)
    with socket.create_server((LOOPBACK, 0)) as listener:
        command = [sys.executable, "-m", "ptt.floor_server"]
        with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
            assert process.stdin is not None
            line = f"{LOOPBACK}:{listener.getsockname()[1]} {token.hex()} {LOOPBACK} 0\n"
            process.stdin.write(line.encode())
            process.stdin.flush()
            connection, _ = listener.accept()
            with connection:
                yield FloorServer(process, connection)


@dataclass
class LoadClient:
    """One member of the channel, as little of a client as the server lets through."""

    number: int
    sender: UplinkSender
    receiver: ControlReceiver
    socket: socket.socket
    bursts: set[int | None] = field(default_factory=set)  # a late Granted may come twice

    @property
    def control_ssrc(self) -> int:
        """SSRC of its control packets."""
        return 1000 + 2 * self.number

    @property
    def channel_ssrc(self) -> int:
        """SSRC of its floor messages."""
        return self.control_ssrc + 1

    def send(self, message: ControlMessage) -> None:
        """Send one control message."""
        self.socket.send(self.sender.protect_rtcp(encode_control(message)))

    def receive(self, within: float) -> list[ControlMessage]:
        """The control messages of the next datagram; none if it does not come, or is voice."""
        poll = select.poll()  # select() knows no more than 1024 sockets
        poll.register(self.socket, select.POLLIN)
        if not poll.poll(1000 * within):
            return []
        datagram = self.socket.recv(2048)
        if not 192 <= datagram[1] <= 223:
            return []
        return parse_control_untrusted(self.receiver.unprotect_rtcp(datagram))

    def bind(self) -> None:
        """Probe until the server is bound to this socket's address."""
        for _ in range(TRIES):
            self.send(Probe(self.control_ssrc, os.urandom(8)))
            for message in self.receive(BOUND_WITHIN):
                if isinstance(message, Challenge):
                    self.send(ChallengeReply(self.control_ssrc, message.token))
                if isinstance(message, ProbeReply):
                    return
        raise SystemExit("The floor server answers no probe.")

    def take_floor(self) -> int:
        """Ask for the floor until it is granted; return the burst's SSRC."""
        for _ in range(TRIES):
            self.send(FloorRequest(self.channel_ssrc))
            for message in self.receive(GRANTED_WITHIN):
                if isinstance(message, FloorGranted) and message.burst not in self.bursts:
                    assert message.burst is not None
                    self.bursts.add(message.burst)
                    return message.burst
        raise SystemExit("The floor server grants no floor.")


def add_clients(
    server: FloorServer, amount: int, channel: int = CHANNEL, first: int = 0
) -> list[LoadClient]:
    """A channel with so many members, all bound to a socket of their own, numbered from `first`."""
    server.tell(
        trunk.SetChannel(
            channel=channel,
            ssrc=channel,
            talk_limit=600.0,
            queue_size=16,
            profile="gcm",
            strict=False,
        )
    )
    server.tell(trunk.AddEpoch(channel=channel, epoch=EPOCH + channel, key=new_key("gcm")))
    return [_add_client(server, first + number, channel) for number in range(amount)]


def _add_client(server: FloorServer, number: int, channel: int) -> LoadClient:
    client = open_client(server, number)
    client.receiver.add_source(channel)
    server.tell(
        trunk.SetMember(
            channel=channel, client=number, ssrc=client.channel_ssrc, priority=0, may_talk=True
        )
    )
    return client


def open_client(server: FloorServer, number: int) -> LoadClient:
    """A client in no channel yet, bound to a socket of its own."""
    up, down = new_key("gcm"), new_key("gcm")
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    udp.connect((LOOPBACK, server.port))
    client = LoadClient(number, UplinkSender(up), ControlReceiver(down), udp)
    client.receiver.add_source(client.control_ssrc)
    server.tell(
        trunk.AddClient(client=number, ssrc=client.control_ssrc, uplink_key=up, control_key=down)
    )
    client.bind()
    return client


@contextmanager
def talking(client: LoadClient, frames: int = 1) -> Iterator[Iterator[bytes]]:
    """Datagrams, of so many frames each, of a burst without end, while the client has the floor."""
    burst = client.take_floor()
    yield _voice(client, burst, frames)
    client.send(FloorRelease(client.channel_ssrc, burst))


def _voice(client: LoadClient, burst: int, frames: int) -> Iterator[bytes]:
    payload = frames * PAYLOAD
    for number in count():
        time = number * frames * 960
        packet = RtpPacket(111, number & 0xFFFF, time, burst, payload, marker=number == 0)
        yield client.sender.protect_rtp(encode_rtp(packet))
