"""Voice that waits for its key or its announcement: bounded in time and number."""

from ptt.client.held_voice import HOLD_PACKETS, MAX_STRANGERS, HeldVoice
from ptt.wire.rtp import RtpPacket


def packet(ssrc: int, sequence: int = 0) -> RtpPacket:
    return RtpPacket(111, sequence, 960 * sequence, ssrc, b"opus")


def test_a_stranger_is_heard_in_order_with_the_times_of_arrival() -> None:
    held = HeldVoice()
    held.add_stranger(1, packet(9, 0), now=5.0)
    held.add_stranger(1, packet(9, 1), now=5.02)

    assert held.take_stranger(1, 9, now=5.1) == [(5.0, packet(9, 0)), (5.02, packet(9, 1))]
    assert held.take_stranger(1, 9, now=5.1) == []


def test_what_is_older_than_a_second_is_not_heard() -> None:
    held = HeldVoice()
    held.add_stranger(1, packet(9, 0), now=5.0)
    held.add_stranger(1, packet(9, 1), now=5.5)
    held.add_sealed(b"old", now=5.0)
    held.add_sealed(b"new", now=5.5)

    assert held.take_stranger(1, 9, now=6.2) == [(5.5, packet(9, 1))]
    assert held.take_sealed(now=6.2) == [(5.5, b"new")]


def test_an_announcement_in_another_channel_does_not_free_a_stranger() -> None:
    held = HeldVoice()
    held.add_stranger(1, packet(9), now=5.0)

    assert held.take_stranger(2, 9, now=5.1) == []


def test_no_more_than_64_packets_of_a_burst_are_kept_the_newest() -> None:
    held = HeldVoice()
    for sequence in range(HOLD_PACKETS + 10):
        held.add_stranger(1, packet(9, sequence), now=5.0)

    kept = held.take_stranger(1, 9, now=5.0)

    assert [one.sequence for _, one in kept] == list(range(10, HOLD_PACKETS + 10))


def test_no_more_than_four_strangers_of_a_channel_are_kept() -> None:
    held = HeldVoice()
    for ssrc in range(100):
        held.add_stranger(1, packet(ssrc), now=5.0)

    kept = [ssrc for ssrc in range(100) if held.take_stranger(1, ssrc, now=5.0)]

    assert kept == list(range(100 - MAX_STRANGERS, 100))


def test_a_dropped_channel_keeps_no_strangers() -> None:
    held = HeldVoice()
    held.add_stranger(1, packet(9), now=5.0)
    held.add_stranger(2, packet(8), now=5.0)

    held.drop_strangers(1)

    assert held.take_stranger(1, 9, now=5.0) == []
    assert len(held.take_stranger(2, 8, now=5.0)) == 1
