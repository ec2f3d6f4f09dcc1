"""Counting as RFC 3550 wants it."""

import pytest

from ptt.media.reception_report import ReceptionReport
from ptt.wire.rtp import RtpPacket


def note(report: ReceptionReport, *sequences: int, late: float = 0.0) -> list[bool]:
    return [
        report.note(RtpPacket(111, n % 65_536, n * 960, 7, b""), n * 0.020 + late)
        for n in sequences
    ]


def test_what_is_missing_between_first_and_highest_is_lost() -> None:
    report = ReceptionReport()
    note(report, 10, 11, 13, 14, 19)

    block = report.block(7)

    assert (block.ssrc, block.cumulative_lost, block.highest_sequence) == (7, 5, 19)
    assert block.fraction_lost == pytest.approx(0.5)


def test_the_fraction_is_that_since_the_last_report() -> None:
    report = ReceptionReport()
    note(report, 10, 19)
    report.block(7)
    note(report, *range(20, 30))

    assert report.block(7).fraction_lost == 0.0
    assert report.block(7).cumulative_lost == 8


def test_a_repeated_packet_is_counted_apart_and_hides_no_loss() -> None:
    report = ReceptionReport()

    assert note(report, 10, 10, 12, 10) == [True, False, True, False]
    assert report.duplicates == 2
    assert report.lost == 1


def test_order_does_not_matter() -> None:
    report = ReceptionReport()
    note(report, 14, 12, 10, 13, 11)

    assert report.lost == 0
    assert report.received == 5


def test_a_packet_older_than_the_window_counts_as_a_repetition() -> None:
    report = ReceptionReport()

    assert note(report, 5000, 5000 - 1024) == [True, False]


def test_numbers_may_wrap() -> None:
    report = ReceptionReport()
    note(report, 65_534, 65_535, 65_536, 65_538)

    block = report.block(7)

    assert (block.cumulative_lost, block.highest_sequence) == (1, 65_538)


def test_without_jitter_none_is_reported() -> None:
    report = ReceptionReport()
    note(report, *range(100))

    assert report.block(7).jitter_ticks == 0


def test_jitter_comes_near_to_the_mean_change_of_transit() -> None:
    report = ReceptionReport()
    for number in range(500):
        note(report, number, late=0.010 * (number % 2))

    assert report.block(7).jitter_ticks == pytest.approx(480, abs=5)


def test_nothing_received_is_nothing_lost() -> None:
    block = ReceptionReport().block(7)

    assert (block.fraction_lost, block.cumulative_lost) == (0.0, 0)
