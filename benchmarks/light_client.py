"""Clients that cost as little as possible, many in one process: TLS 1.3, WebSocket, UDP binding.

    connect -> TLS -> upgrade -> Hello -> Welcome, Media -> Join, Probe -> Joined, ProbeReply
            -> afterwards every ChannelKey is confirmed, all else is read and dropped

Each client is a generator that waits for its sockets (light_loop.py drives them). Sends only to
127.0.0.1, each client from an address of its own in 127.0.0.0/8, as people at their desks.
"""

import errno
import os
import select
import socket
import ssl
import time
from collections.abc import Generator
from dataclasses import dataclass, field

from ptt.errors import AuthenticationError
from ptt.security.srtp import ControlReceiver, UplinkSender
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.signalling import (
    ChannelKey,
    ClientMessage,
    Hello,
    Join,
    Joined,
    KeyInUse,
    Media,
    ServerMessage,
    Welcome,
    encode,
    parse_server_message_untrusted,
)

LOOPBACK = "127.0.0.1"
CHUNK = 65536
PROBE_AGAIN = 0.15  # s, as the real client
SMALL_BUFFER = 2304  # octets: voice that nobody reads fills it and costs no more
READ = (b'{"type":"welcome"', b'{"type":"media"', b'{"type":"joined"', b'{"type":"channelkey"')
UPGRADE = (
    b"GET /v1/session HTTP/1.1\r\nHost: storm\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
)

Steps = Generator[int, None, None]  # yields the events of epoll that the client waits for


@dataclass(frozen=True, slots=True)
class Login:
    """Where to go and who to be; `number` gives the client its own loopback address."""

    number: int
    port: int
    channel: int
    device: str
    secret: bytes

    @property
    def address(self) -> str:
        """The client's own address."""
        return f"127.1.{self.number >> 8}.{self.number & 255}"


@dataclass
class Times:
    """When it came so far, by time.monotonic; None: not yet."""

    began: float | None = None
    joined: float | None = None  # in the channel and bound
    keyed: float | None = None  # can decode voice
    refusals: int = 0
    losses: int = 0  # sessions that ended


@dataclass(eq=False)
class LightClient:
    """One client; `buffer` is the room for datagrams that nobody has read."""

    login: Login
    tls: ssl.SSLContext
    buffer: int = SMALL_BUFFER
    times: Times = field(default_factory=Times)
    media: Media | None = None
    joined: Joined | None = None
    raw: socket.socket | None = None  # before TLS
    tcp: ssl.SSLSocket | None = None
    udp: socket.socket | None = None
    retry_at: float = 0.0
    _bound: bool = False
    _octets: bytearray = field(default_factory=bytearray)
    _probed_at: float = 0.0

    @property
    def is_in(self) -> bool:
        """Whether it is in the channel and bound."""
        return self.times.joined is not None

    def live(self) -> Steps:
        """From the first octet to the end of the session; raises OSError."""
        self._begin()
        yield from self._connect()
        assert self.tcp is not None
        yield from self._shake_hands(self.tcp)
        self._write(UPGRADE)
        while b"\r\n\r\n" not in self._octets:
            yield from self._read()
        answer, _, self._octets = self._octets.partition(b"\r\n\r\n")
        if b" 101 " not in answer:
            raise ConnectionError(answer[:40])
        self.say(Hello(device=self.login.device, secret=self.login.secret))
        while True:
            self._take_frames()
            yield from self._read()

    def say(self, message: ClientMessage) -> None:
        """Send a message."""
        body = encode(message).encode()
        length = len(body)
        head = bytes([0x81, 0x80 | length]) if length < 126 else b""
        head = head or bytes([0x81, 0x80 | 126]) + length.to_bytes(2, "big")
        self._write(head + bytes(4) + body)  # masked by zeros: nothing to compute

    def send(self, message: ControlMessage) -> None:
        """Send a control message by UDP."""
        assert self.udp is not None
        self.udp.send(self.sender.protect_rtcp(encode_control(message)))

    def tick(self, now: float) -> None:
        """Probe again if no reply has come."""
        if self.media is not None and not self._bound and now > self._probed_at + PROBE_AGAIN:
            self._probed_at = now
            self.send(Probe(self.media.ssrc, os.urandom(8)))

    def take_datagrams(self) -> list[ControlMessage]:
        """Read what has come by UDP and answer link control; returns the rest."""
        assert self.udp is not None
        others: list[ControlMessage] = []
        try:
            while True:
                others += self._take_datagram(self.udp.recv(2048))
        except BlockingIOError:
            return others

    def close(self) -> None:
        """Let go of the sockets."""
        for each in (self.tcp, self.udp, self.raw):
            if each is not None:
                each.close()
        self.tcp = self.udp = self.raw = None

    # signalling

    def _begin(self) -> None:
        self.times.began = self.times.began or time.monotonic()
        self._octets.clear()
        self.media, self.joined, self._bound = None, None, False

    def _connect(self) -> Steps:
        self.raw = tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        tcp.setblocking(False)
        tcp.bind((self.login.address, 0))
        if (error := tcp.connect_ex((LOOPBACK, self.login.port))) != errno.EINPROGRESS and error:
            raise OSError(error, os.strerror(error))
        yield select.EPOLLOUT
        if error := tcp.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            raise OSError(error, os.strerror(error))
        self.tcp = self.tls.wrap_socket(tcp, do_handshake_on_connect=False)
        self.raw = None

    def _shake_hands(self, tcp: ssl.SSLSocket) -> Steps:
        while True:
            try:
                tcp.do_handshake()
                return
            except ssl.SSLWantReadError:
                yield select.EPOLLIN

    def _read(self) -> Steps:
        assert self.tcp is not None
        while True:
            try:
                octets = self.tcp.recv(CHUNK)
            except ssl.SSLWantReadError:
                yield select.EPOLLIN
                continue
            if not octets:
                raise ConnectionError("the server ended the session")
            self._octets += octets
            return

    def _write(self, octets: bytes) -> None:
        assert self.tcp is not None
        self.tcp.send(octets)  # short enough for any socket's buffer

    def _take_frames(self) -> None:
        while (body := _cut_frame(self._octets)) is not None:
            if body.startswith(READ):
                self._handle(parse_server_message_untrusted(body))

    def _handle(self, message: ServerMessage) -> None:
        match message:
            case Welcome():
                self.say(Join(channel=self.login.channel))
            case Media():
                self._open_link(message)
            case Joined():
                self.joined = message
                self.receiver.add_source(message.channel_ssrc)
                self._note_progress()
            case ChannelKey(channel=channel, epoch=epoch):
                self.times.keyed = self.times.keyed or time.monotonic()
                self.say(KeyInUse(channel=channel, epoch=epoch))
            case _:
                pass

    # the link

    def _open_link(self, media: Media) -> None:
        self.media = media
        self.sender = UplinkSender(media.uplink_key)
        self.receiver = ControlReceiver(media.control_key)
        self.receiver.add_source(media.ssrc)
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setblocking(False)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.buffer)
        self.udp.bind((self.login.address, 0))
        self.udp.connect((LOOPBACK, media.port))
        self.tick(time.monotonic())

    def _take_datagram(self, datagram: bytes) -> list[ControlMessage]:
        if not 192 <= datagram[1] <= 223:
            return []
        try:
            messages = parse_control_untrusted(self.receiver.unprotect_rtcp(datagram))
        except AuthenticationError:  # of a channel whose Joined is still on its way
            return []
        return [message for message in messages if not self._is_of_link(message)]

    def _is_of_link(self, message: ControlMessage) -> bool:
        match message:
            case Challenge(ssrc=ssrc, token=token):
                self.send(ChallengeReply(ssrc, token))
            case ProbeReply():
                self._bound = True
                self._note_progress()
            case _:
                return False
        return True

    def _note_progress(self) -> None:
        if self._bound and self.joined and not self.is_in:
            self.times.joined = time.monotonic()


def client_context() -> ssl.SSLContext:
    """TLS 1.3 without a look at the certificate: whether that is right costs only the client."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _cut_frame(octets: bytearray) -> bytes | None:
    """Take the next whole frame out of `octets`; its body, None if there is none."""
    if len(octets) < 2:
        return None
    length, head = octets[1] & 127, 2
    if length >= 126:
        head += 2 if length == 126 else 8
        length = int.from_bytes(octets[2:head], "big")
    if len(octets) < head + length:
        return None
    body = bytes(octets[head : head + length])
    del octets[: head + length]
    return body
