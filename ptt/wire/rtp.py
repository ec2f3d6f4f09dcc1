"""RTP packets (RFC 3550, 5.1) as values.

     0                   1                   2                   3
    |V=2|P|X|  CC   |M|     PT      |       sequence number         |
    |                           timestamp                           |
    |                             SSRC                              |

Contributing sources and header extensions are skipped, padding is cut off; neither is sent.
Does not look into the payload: see redundancy.py.
"""

import struct
from dataclasses import dataclass
from struct import Struct

from ptt.errors import LocalProtocolError, MalformedPacketError

# Specification
RTP_HEADER = 12  # octets
_VERSION = 0x80
_PADDING = 0x20
_EXTENSION = 0x10
_SOURCES = 0x0F
_MARKER = 0x80
_PAYLOAD_TYPE = 0x7F
_header = Struct("!BBHII")


@dataclass(frozen=True, slots=True)
class RtpPacket:
    """One packet of voice; `timestamp` in ticks of 1/48000 s for Opus (RFC 7587)."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def encode_rtp(packet: RtpPacket) -> bytes:
    """The packet as octets; raises LocalProtocolError if a number does not fit."""
    if not 0 <= packet.payload_type <= _PAYLOAD_TYPE:
        raise LocalProtocolError(f"RTP has no payload type {packet.payload_type}.")
    second = packet.payload_type | (_MARKER if packet.marker else 0)
    try:
        header = _header.pack(_VERSION, second, packet.sequence, packet.timestamp, packet.ssrc)
    except struct.error as error:
        raise LocalProtocolError(f"An RTP header cannot hold this: {error}.") from error
    return header + packet.payload


def parse_rtp_untrusted(octets: bytes) -> RtpPacket:
    """The packet in these octets; raises only MalformedPacketError."""
    if len(octets) < RTP_HEADER:
        raise MalformedPacketError(f"an RTP packet of {len(octets)} octets")
    first, second, sequence, timestamp, ssrc = _header.unpack_from(octets)
    if first == _VERSION:  # nearly all: no padding, no extension, no other sources
        payload = octets[RTP_HEADER:]
    else:
        payload = octets[_payload_start(octets, first) : _payload_end(octets, first)]
    return RtpPacket(second & _PAYLOAD_TYPE, sequence, timestamp, ssrc, payload, second >= _MARKER)


def _payload_start(octets: bytes, first: int) -> int:
    """Where the payload starts, behind other sources and the header extension."""
    if first & 0xC0 != _VERSION:
        raise MalformedPacketError("not RTP version 2")
    start = RTP_HEADER + 4 * (first & _SOURCES)
    if first & _EXTENSION:
        words = int.from_bytes(octets[start + 2 : start + 4], "big")
        start += 4 + 4 * words
    if start > len(octets):
        raise MalformedPacketError("an RTP header longer than its packet")
    return start


def _payload_end(octets: bytes, first: int) -> int:
    """Where the payload ends, before the padding, whose last octet is its length."""
    if not first & _PADDING:
        return len(octets)
    end = len(octets) - octets[-1]
    if octets[-1] == 0 or end < _payload_start(octets, first):
        raise MalformedPacketError("RTP padding of an impossible length")
    return end
