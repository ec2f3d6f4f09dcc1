from math import inf

from hypothesis import given
from hypothesis import strategies as st

from ptt.switchboard.agenda import SPARE, Agenda

channels = st.integers(0, 5)
times = st.one_of(st.just(inf), st.integers(0, 20).map(float))


def test_the_first_one_due_is_next_and_nobody_is_inf() -> None:
    agenda = Agenda()

    empty = agenda.next
    agenda.put(1, 30.0)
    agenda.put(2, 20.0)

    assert (empty, agenda.next) == (inf, 20.0)


def test_who_is_taken_out_is_not_due_again_until_put() -> None:
    agenda = Agenda()
    for channel, at in ((1, 30.0), (2, 20.0), (3, 40.0)):
        agenda.put(channel, at)

    due = agenda.take_due(30.0)

    assert (due, agenda.take_due(30.0), agenda.next) == ([2, 1], [], 40.0)


def test_a_channel_that_puts_off_again_and_again_leaves_little_behind() -> None:
    agenda = Agenda()

    for time in range(10_000):
        agenda.put(1, 1.0 + time)

    assert len(agenda._heap) <= 3 + SPARE


@given(st.lists(st.tuples(channels, times), max_size=300), st.integers(0, 20))
def test_it_agrees_with_a_look_at_all(changes: list[tuple[int, float]], now: int) -> None:
    agenda, at = Agenda(), dict.fromkeys(range(6), inf)

    for channel, time in changes:
        agenda.put(channel, time)
        at[channel] = time
        assert agenda.next == min(at.values())

    assert sorted(agenda.take_due(now)) == [channel for channel in at if at[channel] <= now]
