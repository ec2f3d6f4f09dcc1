"""Tells what a datagram is before anything else is looked at (RFC 5761, RFC 7983).

    first octet 128-191, second 192-223 -> RTCP: floor control, link control, reports
    first octet 128-191, else           -> RTP: voice
    all the rest, too short, too long   -> OTHER

Works on protected datagrams, because SRTP leaves the octets in question clear. Authenticates
nothing: what `peek_ssrc` says is only where to look for a key.
"""

from enum import Enum

# Specification
_FIRST_RTCP_TYPE = 192  # RFC 5761, 4
_LAST_RTCP_TYPE = 223
_RTP_SSRC = slice(8, 12)  # RFC 3550, 5.1
_RTCP_SSRC = slice(4, 8)  # RFC 3550, 6.4

# Implementation
MIN_DATAGRAM = 28  # octets: an empty RTP packet, or an empty report, with an AEAD tag
MAX_DATAGRAM = 1400  # octets: fits one Ethernet frame, also inside a tunnel


class DatagramKind(Enum):
    """What a datagram claims to be."""

    RTP = "rtp"
    RTCP = "rtcp"
    OTHER = "other"


def classify(datagram: bytes) -> DatagramKind:
    """The kind of a protected datagram; OTHER if it is none of ours. Never raises."""
    if not MIN_DATAGRAM <= len(datagram) <= MAX_DATAGRAM or datagram[0] >> 6 != 2:
        return DatagramKind.OTHER
    if _FIRST_RTCP_TYPE <= datagram[1] <= _LAST_RTCP_TYPE:
        return DatagramKind.RTCP
    return DatagramKind.RTP


def peek_ssrc(datagram: bytes, kind: DatagramKind) -> int:
    """The SSRC that a datagram of this kind (RTP or RTCP, by `classify`) claims to come from."""
    place = _RTCP_SSRC if kind is DatagramKind.RTCP else _RTP_SSRC
    return int.from_bytes(datagram[place], "big")
