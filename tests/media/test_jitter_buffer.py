"""Packets in any order, out in order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.media.jitter_buffer import MAX_PACKETS, BufferedPacket, JitterBuffer


def packet(number: int, *, copied: bool = False) -> BufferedPacket:
    return BufferedPacket(number * 960, bytes([number % 256, copied]), 960, copied)


@given(st.permutations(range(20)))
def test_packets_come_out_in_order(arrival: list[int]) -> None:
    buffer = JitterBuffer()
    for number in arrival:
        assert buffer.insert(packet(number))

    assert [buffer.pop_first() for _ in range(20)] == [packet(n) for n in range(20)]
    assert buffer.first is None


def test_a_packet_is_kept_once() -> None:
    buffer = JitterBuffer()
    buffer.insert(packet(1))

    assert not buffer.insert(packet(1))
    assert not buffer.insert(packet(1, copied=True))
    assert len(buffer) == 1


def test_an_original_takes_the_place_of_its_copy() -> None:
    buffer = JitterBuffer()
    buffer.insert(packet(1, copied=True))

    assert buffer.insert(packet(1))
    assert buffer.pop_first() == packet(1)


def test_what_is_before_the_position_is_dropped() -> None:
    buffer = JitterBuffer()
    for number in range(5):
        buffer.insert(packet(number))

    buffer.drop_before(2 * 960 + 1)

    assert buffer.first == 3 * 960


def test_a_run_begins_after_the_last_hole() -> None:
    buffer = JitterBuffer()
    for number in (1, 3, 4, 5):
        buffer.insert(packet(number))

    assert buffer.start_of_run(5 * 960) == 3 * 960
    assert buffer.start_of_run(1 * 960) == 1 * 960


def test_a_full_buffer_takes_nothing_new() -> None:
    buffer = JitterBuffer()
    for number in range(MAX_PACKETS):
        buffer.insert(packet(number))

    assert not buffer.insert(packet(MAX_PACKETS))
    assert len(buffer) == MAX_PACKETS


def test_an_empty_buffer_has_no_first() -> None:
    with pytest.raises(IndexError):
        JitterBuffer().pop_first()
