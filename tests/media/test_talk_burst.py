"""Opus packets on their way into RTP: numbers, copies, limits."""

import pytest

from ptt.errors import LocalProtocolError
from ptt.media.talk_burst import OPUS_PAYLOAD_TYPE, RED_PAYLOAD_TYPE, TalkBurst
from ptt.wire.redundancy import RedBlock, parse_red_untrusted

TOC_20_MS = 0x08  # SILK, 20 ms, one frame
TOC_60_MS = 0x18


def frame(number: int, octets: int = 60, toc: int = TOC_20_MS) -> bytes:
    return bytes([toc, number]) + bytes(octets - 2)


def test_packets_count_up_and_the_first_is_marked() -> None:
    burst = TalkBurst(7, sequence=100, timestamp=(1 << 32) - 960)

    packets = [burst.packet(frame(n)) for n in range(3)]

    assert [p.sequence for p in packets] == [100, 101, 102]
    assert [p.timestamp for p in packets] == [(1 << 32) - 960, 0, 960]
    assert [p.marker for p in packets] == [True, False, False]
    assert {(p.payload_type, p.ssrc) for p in packets} == {(OPUS_PAYLOAD_TYPE, 7)}


def test_timestamps_follow_the_length_of_the_packets() -> None:
    burst = TalkBurst(7, 0, 0)

    times = [burst.packet(frame(n, toc=TOC_60_MS)).timestamp for n in range(3)]

    assert times == [0, 2880, 5760]


def test_copies_come_from_as_many_packets_back_as_wanted() -> None:
    burst = TalkBurst(7, 0, 0, copies=(1, 4))

    *_, last = [burst.packet(frame(n)) for n in range(6)]

    assert last.payload_type == RED_PAYLOAD_TYPE
    assert parse_red_untrusted(last.payload) == [
        RedBlock(4 * 960, frame(1)),
        RedBlock(960, frame(4)),
        RedBlock(0, frame(5)),
    ]


def test_the_first_packet_has_nothing_to_copy_and_is_plain() -> None:
    assert TalkBurst(7, 0, 0, copies=(1, 4)).packet(frame(0)).payload_type == OPUS_PAYLOAD_TYPE


def test_copies_that_are_switched_on_reach_back_before_that() -> None:
    burst = TalkBurst(7, 0, 0)
    burst.packet(frame(0))
    burst.copies = (1,)

    packet = burst.packet(frame(1))

    assert parse_red_untrusted(packet.payload)[0].payload == frame(0)


def test_a_copy_too_old_for_the_format_is_left_out() -> None:
    burst = TalkBurst(7, 0, 0, copies=(1, 6))

    *_, last = [burst.packet(frame(n, toc=TOC_60_MS)) for n in range(8)]

    assert [b.offset_ticks for b in parse_red_untrusted(last.payload)] == [2880, 0]


def test_copies_never_make_a_packet_too_large() -> None:
    burst = TalkBurst(7, 0, 0, copies=(1, 2, 3, 4))

    packets = [burst.packet(frame(n, octets=400)) for n in range(6)]

    assert [len(p.payload) <= 1280 for p in packets] == [True] * 6
    assert len(parse_red_untrusted(packets[-1].payload)) == 3


def test_closing_says_the_last_frames_once_more() -> None:
    burst = TalkBurst(7, 10, 0, copies=(1, 4))
    *_, last = [burst.packet(frame(n)) for n in range(6)]

    [closing] = burst.closing()

    assert (closing.sequence, closing.timestamp) == (last.sequence + 1, last.timestamp)
    blocks = parse_red_untrusted(closing.payload)
    assert [b.payload for b in blocks] == [frame(n) for n in (1, 2, 3, 4, 5)]
    assert [b.offset_ticks for b in blocks] == [n * 960 for n in (4, 3, 2, 1, 0)]


def test_without_copies_nothing_closes_a_burst() -> None:
    burst = TalkBurst(7, 10, 0)
    burst.packet(frame(0))

    assert burst.closing() == []


def test_a_burst_ends_before_its_sequence_numbers_wrap() -> None:
    burst = TalkBurst(7, sequence=65_535, timestamp=0)
    burst.packet(frame(0))

    assert burst.packets_left == 0
    with pytest.raises(LocalProtocolError):
        burst.packet(frame(1))
