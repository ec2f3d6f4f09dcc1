"""When to probe, and what to answer."""

from math import inf
from random import Random

import pytest

from ptt.client.link_watch import LinkWatch
from ptt.wire.link import Challenge, ChallengeReply, LinkMessage, Probe, ProbeReply

SSRC = 77


def watch() -> LinkWatch:
    return LinkWatch(SSRC, Random(1), now=100.0)


def bound(now: float = 100.0) -> LinkWatch:
    link = watch()
    answer(link, link.handle_deadline(now), now + 0.004)
    return link


def answer(link: LinkWatch, probes: list[LinkMessage], now: float) -> None:
    [probe] = probes
    assert isinstance(probe, Probe)
    link.handle(ProbeReply(SSRC, probe.token), now)


def probe_times(link: LinkWatch, until: float) -> list[float]:
    """When probes are sent if none is answered."""
    times = []
    while link.deadline <= until:
        now = link.deadline
        assert len(link.handle_deadline(now)) == 1
        times.append(now)
    return times


def test_until_the_first_reply_a_probe_leaves_every_150_ms() -> None:
    assert probe_times(watch(), 100.5) == pytest.approx([100.0, 100.15, 100.3, 100.45])


def test_an_idle_link_is_probed_every_fifteen_seconds() -> None:
    assert bound().deadline == pytest.approx(115.004)


def test_a_busy_link_is_probed_every_second() -> None:
    link = bound()

    link.set_busy(True, 103.0)

    assert link.deadline == 104.0


def test_a_probe_without_a_reply_is_repeated_slower_and_slower() -> None:
    link = bound()
    link.probe_now(110.0)

    assert probe_times(link, 113.0) == pytest.approx([110.0, 110.15, 110.45, 111.05, 112.05])
    assert link.state.unanswered == 4


def test_a_burst_without_voice_is_a_reason_to_probe_at_once() -> None:
    link = bound()
    link.expect_media(True, 103.0)

    assert link.deadline == pytest.approx(103.3)
    assert len(link.handle_deadline(103.3)) == 1


def test_voice_that_comes_is_no_reason_to_probe() -> None:
    link = bound()
    link.expect_media(True, 103.0)
    link.note_media(103.2)

    assert link.deadline == pytest.approx(103.5)
    link.expect_media(False, 103.3)
    assert link.deadline == pytest.approx(115.004)


def test_the_round_trip_is_measured() -> None:
    link = watch()
    first = link.handle_deadline(100.0)
    assert link.state.rtt is None

    answer(link, first, 100.020)

    assert link.state.bound
    assert link.state.rtt == pytest.approx(0.020)


def test_a_reply_to_another_probe_proves_nothing() -> None:
    link = watch()
    link.handle_deadline(100.0)

    link.handle(ProbeReply(SSRC, b"somebody"), 100.01)

    assert not link.state.bound


def test_a_challenge_is_answered_with_its_own_octets() -> None:
    assert watch().handle(Challenge(SSRC, b"12345678"), 100.0) == [
        ChallengeReply(SSRC, b"12345678")
    ]


@pytest.mark.parametrize("message", [Probe(SSRC, b"12345678"), ChallengeReply(SSRC, b"12345678")])
def test_messages_for_a_server_are_ignored(message: LinkMessage) -> None:
    assert watch().handle(message, 100.0) == []


def test_a_link_that_once_carried_is_dead_after_five_seconds_without_reply() -> None:
    link = bound()
    link.probe_now(110.0)
    probe_times(link, 116.0)

    assert not link.is_dead(114.9)
    assert link.is_dead(115.0)


def test_a_link_that_never_carried_is_not_called_dead() -> None:
    link = watch()
    probe_times(link, 120.0)

    assert not link.is_dead(120.0)


def test_nothing_is_sent_before_it_is_due() -> None:
    link = bound()

    assert link.handle_deadline(105.0) == []
    assert link.deadline < inf
