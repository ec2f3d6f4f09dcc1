"""The second opinion on floor control finds each rule that is broken, and nothing else."""

import pytest

from ptt.switchboard.floor_watch import REVOKING, SLACK, FloorWatch
from ptt.switchboard.records import ChannelSettings
from ptt.wire.trunk import QueueChanged, Statistics, TalkEnded, TalkStarted, ToSwitchboard
from tests.support.floor_rules import assert_rules_kept

STORE, YARD = 1, 2
ANNA, BEN, CARL = 11, 12, 13
LIMIT = 10.0
EACH = LIMIT + REVOKING

Story = list[tuple[float, ToSwitchboard]]


def start(burst: int, client: int = ANNA, channel: int = STORE) -> TalkStarted:
    return TalkStarted(channel=channel, client=client, burst=burst)


def end(burst: int, client: int = ANNA, channel: int = STORE, packets: int = 50) -> TalkEnded:
    return TalkEnded(
        channel=channel, client=client, burst=burst, reason="released", seconds=1, packets=packets
    )


def queue(*clients: int) -> QueueChanged:
    return QueueChanged(channel=STORE, clients=[*clients])


def seconds(relayed: int = 0) -> Statistics:
    return Statistics(counters={"voice_received": relayed})


def broken(story: Story) -> list[str]:
    """The rules that this story breaks, in order."""
    watch = FloorWatch()
    watch.learn(ChannelSettings(number=n, name=f"{n}", talk_limit=LIMIT) for n in (STORE, YARD))
    return [each.rule for now, report in story for each in watch.handle(0, report, now)]


@pytest.mark.parametrize(
    ("story", "rules"),
    [
        ([(0, start(1)), (1, end(1)), (1, start(2, BEN)), (2, end(2, BEN))], []),
        ([(0, start(1)), (0, start(2, channel=YARD))], []),
        ([(0, start(1)), (1, start(2, BEN))], ["two holders"]),
        ([(0, start(1)), (1, end(1)), (2, end(1))], ["stray end"]),
        ([(0, start(1)), (1, end(2))], ["stray end"]),
        ([(0, start(1)), (1, end(1, packets=50)), (2, seconds(50))], []),
        ([(0, start(1)), (1, seconds(50))], []),
        ([(0, start(1)), (1, end(1, packets=50)), (2, seconds(51))], ["no permission"]),
        ([(0, seconds(1)), (1, seconds(1)), (2, seconds(2))], ["no permission"] * 2),
    ],
)
def test_two_holders_stray_ends_and_voice_without_permission_are_found(
    story: Story, rules: list[str]
) -> None:
    assert broken(story) == rules


@pytest.mark.parametrize(
    ("story", "rules"),
    [
        ([(0, start(1)), (1, queue(BEN)), (EACH + SLACK, seconds()), (12, queue())], []),
        ([(0, start(1)), (1, queue(BEN)), (EACH + SLACK + 1.1, seconds())], ["waits too long"]),
        ([(0, start(1)), (0, queue(BEN, CARL)), (2 * EACH + SLACK, seconds())], ["waits too long"]),
        ([(0, queue(BEN, CARL)), (11, queue(CARL)), (EACH + SLACK + 10.9, seconds())], []),
        ([(0, queue(BEN)), (9, queue(CARL, BEN)), (9 + EACH + 0.9, seconds())], []),
        ([(0, queue(BEN)), (9, start(2, CARL)), (9 + EACH + 0.9, seconds())], []),
        ([(0, queue(BEN)), (50, seconds()), (51, seconds())], ["waits too long"]),
    ],
)
def test_who_waits_longer_than_all_before_them_may_talk_is_found(
    story: Story, rules: list[str]
) -> None:
    assert broken(story) == rules


def test_with_a_floor_server_its_bursts_queues_and_counts_are_gone() -> None:
    watch = FloorWatch()
    for report in (start(1), end(1), start(2), queue(BEN)):
        watch.handle(0, report, 0.0)

    watch.lose(0)

    assert watch.handle(0, start(3), 1.0) == []
    assert watch.handle(0, end(3, packets=7), 2.0) == []
    assert watch.handle(0, seconds(7), 99.0) == []


def test_the_queue_of_a_channel_that_is_gone_waits_for_nothing() -> None:
    watch = FloorWatch()
    watch.handle(0, queue(BEN), 0.0)

    watch.learn([])

    assert watch.handle(0, seconds(), 1000.0) == []


def test_the_log_of_a_whole_run_is_read_by_other_means() -> None:
    def line(event: str, burst: int) -> dict[str, object]:
        return {"event": event, "channel": "Store", "burst": burst}

    good = [line("talk-start", 1), line("talk-end", 1), line("talk-start", 2), line("talk-end", 2)]
    assert_rules_kept([*good, {"event": "stopped"}])

    for bad in (
        [line("talk-start", 1), line("talk-start", 2)],
        [line("talk-end", 1)],
        [line("talk-start", 1), {"event": "stopped"}],
        [{"event": "rule-broken"}],
    ):
        with pytest.raises(AssertionError):
            assert_rules_kept(bad)
