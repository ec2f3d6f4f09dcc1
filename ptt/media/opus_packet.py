"""How long an Opus packet sounds, from its first two octets (RFC 6716, 3.1 and 3.2).

Needs no libopus: the jitter buffer asks this of packets that may never be decoded.
"""

from ptt.errors import MalformedPacketError

# Specification
MAX_PACKET_SAMPLES = 5760  # 120 ms at 48 kHz, RFC 6716 3.2.5 (R5)
_SILK = (480, 960, 1920, 2880)  # samples of one Opus frame, configurations 0 to 11
_HYBRID = (480, 960)  # 12 to 15
_CELT = (120, 240, 480, 960)  # 16 to 31


def opus_samples_untrusted(packet: bytes) -> int:
    """Samples at 48 kHz that `packet` decodes to; raises MalformedPacketError only."""
    if not packet:
        raise MalformedPacketError("An Opus packet is empty.")
    samples = _frame_samples(packet[0] >> 3) * _frame_count(packet)
    if not 0 < samples <= MAX_PACKET_SAMPLES:
        raise MalformedPacketError("An Opus packet is longer than 120 ms.")
    return samples


def _frame_samples(configuration: int) -> int:
    if configuration < 12:
        return _SILK[configuration & 3]
    if configuration < 16:
        return _HYBRID[configuration & 1]
    return _CELT[configuration & 3]


def _frame_count(packet: bytes) -> int:
    match packet[0] & 3:
        case 0:
            return 1
        case 1 | 2:
            return 2
        case _ if len(packet) > 1:
            return packet[1] & 0x3F
        case _:
            raise MalformedPacketError("An Opus packet does not say how many frames it holds.")
