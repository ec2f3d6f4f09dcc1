"""What the soak calls broken."""

from collections.abc import Callable

import pytest

from benchmarks.soak import Soak, broken_bounds

COUNTS = {
    "bursts": 1000.0,
    "packets expected": 100_000.0,
    "packets lost": 99.0,
    "errors logged": 0.0,
    "descriptors left behind": 0.0,
    "threads left behind": -1.0,
}


def soak(
    memory: Callable[[float], float] = lambda at: 100.0,
    descriptors: Callable[[float], float] = lambda at: 216.0,
    **counts: float,
) -> Soak:
    """Half an hour; memory in MB and descriptors by the second."""
    samples = [
        {
            "at": at,
            "switchboard RSS, MB": memory(at),
            "switchboard descriptors": descriptors(at),
            "switchboard threads": 2.0,
            "database, MB": 0.5,
        }
        for at in map(float, range(0, 1800, 10))
    ]
    return Soak(samples, COUNTS | counts)


def test_a_soak_in_which_nothing_changes_breaks_nothing() -> None:
    assert broken_bounds(soak()) == []


def test_memory_may_grow_while_it_warms_up_and_not_afterwards() -> None:
    warming = soak(memory=lambda at: 90.0 + min(at, 600.0) / 60)
    growing = soak(memory=lambda at: 100.0 + 2 * at / 3600)

    assert broken_bounds(warming) == []
    assert broken_bounds(growing) == ["memory grows by more than 1 MiB/h"]


def test_what_goes_up_and_down_is_judged_by_its_least() -> None:
    sawtooth = soak(memory=lambda at: 100.0 + 3.0 * (at % 190) / 190)
    rising = soak(memory=lambda at: 100.0 + 3.0 * (at % 190) / 190 + 2 * at / 3600)

    assert broken_bounds(sawtooth) == []
    assert broken_bounds(rising) == ["memory grows by more than 1 MiB/h"]


def test_a_descriptor_that_is_lost_now_and_then_is_seen() -> None:
    leaking = soak(descriptors=lambda at: 216.0 + at // 900)

    assert broken_bounds(leaking) == ["there are more descriptors than at the beginning"]


@pytest.mark.parametrize(
    "counts",
    [
        {"packets lost": 101.0},
        {"errors logged": 1.0},
        {"descriptors left behind": 1.0},
        {"packets not opened": 1.0},
        {"broken: two holders": 1.0},
    ],
)
def test_each_other_bound_is_kept_for_itself(counts: dict[str, float]) -> None:
    assert len(broken_bounds(soak(**counts))) == 1
