"""Reported loss against copies."""

import pytest

from ptt.media.redundancy_policy import RedundancyPolicy


@pytest.mark.parametrize(
    ("loss", "copies"),
    [
        (0.0, ()),
        (0.009, ()),
        (0.01, (1, 4)),
        (0.079, (1, 4)),
        (0.08, (1, 3, 6)),
        (0.2, (1, 3, 6, 9)),
        (1.0, (1, 3, 6, 9)),
    ],
)
def test_more_loss_more_copies_at_once(loss: float, copies: tuple[int, ...]) -> None:
    assert RedundancyPolicy().handle_loss(loss, now=0.0) == copies


def test_copies_go_one_step_at_a_time_after_calm() -> None:
    policy = RedundancyPolicy()
    policy.handle_loss(0.1, now=0.0)

    steps = [policy.handle_loss(0.0, now=float(second)) for second in range(1, 13)]

    assert steps == [(1, 3, 6)] * 5 + [(1, 4)] * 5 + [()] * 2


def test_loss_just_below_a_threshold_keeps_the_copies() -> None:
    policy = RedundancyPolicy()
    policy.handle_loss(0.1, now=0.0)

    assert {policy.handle_loss(0.07, now=float(n)) for n in range(60)} == {(1, 3, 6)}


def test_one_bad_report_starts_the_calm_again() -> None:
    policy = RedundancyPolicy()
    policy.handle_loss(0.02, now=0.0)
    for second in (1.0, 2.0, 3.0):
        policy.handle_loss(0.0, now=second)
    policy.handle_loss(0.02, now=4.0)

    assert [policy.handle_loss(0.0, now=n) for n in (5.0, 9.0, 10.0)] == [(1, 4), (1, 4), ()]


def test_a_large_channel_gets_one_copy() -> None:
    policy = RedundancyPolicy(listeners=201)

    assert policy.handle_loss(0.3, now=0.0) == (1,)
    policy.listeners = 200
    assert policy.copies == (1, 3, 6, 9)


def test_copies_of_long_frames_are_as_near_in_time() -> None:
    assert RedundancyPolicy(long_packets=True).handle_loss(0.1, now=0.0) == (1, 2, 3)
