"""The way to one floor server: a UDP socket and the keys of this connection.

    ControlMessage, RtpPacket --> SRTP under the uplink key --> socket
    socket --> voice datagrams as they are, control opened under the control key

One MediaLink serves one Media message; its keys are never used with another.
"""

from collections.abc import Callable

import trio

from ptt.client.network import DatagramSocket, Network
from ptt.errors import AuthenticationError, MalformedPacketError, ServerUnreachableError
from ptt.security.srtp import ControlReceiver, UplinkSender
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.datagram import DatagramKind, classify, peek_ssrc
from ptt.wire.rtp import RtpPacket, encode_rtp
from ptt.wire.signalling import Media

# Implementation
REOPEN_AFTER = 0.5  # s until a socket that could not be opened is tried again

ControlSink = Callable[[list[ControlMessage]], None]
VoiceSink = Callable[[bytes], None]


class MediaLink:
    """`host` is that of the session, in case the Media message names none.

    `refused` counts datagrams that proved nothing: somebody else sends in the server's name.
    """

    def __init__(self, media: Media, host: str) -> None:
        self._host = media.host or host
        self._port = media.port
        self._sender = UplinkSender(media.uplink_key)
        self._receiver = ControlReceiver(media.control_key)
        self._sources: set[int] = set()
        self._socket: DatagramSocket | None = None
        self._reopening = trio.CancelScope()
        self.refused = 0
        self.listen_to(media.ssrc)

    def listen_to(self, ssrc: int) -> None:
        """Accept control packets of this source from now on."""
        if ssrc not in self._sources:
            self._sources.add(ssrc)
            self._receiver.add_source(ssrc)

    def send_control(self, message: ControlMessage) -> None:
        """Send it, or lose it if there is no socket."""
        self._send(self._sender.protect_rtcp(encode_control(message)))

    def send_voice(self, packet: RtpPacket) -> None:
        """Send it, or lose it if there is no socket."""
        self._send(self._sender.protect_rtp(encode_rtp(packet)))

    def follow_address(self) -> None:
        """If this machine has another address now, send from that one."""
        if self._socket is not None and self._socket.address_changed():
            self._reopening.cancel()

    async def run(self, network: Network, control: ControlSink, voice: VoiceSink) -> None:
        """Hand out what comes, until cancelled."""
        while True:
            with trio.CancelScope() as self._reopening:
                try:
                    async with network.open_datagrams(self._host, self._port) as self._socket:
                        while True:
                            self._receive(await self._socket.receive(), control, voice)
                except ServerUnreachableError:
                    await trio.sleep(REOPEN_AFTER)
                finally:
                    self._socket = None

    def _send(self, datagram: bytes) -> None:
        if self._socket is not None:
            self._socket.send(datagram)

    def _receive(self, datagram: bytes, control: ControlSink, voice: VoiceSink) -> None:
        match classify(datagram):
            case DatagramKind.RTP:
                voice(datagram)
            case DatagramKind.RTCP if peek_ssrc(datagram, DatagramKind.RTCP) in self._sources:
                try:
                    control(parse_control_untrusted(self._receiver.unprotect_rtcp(datagram)))
                except (AuthenticationError, MalformedPacketError):
                    self.refused += 1
            case _:
                self.refused += 1
