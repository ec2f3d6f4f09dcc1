"""Copies of former voice in a packet, against loss (RFC 2198, payload format `red`).

    |1| PT |  offset (14)  | length (10) |  for each copy, oldest first
    |0| PT |                                for the newest
    | copy | copy | ... | newest |

All blocks are of one payload type here. Which copies to send, and how many, is decided in
ptt.media.
"""

from dataclasses import dataclass

from ptt.errors import LocalProtocolError, MalformedPacketError

# Specification
MAX_OFFSET_TICKS = (1 << 14) - 1  # 341 ms at 48 kHz
MAX_COPY_OCTETS = (1 << 10) - 1
_MORE = 0x80
_PAYLOAD_TYPE = 0x7F
_COPY_HEADER = 4  # octets


@dataclass(frozen=True, slots=True)
class RedBlock:
    """One block: `payload` was first sent `offset_ticks` before the packet's timestamp."""

    offset_ticks: int
    payload: bytes


def encode_red(primary: bytes, copies: list[tuple[int, bytes]], payload_type: int = 111) -> bytes:
    """The payload of a `red` packet: copies as (offset in ticks, octets), then `primary`.

    Raises LocalProtocolError if an offset or a copy is larger than the format can say.
    """
    oldest_first = sorted(copies, key=lambda copy: -copy[0])
    headers = [_copy_header(offset, len(octets), payload_type) for offset, octets in oldest_first]
    octets = [octets for _, octets in oldest_first]
    return b"".join([*headers, bytes([payload_type]), *octets, primary])


def _copy_header(offset: int, length: int, payload_type: int) -> bytes:
    if not 0 <= offset <= MAX_OFFSET_TICKS or length > MAX_COPY_OCTETS:
        raise LocalProtocolError(f"No copy of {length} octets from {offset} ticks ago is possible.")
    word = (_MORE | payload_type) << 24 | offset << 10 | length
    return word.to_bytes(_COPY_HEADER, "big")


def parse_red_untrusted(octets: bytes, payload_type: int = 111) -> list[RedBlock]:
    """The blocks in the order sent, the newest (offset 0) last; raises only MalformedPacketError.

    Empty copies, and copies of another payload type, are left out.
    """
    headers, at = _parse_headers(octets)
    if octets[at - 1] & _PAYLOAD_TYPE != payload_type:
        raise MalformedPacketError(f"redundancy for payload type {octets[at - 1]}")
    blocks = []
    for block_type, offset, length in headers:
        if length and block_type == payload_type:
            blocks.append(RedBlock(offset, octets[at : at + length]))
        at += length
    if at > len(octets):
        raise MalformedPacketError("redundant blocks longer than their packet")
    return [*blocks, RedBlock(0, octets[at:])]


def _parse_headers(octets: bytes) -> tuple[list[tuple[int, int, int]], int]:
    """Payload type, offset and length of each copy, and where the blocks start."""
    headers = []
    at = 0
    while at < len(octets) and octets[at] & _MORE:
        word = int.from_bytes(octets[at : at + _COPY_HEADER], "big")
        headers.append((word >> 24 & _PAYLOAD_TYPE, word >> 10 & MAX_OFFSET_TICKS, word & 0x3FF))
        at += _COPY_HEADER
    if at >= len(octets):
        raise MalformedPacketError("redundancy without a newest block")
    return headers, at + 1
