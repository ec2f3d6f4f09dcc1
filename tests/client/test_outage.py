"""When an outage is told: once, not at once, and its end only if it was told."""

from math import inf

from ptt.client.outage import GRACE, Outage
from ptt.media.tones import Tone


def broken(at: float = 100.0) -> Outage:
    outage = Outage()
    outage.note(True, at - 50.0)
    outage.note(False, at)
    return outage


def test_an_outage_is_told_once_after_the_grace() -> None:
    outage = broken(100.0)

    assert outage.deadline == 100.0 + GRACE
    assert outage.handle_deadline(100.9) == []
    assert outage.handle_deadline(101.0) == [Tone.LOST]
    assert outage.handle_deadline(200.0) == []
    assert outage.deadline == inf


def test_attempts_that_fail_do_not_begin_another_outage() -> None:
    outage = broken(100.0)
    outage.handle_deadline(101.0)
    outage.note(False, 105.0)

    assert outage.deadline == inf


def test_the_end_of_an_outage_that_was_told_is_told_once() -> None:
    outage = broken(100.0)
    outage.handle_deadline(101.0)

    assert outage.note(True, 130.0) == [Tone.BACK]
    assert outage.note(True, 131.0) == []


def test_a_restart_is_no_news() -> None:
    outage = broken(100.0)

    assert outage.note(True, 100.4) == []
    assert outage.deadline == inf


def test_each_outage_counts_from_its_own_beginning() -> None:
    outage = broken(100.0)
    outage.note(True, 100.4)
    outage.note(False, 102.0)

    assert outage.deadline == 102.0 + GRACE


def test_a_client_that_never_was_connected_has_lost_nothing() -> None:
    outage = Outage()
    outage.note(False, 100.0)

    assert outage.deadline == inf
    assert outage.note(True, 200.0) == []


def test_what_a_cut_burst_has_told_is_not_told_again() -> None:
    outage = broken(100.0)
    outage.note_told()

    assert outage.deadline == inf
    assert outage.note(True, 103.0) == [Tone.BACK]


def test_a_restart_that_cut_a_burst_is_not_followed_by_good_news() -> None:
    outage = broken(100.0)
    outage.note_told()

    assert outage.note(True, 100.4) == []


def test_a_burst_that_was_cut_without_an_outage_does_not_hide_the_next_one() -> None:
    outage = Outage()
    outage.note(True, 50.0)
    outage.note_told()
    outage.note(False, 100.0)

    assert outage.handle_deadline(101.0) == [Tone.LOST]
