"""The forwarding table is replaced, never changed; burst SSRCs never come twice."""

from hypothesis import given
from hypothesis import strategies as st

from ptt.channel.forwarding import BURST_BIT, BurstNumbers, ForwardingTable

NUMBERS = st.integers(min_value=0, max_value=BURST_BIT - 1)


def test_whoever_holds_a_table_sees_it_unchanged() -> None:
    held = ForwardingTable({1: "anna"})

    newer = held.with_entry(2, "bert").with_entry(1, "carl")
    newest = newer.without(1)

    assert (held.get(1), held.get(2)) == ("anna", None)
    assert (newer.get(1), newer.get(2)) == ("carl", "bert")
    assert (newest.get(1), newest.get(2), len(newest)) == (None, "bert", 1)


def test_the_entries_that_a_table_was_made_of_may_change() -> None:
    entries = {1: "anna"}
    table = ForwardingTable(entries)

    entries.clear()

    assert table.get(1) == "anna"


def test_taking_out_what_is_not_in_is_no_error() -> None:
    assert len(ForwardingTable({1: "anna"}).without(2)) == 1


@given(start=NUMBERS, step=NUMBERS)
def test_burst_numbers_have_the_top_bit_and_do_not_repeat(start: int, step: int) -> None:
    numbers = BurstNumbers(start, step)

    given_out = [numbers() for _ in range(1000)]

    assert len(set(given_out)) == 1000
    assert all(BURST_BIT <= number < 2 * BURST_BIT for number in given_out)
