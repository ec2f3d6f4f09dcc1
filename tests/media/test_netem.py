"""The bad network itself: it must be as bad as it says, and the same each time."""

from itertools import pairwise

import pytest

from tests.support.netem import PROFILES, Impairment, Profile, in_bursts

MANY = 20_000
EACH = 0.020  # s
OCTETS = 120


def fates(impairment: Impairment, count: int = MANY) -> list[list[float]]:
    """The delays of a stream of voice packets."""
    return [
        [arrival - n * EACH for arrival in impairment.pass_on(OCTETS, n * EACH)]
        for n in range(count)
    ]


def lengths(lost: list[bool]) -> list[int]:
    """Of the spells of loss."""
    spells = "".join("x" if each else " " for each in lost).split()
    return [len(spell) for spell in spells]


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_loses_the_share_that_it_says(name: str) -> None:
    profile = PROFILES[name]

    lost = [not fate for fate in fates(Impairment(profile, 1))]

    assert sum(lost) / MANY == pytest.approx(profile.lost, abs=0.01)


@pytest.mark.parametrize("name", PROFILES)
def test_the_same_seed_gives_the_same_fates_and_another_seed_others(name: str) -> None:
    first, again, other = (fates(Impairment(PROFILES[name], seed), 500) for seed in (1, 1, 2))

    assert first == again
    assert first != other


@pytest.mark.parametrize("length", [1.0, 3.0])
def test_loss_comes_in_bursts_of_the_length_that_was_asked_for(length: float) -> None:
    lost = [not fate for fate in fates(Impairment(in_bursts(0.1, length), 1))]

    mean = sum(lengths(lost)) / len(lengths(lost))
    assert mean == pytest.approx(length, rel=0.15)


def test_jitter_alone_keeps_the_order_and_its_bound() -> None:
    passed = fates(Impairment(Profile(delay=0.040, jitter=0.060), 1))

    delays = [delay for fate in passed for delay in fate]
    arrivals = [n * EACH + delay for n, delay in enumerate(delays)]
    assert arrivals == sorted(arrivals)
    assert 0.040 <= min(delays) < 0.041
    assert 0.099 < max(delays) <= 0.100


def test_disorder_and_repetition_happen_as_often_as_was_asked_for() -> None:
    passed = fates(Impairment(Profile(jitter=0.2, reordered=1.0, duplicated=0.05), 1))

    arrivals = [n * EACH + fate[0] for n, fate in enumerate(passed)]
    overtaken = sum(a > b for a, b in pairwise(arrivals))
    assert overtaken > MANY / 3
    assert sum(len(fate) == 2 for fate in passed) / MANY == pytest.approx(0.05, abs=0.01)


def test_a_slow_line_makes_wait_and_then_loses() -> None:
    slow = Impairment(Profile(rate=OCTETS / EACH / 2), 1)

    passed = fates(slow, 1000)

    assert max(delay for fate in passed for delay in fate) == pytest.approx(0.2, abs=0.081)
    assert slow.tally.overflowed == pytest.approx(500, abs=20)


def test_nothing_passes_in_a_blackout_and_everything_after_it() -> None:
    impairment = Impairment(Profile(), 1)
    impairment.black_out(1.0, 2.0)

    passed = fates(impairment, 200)

    assert next(n * EACH for n, fate in enumerate(passed) if fate) == pytest.approx(3.0)
    assert impairment.tally.blacked_out == 150
