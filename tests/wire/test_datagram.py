"""What a datagram is, told from its first octets."""

import pytest

from ptt.wire.datagram import (
    MAX_DATAGRAM,
    MIN_DATAGRAM,
    DatagramKind,
    classify,
    peek_ssrc,
)
from ptt.wire.floor import DenyCause, FloorDeny
from ptt.wire.floor_codec import encode_floor
from ptt.wire.rtp import RtpPacket, encode_rtp

TAG = bytes(16)


def test_voice_is_rtp_and_names_its_burst() -> None:
    datagram = encode_rtp(RtpPacket(111, 1, 2, 0xDEADBEEF, b"voice", marker=True)) + TAG

    kind = classify(datagram)

    assert kind is DatagramKind.RTP
    assert peek_ssrc(datagram, kind) == 0xDEADBEEF


def test_a_floor_message_is_rtcp_and_names_its_sender() -> None:
    datagram = encode_floor(FloorDeny(0x12345678, DenyCause.QUEUE_FULL)) + TAG

    kind = classify(datagram)

    assert kind is DatagramKind.RTCP
    assert peek_ssrc(datagram, kind) == 0x12345678


@pytest.mark.parametrize(
    ("second", "kind"),
    [
        (0, DatagramKind.RTP),
        (111, DatagramKind.RTP),
        (191, DatagramKind.RTP),
        (192, DatagramKind.RTCP),
        (223, DatagramKind.RTCP),
        (224, DatagramKind.RTP),  # payload type 96 with the marker
        (255, DatagramKind.RTP),
    ],
)
def test_the_second_octet_tells_rtcp_from_rtp(second: int, kind: DatagramKind) -> None:
    assert classify(bytes([0x80, second]) + bytes(40)) is kind


@pytest.mark.parametrize("first", [0, 3, 20, 63, 127, 192, 255])
def test_other_protocols_are_neither(first: int) -> None:
    assert classify(bytes([first, 204]) + bytes(40)) is DatagramKind.OTHER


@pytest.mark.parametrize("length", [0, 1, MIN_DATAGRAM - 1, MAX_DATAGRAM + 1])
def test_what_is_too_short_or_too_long_is_neither(length: int) -> None:
    assert classify(b"\x80" * length) is DatagramKind.OTHER


@pytest.mark.parametrize("length", [MIN_DATAGRAM, MAX_DATAGRAM])
def test_the_limits_themselves_are_allowed(length: int) -> None:
    assert classify(b"\x80" * length) is DatagramKind.RTP
