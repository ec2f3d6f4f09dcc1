"""RTP packets (RFC 3550, 5.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.rtp import RtpPacket, encode_rtp, parse_rtp_untrusted

PACKET = RtpPacket(111, 0x1234, 0x56789ABC, 0xDEADBEEF, b"\xf8\xff\xfe", marker=True)
OCTETS = bytes.fromhex("80ef1234 56789abc deadbeef f8fffe")

packets = st.builds(
    RtpPacket,
    payload_type=st.integers(0, 127),
    sequence=st.integers(0, 0xFFFF),
    timestamp=st.integers(0, 0xFFFFFFFF),
    ssrc=st.integers(0, 0xFFFFFFFF),
    payload=st.binary(max_size=1300),
    marker=st.booleans(),
)


def test_a_packet_is_written_as_the_standard_draws_it() -> None:
    assert encode_rtp(PACKET) == OCTETS


def test_a_packet_is_read_as_the_standard_draws_it() -> None:
    assert parse_rtp_untrusted(OCTETS) == PACKET


@given(packets)
def test_every_packet_survives_the_wire(packet: RtpPacket) -> None:
    assert parse_rtp_untrusted(encode_rtp(packet)) == packet


def test_other_sources_and_the_header_extension_are_skipped() -> None:
    octets = bytes.fromhex(
        "92ef1234 56789abc deadbeef"  # X=1, CC=2
        "00000001 00000002"
        "bede0001 109e0000"  # audio level, RFC 6464
        "f8fffe"
    )

    packet = parse_rtp_untrusted(octets)

    assert packet == PACKET


def test_padding_is_cut_off() -> None:
    octets = bytes.fromhex("a0ef1234 56789abc deadbeef f8fffe 0000000004")[:-1]

    packet = parse_rtp_untrusted(octets + b"\x05")

    assert packet == PACKET


def test_a_packet_may_be_empty() -> None:
    assert parse_rtp_untrusted(OCTETS[:12]).payload == b""


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "80ef1234 56789abc deadbe",  # cut header
        "40ef1234 56789abc deadbeef f8fffe",  # version 1
        "81ef1234 56789abc deadbeef",  # one more source, but no octets for it
        "90ef1234 56789abc deadbeef",  # extension announced, not there
        "90ef1234 56789abc deadbeef bede",  # cut extension header
        "90ef1234 56789abc deadbeef bede0002 00000000",  # extension longer than the packet
        "a0ef1234 56789abc deadbeef",  # padding longer than what is there
        "a0ef1234 56789abc deadbeef 0000",  # padding of no octets
        "a0ef1234 56789abc deadbeef f804",  # padding that reaches into the header
        "b0ef1234 56789abc deadbeef bede0001 00000001 05",  # ... into the extension
    ],
)
def test_what_contradicts_itself_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedPacketError):
        parse_rtp_untrusted(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "packet",
    [
        RtpPacket(128, 0, 0, 0, b""),
        RtpPacket(111, 1 << 16, 0, 0, b""),
        RtpPacket(111, 0, 1 << 32, 0, b""),
        RtpPacket(111, 0, 0, -1, b""),
    ],
)
def test_a_number_that_does_not_fit_is_a_bug_here(packet: RtpPacket) -> None:
    with pytest.raises(LocalProtocolError):
        encode_rtp(packet)
