"""As little of a client as the floor server lets through, and a switchboard that knows it.

    async with floor_server() as board:
        await board.add_channel(1)
        anna = await board.add_bound(1)
        burst = await anna.take_floor(1)

Everything on the wire is real: UDP on 127.0.0.1, SRTP by libsrtp, the trunk as a byte stream.
What the client hears it keeps in `heard`, in the order of arrival: messages and RTP packets.
"""

import os
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import TypeVar

import trio
import trio.testing

from ptt.errors import AuthenticationError
from ptt.floor_server.__main__ import serve
from ptt.floor_server.trunk import Trunk
from ptt.net.datagrams import DatagramSocket, open_datagram_socket
from ptt.security.srtp import GCM, ControlReceiver, UplinkSender, VoiceReceiver, mki, new_key
from ptt.wire import trunk
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.datagram import DatagramKind, classify
from ptt.wire.floor import FloorGranted, FloorIndicator, FloorRelease, FloorRequest
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.rtp import RtpPacket, encode_rtp, parse_rtp_untrusted

LOOPBACK = "127.0.0.1"
PATIENCE = 2.0  # s for an answer that must come
OPUS = 111

Heard = ControlMessage | RtpPacket
_Report = TypeVar("_Report", bound=trunk.ToSwitchboard)
_Message = TypeVar("_Message", bound=Heard)


def open_udp(port: int) -> socket.socket:
    """A non-blocking socket that is connected to the server's port."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setblocking(False)
    udp.connect((LOOPBACK, port))
    return udp


@dataclass
class FakeClient:
    """One client of one floor server; `ssrcs` are those of its floor messages, by channel."""

    number: int
    ssrc: int
    port: int
    uplink_key: bytes = field(default_factory=new_key)
    control_key: bytes = field(default_factory=new_key)
    ssrcs: dict[int, int] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)
    undecodable: int = 0
    sequence: int = 100

    def __post_init__(self) -> None:
        self.udp = open_udp(self.port)
        self._sender = UplinkSender(self.uplink_key)
        self._control = ControlReceiver(self.control_key)
        self._voice: dict[int, VoiceReceiver] = {}

    def move(self) -> socket.socket:
        """Send from another port from now on; returns the former socket, still open."""
        former, self.udp = self.udp, open_udp(self.port)
        return former

    # keys

    def expect_from(self, *ssrcs: int) -> None:
        """Control packets with these SSRCs may come: a channel's, or the client's own."""
        for ssrc in ssrcs:
            self._control.add_source(ssrc)

    def add_key(self, epoch: int, key: bytes) -> None:
        """The key of a channel's voice."""
        self._voice[epoch] = VoiceReceiver(key, epoch)

    # sending

    def seal(self, *messages: ControlMessage) -> bytes:
        """Messages as one datagram, ready to be sent by whomever."""
        return self._sender.protect_rtcp(b"".join(encode_control(each) for each in messages))

    def send(self, *messages: ControlMessage) -> None:
        """Send messages in one datagram."""
        self.udp.send(self.seal(*messages))

    def seal_voice(self, burst: int, payload: bytes = bytes(60)) -> bytes:
        """The next packet of a burst, ready to be sent by whomever."""
        self.sequence += 1
        packet = RtpPacket(OPUS, self.sequence, self.sequence * 960, burst, payload)
        return self._sender.protect_rtp(encode_rtp(packet))

    def talk(self, burst: int, packets: int = 1, payload: bytes = bytes(60)) -> None:
        """Send packets of a burst, as fast as can be."""
        for _ in range(packets):
            self.udp.send(self.seal_voice(burst, payload))

    def request(self, channel: int, indicator: FloorIndicator | None = None) -> None:
        """Ask for the floor; queueing is supported."""
        wanted = indicator or FloorIndicator.NORMAL_CALL
        message = FloorRequest(
            self.ssrcs[channel], indicator=wanted | FloorIndicator.QUEUEING_SUPPORTED
        )
        self.send(message)

    def release(self, channel: int, burst: int | None) -> None:
        """Give the floor back, or leave the queue, or ask how it stands."""
        self.send(FloorRelease(self.ssrcs[channel], burst))

    # receiving

    async def listen(self) -> Heard:
        """Wait for the next datagram that holds something; raises TooSlowError after PATIENCE."""
        with trio.fail_after(PATIENCE):
            while True:
                before = len(self.heard)
                await trio.lowlevel.wait_readable(self.udp)
                self.take(self.udp.recv(2048))
                if len(self.heard) > before:
                    return self.heard[before]

    def drain(self) -> list[Heard]:
        """Take all that has come, without waiting; returns what is new."""
        before = len(self.heard)
        while True:
            try:
                self.take(self.udp.recv(2048))
            except BlockingIOError:
                return self.heard[before:]

    async def until(self, kind: type[_Message]) -> _Message:
        """Wait for the next message of that kind; what comes before stays in `heard`."""
        while True:
            before = len(self.heard)
            await self.listen()
            for message in self.heard[before:]:
                if isinstance(message, kind):
                    return message

    async def bind(self) -> None:
        """Probe, prove the address, be bound."""
        self.send(Probe(self.ssrc, b"01234567"))
        challenge = await self.until(Challenge)
        self.send(ChallengeReply(self.ssrc, challenge.token))
        await self.until(ProbeReply)

    async def take_floor(self, channel: int) -> int:
        """Ask for the floor and get it; returns the burst's SSRC."""
        self.request(channel)
        granted = await self.until(FloorGranted)
        assert granted.burst is not None
        return granted.burst

    def take(self, datagram: bytes) -> None:
        """Open a datagram and keep what it says."""
        try:
            if classify(datagram) is DatagramKind.RTCP:
                clear = self._control.unprotect_rtcp(datagram)
                self.heard.extend(parse_control_untrusted(clear))
            else:
                self.heard.append(parse_rtp_untrusted(self._open_voice(datagram)))
        except AuthenticationError:
            self.undecodable += 1

    def _open_voice(self, datagram: bytes) -> bytes:
        epoch = mki(datagram)
        if epoch not in self._voice:
            raise AuthenticationError("an epoch whose key this client does not have")
        return self._voice[epoch].unprotect(datagram)


class FakeSwitchboard:
    """The other end of a floor server's trunk. `reports` holds what it reported, in order."""

    def __init__(self, stream: trio.abc.HalfCloseableStream) -> None:
        self.reports: list[trunk.ToSwitchboard] = []
        self.port = 0
        self.ssrc = 0
        self.clients: list[FakeClient] = []
        self.sockets: list[socket.socket] = []
        self._more = trio.Event()
        self._stream = stream
        self._frames = trunk.FrameBuffer()
        self._channels: dict[int, trunk.SetChannel] = {}
        self._keys: dict[int, trunk.AddEpoch] = {}

    async def tell(self, *orders: trunk.ToFloorServer) -> None:
        """Send orders; they are obeyed before anything that is sent by UDP afterwards."""
        for order in orders:
            await self._stream.send_all(trunk.encode(order))
        await self.settle()

    async def settle(self) -> None:
        """Until floor server and trunk have done all that there was to do."""
        await trio.testing.wait_all_tasks_blocked(0.001)

    async def listen(self) -> None:
        """Keep the reports until the floor server closes the trunk."""
        while octets := await self._stream.receive_some():
            for body in self._frames.feed_untrusted(bytes(octets)):
                self.reports.append(trunk.parse_to_switchboard_untrusted(body))
            self._more.set()
            self._more = trio.Event()

    def reported(self, kind: type[_Report]) -> list[_Report]:
        """The reports of that kind so far."""
        return [report for report in self.reports if isinstance(report, kind)]

    async def until(self, kind: type[_Report]) -> _Report:
        """Wait for the next report of that kind; raises TooSlowError after PATIENCE."""
        before = len(self.reported(kind))
        with trio.fail_after(PATIENCE):
            while len(self.reported(kind)) == before:
                await self._more.wait()
        return self.reported(kind)[before]

    async def add_channel(
        self,
        channel: int,
        *,
        talk_limit: float = 60.0,
        profile: str = "gcm",
        strict: bool = False,
    ) -> None:
        """A channel with the first key of its voice, which is epoch 1000 times its number."""
        order = trunk.SetChannel(
            channel=channel,
            ssrc=self._new_ssrc(),
            talk_limit=talk_limit,
            queue_size=16,
            profile=profile,
            strict=strict,
        )
        self._channels[channel] = order
        await self.tell(order)
        if not strict:
            await self.add_epoch(channel, 1000 * channel)

    async def add_epoch(self, channel: int, epoch: int) -> None:
        """A new key, first for everybody who listens, then for the floor server."""
        profile = self._channels[channel].profile
        order = trunk.AddEpoch(channel=channel, epoch=epoch, key=new_key(profile))
        self._keys[channel] = order
        for client in self.clients:
            if channel in client.ssrcs and profile == GCM:
                client.add_key(epoch, order.key)
        await self.tell(order)

    async def add_client(self, *channels: int, may_talk: bool = True) -> FakeClient:
        """A client that is in these channels, and not bound yet."""
        client = FakeClient(len(self.clients) + 1, self._new_ssrc(), self.port)
        client.expect_from(client.ssrc)
        self.clients.append(client)
        order = trunk.AddClient(
            client=client.number,
            ssrc=client.ssrc,
            uplink_key=client.uplink_key,
            control_key=client.control_key,
        )
        await self.tell(order)
        for channel in channels:
            await self.join(client, channel, may_talk=may_talk)
        return client

    async def join(
        self, client: FakeClient, channel: int, *, priority: int = 0, may_talk: bool = True
    ) -> None:
        """Put the client into a channel, with an own voice key if that is strict."""
        settings = self._channels[channel]
        client.ssrcs[channel] = self._new_ssrc()
        client.expect_from(settings.ssrc)
        own, epoch = None, 0
        if settings.strict:
            own, epoch = new_key(), 5000 + client.number
            client.add_key(epoch, own)
        elif settings.profile == GCM:
            client.add_key(self._keys[channel].epoch, self._keys[channel].key)
        order = trunk.SetMember(
            channel=channel,
            client=client.number,
            ssrc=client.ssrcs[channel],
            priority=priority,
            may_talk=may_talk,
            voice_key=own,
            epoch=epoch,
        )
        await self.tell(order)

    async def add_bound(self, *channels: int) -> FakeClient:
        """A client that is in these channels and bound, with nothing heard so far."""
        client = await self.add_client(*channels)
        await client.bind()
        client.drain()
        client.heard.clear()
        return client

    def open_socket(self) -> socket.socket:
        """A socket that sends to the floor server, of nobody in particular."""
        udp = open_udp(self.port)
        self.sockets.append(udp)
        return udp

    async def counters(self) -> dict[str, int]:
        """What the floor server has counted, when it next tells it."""
        return (await self.until(trunk.Statistics)).counters

    def _new_ssrc(self) -> int:
        self.ssrc += 1 + int.from_bytes(os.urandom(2), "big")
        return self.ssrc


async def _serve(stream: trio.abc.Stream, udp: DatagramSocket) -> None:
    async with stream:
        await serve(Trunk(stream), udp)


@asynccontextmanager
async def floor_server() -> AsyncIterator[FakeSwitchboard]:
    """A floor server in this process, on a port of its own, and the switchboard that it obeys."""
    ours, its = trio.testing.memory_stream_pair()
    board = FakeSwitchboard(ours)
    with closing(open_datagram_socket(LOOPBACK, 0)) as udp:
        board.port = udp.port
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_serve, its, udp)
            nursery.start_soon(board.listen)
            try:
                yield board
            finally:
                for each in [*board.sockets, *(client.udp for client in board.clients)]:
                    each.close()
                await ours.send_eof()
