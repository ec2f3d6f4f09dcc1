"""RTCP packets (RFC 3550, 6) as values: APP, receiver reports, and the rest by number only.

A datagram may hold several packets, each with its own length, so it is walked from one to the
next (TS 24.380 8.1.1, RFC 5506). Does not know what an APP packet says: see floor_codec.py and
link.py. Sender reports, descriptions and farewells are not sent and not read.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from struct import Struct

from ptt.errors import LocalProtocolError, MalformedPacketError

# Specification
RECEIVER_REPORT = 201
APPLICATION = 204
_VERSION = 0x80
_PADDING = 0x20
_COUNT = 0x1F
_NAME_OCTETS = 4
_CUMULATIVE_MIN, _CUMULATIVE_MAX = -(1 << 23), (1 << 23) - 1
_UINT32 = 0xFFFFFFFF
_header = Struct("!BBH")
_ssrc = Struct("!I")
_block = Struct("!IIIIII")


@dataclass(frozen=True, slots=True)
class AppPacket:
    """A packet whose `body` (a multiple of four octets) the four octets `name` explain."""

    subtype: int
    ssrc: int
    name: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class ReportBlock:
    """How the packets of the source `ssrc` arrive (RFC 3550, 6.4.1).

    `fraction_lost` (0 to 1) since the last report, on the wire in steps of 1/256;
    `cumulative_lost` since the start, negative if more came than were sent;
    `highest_sequence` with the wraps in its upper half; `jitter_ticks` in RTP clock ticks.
    """

    ssrc: int
    fraction_lost: float
    cumulative_lost: int
    highest_sequence: int
    jitter_ticks: int
    last_sr: int = 0
    delay_since_last_sr: int = 0


@dataclass(frozen=True, slots=True)
class ReceiverReport:
    """What `ssrc` hears of others; at most 31 blocks."""

    ssrc: int
    blocks: tuple[ReportBlock, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownRtcpPacket:
    """A packet type that this release does not read: to be ignored."""

    packet_type: int


RtcpPacket = AppPacket | ReceiverReport | UnknownRtcpPacket


def encode_rtcp(packet: AppPacket | ReceiverReport) -> bytes:
    """The packet as octets; raises LocalProtocolError if a number does not fit."""
    try:
        match packet:
            case AppPacket():
                return _encode_app(packet)
            case ReceiverReport():
                blocks = b"".join(_encode_block(block) for block in packet.blocks)
                body = _ssrc.pack(packet.ssrc) + blocks
                return _with_header(len(packet.blocks), RECEIVER_REPORT, body)
    except struct.error as error:
        raise LocalProtocolError(f"An RTCP packet cannot hold this: {error}.") from error


def _encode_app(packet: AppPacket) -> bytes:
    if len(packet.name) != _NAME_OCTETS:
        raise LocalProtocolError(f"An APP name has four octets, {packet.name!r} has not.")
    if len(packet.body) % 4:
        raise LocalProtocolError("The body of an APP packet must fill whole words.")
    return _with_header(
        packet.subtype, APPLICATION, _ssrc.pack(packet.ssrc) + packet.name + packet.body
    )


def _with_header(count: int, packet_type: int, body: bytes) -> bytes:
    if not 0 <= count <= _COUNT:
        raise LocalProtocolError(f"{count} does not fit the five bits of an RTCP header.")
    return _header.pack(_VERSION | count, packet_type, len(body) // 4) + body


def _encode_block(block: ReportBlock) -> bytes:
    fraction = min(255, max(0, int(block.fraction_lost * 256)))
    lost = min(_CUMULATIVE_MAX, max(_CUMULATIVE_MIN, block.cumulative_lost)) & 0xFFFFFF
    return _block.pack(
        block.ssrc,
        fraction << 24 | lost,
        block.highest_sequence & _UINT32,
        min(block.jitter_ticks, _UINT32),
        block.last_sr,
        block.delay_since_last_sr,
    )


def parse_rtcp_untrusted(datagram: bytes) -> list[RtcpPacket]:
    """All packets of a datagram, in order; raises only MalformedPacketError.

    One broken packet condemns the whole datagram: behind it nothing can be trusted to be where
    its length says.
    """
    if not datagram:
        raise MalformedPacketError("an empty RTCP datagram")
    return [_parse_packet(packet) for packet in _walk(datagram)]


def _walk(datagram: bytes) -> Iterator[bytes]:
    """Each packet of the datagram, padding included."""
    at = 0
    while at < len(datagram):
        if at + _header.size > len(datagram):
            raise MalformedPacketError("a cut RTCP header")
        first, _, words = _header.unpack_from(datagram, at)
        end = at + 4 + 4 * words
        if first & 0xC0 != _VERSION:
            raise MalformedPacketError("not RTCP version 2")
        if end > len(datagram):
            raise MalformedPacketError("an RTCP packet longer than its datagram")
        yield datagram[at:end]
        at = end


def _parse_packet(packet: bytes) -> RtcpPacket:
    count, packet_type = packet[0] & _COUNT, packet[1]
    if packet_type not in (APPLICATION, RECEIVER_REPORT):
        return UnknownRtcpPacket(packet_type)
    body = _without_padding(packet)
    if packet_type == APPLICATION:
        return _parse_app(count, body)
    return _parse_report(count, body)


def _without_padding(packet: bytes) -> bytes:
    """What follows the header, up to the padding, whose last octet is its length."""
    if not packet[0] & _PADDING:
        return packet[4:]
    padding = packet[-1]
    if padding == 0 or padding % 4 or padding > len(packet) - 4:
        raise MalformedPacketError("RTCP padding of an impossible length")
    return packet[4:-padding]


def _parse_app(subtype: int, body: bytes) -> AppPacket:
    if len(body) < _ssrc.size + _NAME_OCTETS:
        raise MalformedPacketError("an APP packet without a name")
    (ssrc,) = _ssrc.unpack_from(body)
    return AppPacket(subtype, ssrc, body[4:8], body[8:])


def _parse_report(count: int, body: bytes) -> ReceiverReport:
    """A receiver report; extensions of profiles behind the blocks are skipped."""
    end = _ssrc.size + count * _block.size
    if len(body) < end:
        raise MalformedPacketError("a receiver report shorter than its blocks")
    (ssrc,) = _ssrc.unpack_from(body)
    blocks = _block.iter_unpack(body[_ssrc.size : end])
    return ReceiverReport(ssrc, tuple(_parse_block(block) for block in blocks))


def _parse_block(block: tuple[int, ...]) -> ReportBlock:
    ssrc, losses, highest, jitter, last_sr, delay = block
    lost = losses & 0xFFFFFF
    if lost > _CUMULATIVE_MAX:
        lost -= 1 << 24
    return ReportBlock(ssrc, (losses >> 24) / 256, lost, highest, jitter, last_sr, delay)
