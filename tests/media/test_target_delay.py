"""How much delay is wanted, and what one burst tells the next."""

from random import Random

import pytest

from ptt.media.delay_memory import DelayMemory
from ptt.media.target_delay import LearnedDelay, TargetDelay

CALM = 0.030


def feed(target: TargetDelay, lateness: list[float], *, first: int = 0) -> float:
    """Packets number `first` and following, each so much too late; when the last one came."""
    now = 0.0
    for number, late in enumerate(lateness, first):
        now = 50.0 + number * 0.020 + late
        target.note_arrival(number * 960, now)
    return now


def test_without_jitter_a_frame_and_a_half_is_enough() -> None:
    target = TargetDelay()
    now = feed(target, [0.0] * 100)

    assert target.target(now) == pytest.approx(CALM)


def test_one_late_packet_in_a_hundred_changes_nothing() -> None:
    target = TargetDelay()
    now = feed(target, [0.0] * 99 + [0.3] + [0.0] * 99)

    assert target.target(now) == pytest.approx(CALM)


def test_the_second_late_packet_raises_the_delay_at_once() -> None:
    target = TargetDelay()
    now = feed(target, [0.0] * 200 + [0.15, 0.12])

    assert target.target(now) == pytest.approx(0.12 + 0.025)


def test_delay_covers_p98_of_the_jitter() -> None:
    target = TargetDelay()
    rng = Random(1)
    now = feed(target, [rng.uniform(0, 0.2) for _ in range(500)])

    assert 0.196 < target.patience() < 0.21
    assert target.target(now) == pytest.approx(target.patience() + 0.020)


def test_after_six_calm_seconds_the_delay_is_gone() -> None:
    target = TargetDelay()
    rng = Random(1)
    now = feed(target, [rng.uniform(0, 0.2) for _ in range(200)] + [0.0] * 300)

    assert target.target(now) == pytest.approx(CALM)


def test_nobody_waits_longer_than_the_ceiling() -> None:
    target = TargetDelay()
    now = feed(target, [0.0, 3.0] * 50)

    assert target.target(now) == pytest.approx(0.52)


def test_a_backlog_sent_as_a_lump_is_not_jitter() -> None:
    target = TargetDelay()
    for number in range(20):
        target.note_arrival(number * 960, 100.0 + number * 0.0001)
    for number in range(20, 60):
        target.note_arrival(number * 960, 100.0 + (number - 20) * 0.020)

    assert target.target(101.0) == pytest.approx(CALM)
    assert target.delay(0, 100.0) == pytest.approx(0.4)


def test_copies_are_waited_for_only_while_packets_are_missing() -> None:
    target = TargetDelay()
    now = feed(target, [0.0] * 200)
    target.note_copies(4 * 960)

    assert target.target(now) == pytest.approx(CALM)
    target.note_repair(now)
    assert target.target(now) == pytest.approx(CALM + 0.080)
    assert target.target(now + 5.1) == pytest.approx(CALM)


def test_what_was_learned_counts_from_the_first_packet_for_two_seconds() -> None:
    target = TargetDelay(LearnedDelay(lateness=0.150, copies=0.120))
    now = feed(target, [0.0] * 5)

    assert target.target(now) == pytest.approx(0.150 + 0.025 + 0.120)
    now = feed(target, [0.0] * 100, first=5)
    assert target.target(now) == pytest.approx(CALM)


def test_a_burst_too_short_to_tell_hands_on_what_it_got() -> None:
    target = TargetDelay(LearnedDelay(lateness=0.150))
    now = feed(target, [0.0] * 20)

    assert target.learned(now).lateness == 0.150
    now = feed(target, [0.0] * 40, first=20)
    assert target.learned(now).lateness == pytest.approx(0.0)


def test_the_delay_of_one_bad_talker_does_not_stay() -> None:
    memory = DelayMemory()
    for talker, lateness in (("anna", 0.001), ("ben", 0.2), ("clara", 0.002)):
        memory.remember(talker, LearnedDelay(lateness), now=0.0)

    assert memory.expected("dora", now=1.0).lateness == 0.001
    assert memory.expected("ben", now=1.0).lateness == 0.2
    assert memory.expected("ben", now=200.0).lateness == 0.001


def test_delay_that_all_bursts_had_is_our_own_and_stays() -> None:
    memory = DelayMemory()
    for talker in ("anna", "ben", "clara"):
        memory.remember(talker, LearnedDelay(0.1, copies=0.08), now=0.0)

    assert memory.expected("dora", now=1.0) == LearnedDelay(0.1, copies=0.08)


def test_at_first_nothing_is_expected() -> None:
    assert DelayMemory().expected("anna", now=0.0) == LearnedDelay()


def test_the_memory_is_bounded() -> None:
    memory = DelayMemory()
    for number in range(100):
        memory.remember(str(number), LearnedDelay(number / 1000), now=0.0)

    assert memory.expected("0", now=0.0).lateness == 0.097
    assert memory.expected("99", now=0.0).lateness == 0.099


def test_in_steps_of_ten_milliseconds_half_the_delay_is_enough() -> None:
    target = TargetDelay(step_samples=480)
    now = feed(target, [0.0] * 100)

    assert target.target(now) == pytest.approx(CALM / 2)


def test_of_packets_shorter_than_a_step_all_must_be_there() -> None:
    target = TargetDelay()
    for number in range(100):
        target.note_arrival(number * 480, 50.0 + number * 0.010, 480)

    assert target.target(51.0) == pytest.approx(CALM + 0.010)
