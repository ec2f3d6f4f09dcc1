"""What probes of the link tell about loss, delay and jitter."""

from random import Random

import pytest

from ptt.wire.link import Challenge, ChallengeReply, ProbeReply
from ptt_desk.checks.probes import ProbeCount, RoundTrips

SSRC = 7


def count() -> ProbeCount:
    return ProbeCount(SSRC, Random(1))


def test_a_reply_in_any_order_counts_for_its_own_probe() -> None:
    probes = count()
    first, second = probes.probe(10.0), probes.probe(10.04)

    probes.handle(ProbeReply(SSRC, second.token), 10.05)
    probes.handle(ProbeReply(SSRC, first.token), 10.06)

    assert probes.round_trips.seconds == pytest.approx((0.06, 0.01))
    assert probes.has_all


def test_a_reply_that_comes_twice_counts_once() -> None:
    probes = count()
    probe = probes.probe(10.0)

    probes.handle(ProbeReply(SSRC, probe.token), 10.01)
    probes.handle(ProbeReply(SSRC, probe.token), 10.50)

    assert probes.round_trips.seconds == pytest.approx((0.01,))


def test_a_reply_to_no_probe_of_ours_is_ignored() -> None:
    probes = count()
    probes.probe(10.0)

    probes.handle(ProbeReply(SSRC, bytes(8)), 10.01)

    assert probes.round_trips.lost == 1
    assert not probes.has_all


def test_a_challenge_is_answered_with_its_nonce() -> None:
    nonce = bytes(range(8))

    answers = count().handle(Challenge(SSRC, nonce), 10.0)

    assert answers == [ChallengeReply(SSRC, nonce)]


def test_loss_median_and_jitter_are_those_of_the_probes() -> None:
    trips = RoundTrips((0.010, None, 0.030, 0.020))

    assert trips.loss == 0.25
    assert trips.median == 0.020
    assert trips.jitter == pytest.approx(0.015)


def test_without_replies_there_is_no_time_to_tell() -> None:
    trips = RoundTrips((None, None))

    assert (trips.loss, trips.median, trips.jitter) == (1.0, None, None)
