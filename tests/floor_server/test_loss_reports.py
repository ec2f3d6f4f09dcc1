"""What a talker is told about the worst of his listeners."""

from ptt.floor_server.reports import LossReports
from ptt.wire.rtcp import ReportBlock

ANNA, BERT, CARL = 1, 2, 3
FIRST, SECOND, THIRD = 0x8000_0001, 0x8000_0002, 0x8000_0003
CHANNEL_SSRC = 99


def lost(fraction: float, burst: int = FIRST) -> list[ReportBlock]:
    return [ReportBlock(burst, fraction, 10, 500, 48)]


def worst(reports: LossReports, talker: int = ANNA, burst: int = FIRST, *, now: float) -> float:
    report = reports.for_talker(talker, burst, CHANNEL_SSRC, now)
    assert report is not None
    assert report.ssrc == CHANNEL_SSRC
    [block] = report.blocks
    assert block.ssrc == burst
    return block.fraction_lost


def started(burst: int = FIRST) -> LossReports:
    reports = LossReports()
    reports.begin(burst)
    return reports


def test_the_worst_listener_counts() -> None:
    reports = started()
    reports.note(BERT, lost(0.02), now=1.0)
    reports.note(CARL, lost(0.10), now=1.0)

    assert worst(reports, now=1.5) == 0.10


def test_a_better_report_does_not_unsay_a_worse_one_for_five_seconds() -> None:
    reports = started()
    reports.note(BERT, lost(0.10), now=1.0)
    reports.note(BERT, lost(0.00), now=2.0)
    during = worst(reports, now=5.9)

    reports.note(BERT, lost(0.00), now=6.1)

    assert during == 0.10
    assert worst(reports, now=6.1) == 0.0


def test_nothing_is_told_when_nobody_has_reported_lately() -> None:
    reports = started()
    reports.note(BERT, lost(0.10), now=1.0)

    assert reports.for_talker(ANNA, FIRST, CHANNEL_SSRC, now=6.1) is None


def test_a_talker_is_not_told_what_he_himself_has_heard() -> None:
    reports = started()
    reports.note(ANNA, lost(0.10), now=1.0)

    assert reports.for_talker(ANNA, FIRST, CHANNEL_SSRC, now=1.0) is None


def test_reports_about_strange_bursts_do_not_count() -> None:
    reports = started()
    reports.note(BERT, lost(0.10, burst=THIRD), now=1.0)

    assert reports.for_talker(ANNA, FIRST, CHANNEL_SSRC, now=1.0) is None


def test_the_next_talker_profits_from_the_last_report_about_the_former() -> None:
    reports = started()
    reports.begin(SECOND)
    reports.note(CARL, lost(0.08, burst=FIRST), now=1.0)

    report = reports.for_talker(BERT, SECOND, CHANNEL_SSRC, now=1.1)

    assert report is not None
    [block] = report.blocks
    assert (block.ssrc, block.fraction_lost) == (SECOND, 0.08)
    assert (block.cumulative_lost, block.highest_sequence) == (0, 0)


def test_whoever_left_does_not_count() -> None:
    reports = started()
    reports.note(BERT, lost(0.10), now=1.0)

    reports.forget(BERT)

    assert reports.for_talker(ANNA, FIRST, CHANNEL_SSRC, now=1.0) is None
