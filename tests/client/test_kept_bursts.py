"""What is kept to be heard again: how much, of whom, and when it is forgotten."""

from dataclasses import replace

import pytest

from ptt.client.kept_bursts import LONGEST_KEPT, KeptBursts
from ptt.media.talk_burst import TalkBurst
from ptt.wire.rtp import RtpPacket

WORKSHOP, STORE = 1, 2
OPUS = bytes([0x48]) + bytes(59)  # SILK, one frame of 20 ms


def keeping(*channels: int) -> KeptBursts:
    kept = KeptBursts()
    kept.permit(channels)
    return kept


def packets(
    count: int, *, ssrc: int = 7, timestamp: int = 48_000, copies: tuple[int, ...] = ()
) -> list[RtpPacket]:
    burst = TalkBurst(ssrc, 100, timestamp, copies)
    return [burst.packet(OPUS) for _ in range(count)]


def add(kept: KeptBursts, said: list[RtpPacket], talker: str = "Anna", at: float = 100.0) -> None:
    for n, packet in enumerate(said):
        kept.add(WORKSHOP, talker, packet, at + n * 0.02)


def test_bursts_are_kept_with_talker_time_and_length() -> None:
    kept = keeping(WORKSHOP)
    add(kept, packets(50), "Anna", at=100.0)
    add(kept, packets(25, ssrc=8), "Ben", at=110.0)

    first, second = kept.bursts(WORKSHOP)

    assert (first.talker, first.began) == ("Anna", 100.0)
    assert (second.talker, second.began) == ("Ben", 110.0)
    assert (first.seconds, second.seconds) == pytest.approx((1.0, 0.5))


def test_nothing_is_kept_where_it_is_not_permitted() -> None:
    kept = keeping(STORE)
    add(kept, packets(5))

    assert kept.bursts(WORKSHOP) == ()


def test_a_channel_that_permits_it_no_more_is_forgotten_for_good() -> None:
    kept = keeping(WORKSHOP)
    add(kept, packets(5))
    kept.permit([STORE])
    kept.permit([WORKSHOP, STORE])

    assert len(kept.bursts(WORKSHOP)) == 0


def test_what_was_kept_stays_when_it_is_permitted_again() -> None:
    kept = keeping(WORKSHOP)
    add(kept, packets(5))
    kept.permit([WORKSHOP, STORE])

    assert len(kept.bursts(WORKSHOP)) == 1


def test_one_channel_can_be_forgotten() -> None:
    kept = keeping(WORKSHOP, STORE)
    add(kept, packets(5))
    kept.add(STORE, "Ben", packets(1, ssrc=9)[0], 100.0)
    kept.forget(WORKSHOP)
    kept.forget(99)

    assert (len(kept.bursts(WORKSHOP)), len(kept.bursts(STORE))) == (0, 1)


@pytest.mark.parametrize("copies", [(), (1, 4)])
def test_of_a_long_burst_the_last_minute_is_kept(copies: tuple[int, ...]) -> None:
    kept = keeping(WORKSHOP)
    said = packets(3500, copies=copies)
    add(kept, said)

    [burst] = kept.bursts(WORKSHOP)

    assert burst.seconds == pytest.approx(LONGEST_KEPT)
    assert max(burst.packets) == said[-1].timestamp
    assert min(burst.packets) == said[500].timestamp


def test_the_oldest_bursts_make_room() -> None:
    kept = keeping(WORKSHOP)
    for number in range(10):
        add(kept, packets(500, ssrc=number), str(number))

    assert [burst.talker for burst in kept.bursts(WORKSHOP)] == ["4", "5", "6", "7", "8", "9"]


def test_lost_packets_are_there_by_their_copies_and_copies_count_once() -> None:
    kept = keeping(WORKSHOP)
    said = packets(50, copies=(1, 4))
    add(kept, [packet for n, packet in enumerate(said) if n % 3])

    [burst] = kept.bursts(WORKSHOP)

    assert burst.seconds == pytest.approx(1.0)


def test_a_timestamp_that_wraps_is_no_jump() -> None:
    kept = keeping(WORKSHOP)
    add(kept, packets(50, timestamp=(1 << 32) - 5000))

    [burst] = kept.bursts(WORKSHOP)

    positions = sorted(burst.packets)
    assert positions[-1] - positions[0] == 49 * 960


def test_what_is_no_voice_is_not_kept_and_does_no_harm() -> None:
    kept = keeping(WORKSHOP)
    good = packets(2)
    add(kept, [replace(good[0], payload_type=0), replace(good[0], payload=b"")])
    add(kept, [good[0], replace(good[1], timestamp=good[1].timestamp + (1 << 30))])

    [burst] = kept.bursts(WORKSHOP)

    assert burst.seconds == pytest.approx(0.02)
