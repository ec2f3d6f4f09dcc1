"""The one entry for everything that travels as RTCP: floor control, link control, reports.

    octets <--> rtcp.py <--> floor_codec.py | link.py <--> messages

Packets of other kinds, and APP packets of other names, are skipped: they belong to somebody
else, or to a later release.
"""

from ptt.wire.floor import FloorMessage
from ptt.wire.floor_codec import FLOOR_NAME, encode_floor, floor_from_app
from ptt.wire.link import (
    LINK_NAME,
    Challenge,
    ChallengeReply,
    LinkMessage,
    Probe,
    ProbeReply,
    encode_link,
    link_from_app,
)
from ptt.wire.rtcp import (
    AppPacket,
    ReceiverReport,
    RtcpPacket,
    encode_rtcp,
    parse_rtcp_untrusted,
)

ControlMessage = FloorMessage | LinkMessage | ReceiverReport


def encode_control(message: ControlMessage) -> bytes:
    """The message as one RTCP packet; raises LocalProtocolError if it cannot be sent."""
    match message:
        case ReceiverReport():
            return encode_rtcp(message)
        case Probe() | ProbeReply() | Challenge() | ChallengeReply():
            return encode_link(message)
        case _:
            return encode_floor(message)


def parse_control_untrusted(datagram: bytes) -> list[ControlMessage]:
    """All messages of a datagram, in order; raises only MalformedPacketError."""
    messages = (_message(packet) for packet in parse_rtcp_untrusted(datagram))
    return [message for message in messages if message is not None]


def _message(packet: RtcpPacket) -> ControlMessage | None:
    match packet:
        case ReceiverReport():
            return packet
        case AppPacket(name=name) if name == FLOOR_NAME:
            return floor_from_app(packet)
        case AppPacket(name=name) if name == LINK_NAME:
            return link_from_app(packet)
        case _:
            return None
