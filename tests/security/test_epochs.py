"""Keys change soon, not often, and never before everybody could have the new one."""

from itertools import pairwise
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from ptt.security.epochs import (
    CHANGE_INTERVAL,
    DAILY,
    FORMER_KEPT,
    MAX_KEYS,
    SWITCH_AFTER,
    EpochSchedule,
    KeyRing,
)

ANNA, BEN = 1, 2


def changed(now: float, *members: int) -> EpochSchedule:
    """A channel that got its key at `now`."""
    schedule = EpochSchedule()
    schedule.change(members, now)
    return schedule


# when to change


def test_nothing_is_due_before_somebody_wants_it() -> None:
    schedule = EpochSchedule()

    assert schedule.deadline == inf
    assert not schedule.change_is_due(100.0)
    assert not schedule.switch_is_due(100.0)


def test_the_first_change_is_due_at_once() -> None:
    schedule = EpochSchedule()

    schedule.want_change(100.0)

    assert schedule.deadline == 100.0
    assert schedule.change_is_due(100.0)


def test_changes_within_two_seconds_are_merged_into_one() -> None:
    schedule = changed(100.0, ANNA)

    for now in (100.1, 100.5, 101.9):
        schedule.want_change(now)

    assert not schedule.change_is_due(101.99)
    assert schedule.change_is_due(102.0)
    schedule.change([ANNA], 102.0)
    assert not schedule.change_is_due(104.0)


def test_a_change_after_a_quiet_time_does_not_wait() -> None:
    schedule = changed(100.0, ANNA)

    schedule.want_change(150.0)

    assert schedule.change_is_due(150.0)


def test_a_key_lasts_a_day_at_most() -> None:
    schedule = changed(100.0, ANNA)
    schedule.switch_is_due(200.0)

    assert schedule.deadline == 100.0 + DAILY
    assert schedule.change_is_due(100.0 + DAILY)


# when to switch


def test_the_switch_waits_until_everybody_has_the_key() -> None:
    schedule = changed(100.0, ANNA, BEN)

    schedule.confirm(ANNA, 100.1)

    assert schedule.missing == {BEN}
    assert not schedule.switch_is_due(100.2)
    schedule.confirm(BEN, 100.3)
    assert schedule.deadline == 100.3
    assert schedule.switch_is_due(100.3)


def test_a_member_that_does_not_answer_delays_the_switch_by_a_moment_only() -> None:
    schedule = changed(100.0, ANNA, BEN)
    schedule.confirm(ANNA, 100.1)

    assert schedule.deadline == 100.0 + SWITCH_AFTER
    assert schedule.switch_is_due(100.0 + SWITCH_AFTER)


def test_a_switch_is_due_once() -> None:
    schedule = changed(100.0, ANNA)
    schedule.confirm(ANNA, 100.1)
    schedule.switch_is_due(100.1)

    schedule.confirm(ANNA, 100.2)

    assert not schedule.switch_is_due(200.0)


def test_an_answer_to_nothing_makes_nothing_due() -> None:
    schedule = EpochSchedule()

    schedule.confirm(ANNA, 100.0)

    assert schedule.deadline == inf


def test_with_nobody_to_wait_for_the_switch_is_due_at_once() -> None:
    assert changed(100.0).switch_is_due(100.0)


def test_a_newer_key_has_to_be_acknowledged_anew() -> None:
    schedule = changed(100.0, ANNA)
    schedule.confirm(ANNA, 100.1)

    schedule.change([ANNA, BEN], 102.0)

    assert schedule.missing == {ANNA, BEN}
    assert not schedule.switch_is_due(102.0)


@given(st.lists(st.tuples(st.floats(0.0, 3.0), st.sampled_from(["want", "confirm"])), max_size=60))
def test_whatever_happens_changes_keep_their_distance_and_each_is_used(
    history: list[tuple[float, str]],
) -> None:
    schedule, now = EpochSchedule(), 0.0
    changes: list[float] = []
    switches: list[float] = []
    for pause, event in [*history, (10.0, "confirm")]:
        until = now + pause
        while schedule.deadline <= until:
            now = max(now, schedule.deadline)
            if schedule.change_is_due(now):
                schedule.change([ANNA], now)
                changes.append(now)
            elif schedule.switch_is_due(now):
                switches.append(now)
        now = until
        schedule.want_change(now) if event == "want" else schedule.confirm(ANNA, now)

    assert all(later - sooner >= CHANGE_INTERVAL - 1e-9 for sooner, later in pairwise(changes))
    assert len(switches) == len(changes)
    waits = [used - made for made, used in zip(changes, switches, strict=True)]
    assert all(0 <= wait <= SWITCH_AFTER + 1e-9 for wait in waits)


# what a listener holds


def test_current_and_next_key_are_found_by_their_epoch() -> None:
    ring: KeyRing[str] = KeyRing()
    ring.add(7, "current")
    ring.add(9, "next")

    assert (ring.find(7), ring.find(9), ring.find(8)) == ("current", "next", None)
    assert list(ring) == ["next", "current"]


def test_the_former_key_goes_two_seconds_after_the_next_was_used() -> None:
    ring: KeyRing[str] = KeyRing()
    ring.add(7, "former")
    ring.note_use(7, 100.0)
    ring.add(9, "current")
    assert ring.deadline == inf

    ring.note_use(9, 105.0)
    ring.note_use(9, 106.0)

    assert ring.deadline == 105.0 + FORMER_KEPT
    ring.handle_deadline(106.9)
    assert ring.find(7) == "former"
    ring.handle_deadline(107.0)
    assert list(ring) == ["current"]
    assert ring.deadline == inf


def test_former_keys_go_in_their_own_time_however_often_the_key_changes() -> None:
    ring: KeyRing[str] = KeyRing()
    for epoch in (7, 9, 11):
        ring.add(epoch, f"key {epoch}")
    ring.note_use(9, 100.0)

    ring.note_use(11, 101.0)
    ring.handle_deadline(102.0)

    assert list(ring) == ["key 11", "key 9"]
    ring.handle_deadline(103.0)
    assert list(ring) == ["key 11"]


def test_a_late_packet_of_the_former_key_does_not_make_it_current_again() -> None:
    ring: KeyRing[str] = KeyRing()
    ring.add(7, "former")
    ring.add(9, "current")
    ring.note_use(9, 100.0)

    ring.note_use(7, 101.0)
    ring.handle_deadline(102.0)

    assert list(ring) == ["current"]


def test_a_key_that_is_told_twice_stays_the_first_one() -> None:
    ring: KeyRing[str] = KeyRing()

    assert ring.add(7, "first")
    assert not ring.add(7, "second")

    assert ring.find(7) == "first"


def test_a_ring_holds_few_keys_whatever_comes() -> None:
    ring: KeyRing[int] = KeyRing()

    for epoch in range(100):
        ring.add(epoch, epoch)
        ring.note_use(epoch - 1, 0.0)

    assert len(ring) == MAX_KEYS
    assert list(ring) == [99, 98, 97, 96]
    ring.handle_deadline(FORMER_KEPT)
    assert list(ring) == [99, 98]


def test_the_use_of_an_unknown_epoch_is_ignored() -> None:
    ring: KeyRing[str] = KeyRing()
    ring.add(7, "current")

    ring.note_use(8, 100.0)

    assert list(ring) == ["current"]
    assert ring.deadline == inf
