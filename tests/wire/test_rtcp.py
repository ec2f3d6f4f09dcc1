"""RTCP packets (RFC 3550, 6)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.rtcp import (
    AppPacket,
    ReceiverReport,
    ReportBlock,
    UnknownRtcpPacket,
    encode_rtcp,
    parse_rtcp_untrusted,
)

uint32 = st.integers(0, 0xFFFFFFFF)
app_packets = st.builds(
    AppPacket,
    subtype=st.integers(0, 31),
    ssrc=uint32,
    name=st.binary(min_size=4, max_size=4),
    body=st.binary(max_size=40).map(lambda octets: octets[: len(octets) // 4 * 4]),
)
report_blocks = st.builds(
    ReportBlock,
    ssrc=uint32,
    fraction_lost=st.integers(0, 255).map(lambda steps: steps / 256),
    cumulative_lost=st.integers(-(1 << 23), (1 << 23) - 1),
    highest_sequence=uint32,
    jitter_ticks=uint32,
    last_sr=uint32,
    delay_since_last_sr=uint32,
)
reports = st.builds(
    ReceiverReport, ssrc=uint32, blocks=st.lists(report_blocks, max_size=3).map(tuple)
)

BLOCK = ReportBlock(0xA11CE001, 0.25, 7, 0x00010203, 48)
REPORT = ReceiverReport(0x11223344, (BLOCK,))
REPORT_OCTETS = bytes.fromhex(
    "81c90007 11223344 a11ce001 40000007 00010203 00000030 00000000 00000000"
)


def test_a_report_is_written_as_the_standard_draws_it() -> None:
    assert encode_rtcp(REPORT) == REPORT_OCTETS


@given(st.lists(app_packets | reports, min_size=1, max_size=3))
def test_a_datagram_may_hold_several_packets(
    packets: list[AppPacket | ReceiverReport],
) -> None:
    datagram = b"".join(encode_rtcp(packet) for packet in packets)

    assert parse_rtcp_untrusted(datagram) == packets


def test_a_packet_of_another_type_is_stepped_over() -> None:
    farewell = bytes.fromhex("81cb0001 11223344")

    packets = parse_rtcp_untrusted(farewell + REPORT_OCTETS)

    assert packets == [UnknownRtcpPacket(203), REPORT]


def test_padding_at_the_end_is_cut_off() -> None:
    octets = bytes.fromhex("a4cc0004 00000001 4d435054 0d028000 00000004")

    (packet,) = parse_rtcp_untrusted(octets)

    assert packet == AppPacket(4, 1, b"MCPT", bytes.fromhex("0d028000"))


def test_what_a_profile_adds_behind_the_blocks_is_skipped() -> None:
    octets = b"\x81\xc9\x00\x08" + REPORT_OCTETS[4:] + b"more"

    assert parse_rtcp_untrusted(octets) == [REPORT]


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "80cc00",  # cut header
        "80cc0000",  # no SSRC
        "80cc0001 00000001",  # no name
        "80cc0004 00000001 4d435054",  # longer than its datagram
        "40cc0002 00000001 4d435054",  # version 1
        "80cc0002 00000001 4d435054 80",  # one octet behind the last packet
        "82c90007 11223344" + "00" * 24,  # two blocks announced, one there
        "80c90000",  # report without its sender
        "a0cc0002 00000001 4d435054",  # padding of 84 octets
        "a0cc0003 00000001 4d435054 00000000",  # padding of no octets
        "a0cc0003 00000001 4d435054 00000003",  # padding that does not fill words
        "a0cc0003 00000001 4d435054 00000008",  # padding that covers the name
    ],
)
def test_what_contradicts_itself_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedPacketError):
        parse_rtcp_untrusted(bytes.fromhex(octets))


@pytest.mark.parametrize(
    ("fraction", "octet"), [(0.0, 0), (0.003, 0), (0.004, 1), (0.999, 255), (1.0, 255), (1.5, 255)]
)
def test_the_lost_fraction_is_rounded_down_to_steps_of_1_256(fraction: float, octet: int) -> None:
    block = ReportBlock(1, fraction, 0, 0, 0)

    assert encode_rtcp(ReceiverReport(2, (block,)))[12] == octet


def test_more_losses_than_the_field_can_count_stay_at_its_end() -> None:
    block = ReportBlock(1, 0.0, 1 << 30, 0, 0)

    (report,) = parse_rtcp_untrusted(encode_rtcp(ReceiverReport(2, (block,))))

    assert isinstance(report, ReceiverReport)
    assert report.blocks[0].cumulative_lost == (1 << 23) - 1


@pytest.mark.parametrize(
    "packet",
    [
        AppPacket(32, 1, b"MCPT", b""),
        AppPacket(0, 1 << 32, b"MCPT", b""),
        AppPacket(0, 1, b"MCP", b""),
        AppPacket(0, 1, b"MCPT", b"abc"),
        ReceiverReport(1, (BLOCK,) * 32),
        ReceiverReport(1, (ReportBlock(-1, 0, 0, 0, 0),)),
    ],
)
def test_what_does_not_fit_is_a_bug_here(packet: AppPacket | ReceiverReport) -> None:
    with pytest.raises(LocalProtocolError):
        encode_rtcp(packet)
