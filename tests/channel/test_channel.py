"""One channel, by calls: who is told what, and who hears whom."""

from itertools import count

import pytest

from ptt.channel.channel import Channel, ChannelSettings
from ptt.channel.forwarding import Route
from ptt.channel.roster import Member, Roster
from ptt.floor.actions import Action, Announce, EndReason, Send, StartForwarding, StopForwarding
from ptt.wire.floor import (
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorRelease,
    FloorRequest,
    FloorRevoke,
    FloorTaken,
)

ANNA, BERT, CARL = 1, 2, 3
SETTINGS = ChannelSettings(ssrc=99, talk_limit=60.0, queue_size=16)


def channel_with(*clients: int) -> Channel:
    numbers = count(1000)
    channel = Channel(SETTINGS, lambda: next(numbers))
    for client in clients:
        channel.set_member(Member(client, ssrc=client), now=0.0)
    return channel


def request(client: int, *, emergency: bool = False) -> FloorRequest:
    kind = FloorIndicator.EMERGENCY_CALL if emergency else FloorIndicator.NORMAL_CALL
    return FloorRequest(ssrc=client, indicator=kind | FloorIndicator.QUEUEING_SUPPORTED)


def stops(actions: list[Action]) -> list[StopForwarding]:
    return [action for action in actions if isinstance(action, StopForwarding)]


def test_without_a_talker_nobody_hears_anything() -> None:
    assert channel_with(ANNA, BERT).route is None


def test_everybody_hears_the_talker_but_himself() -> None:
    channel = channel_with(ANNA, BERT, CARL)

    channel.handle(BERT, request(BERT), now=1.0)

    assert channel.route == Route(burst=1000, talker=BERT, listeners=(ANNA, CARL))


def test_whoever_joins_late_is_told_who_talks_and_hears() -> None:
    channel = channel_with(ANNA, BERT)
    channel.handle(ANNA, request(ANNA), now=1.0)

    [action] = channel.set_member(Member(CARL, ssrc=CARL), now=2.0)

    assert isinstance(action, Send)
    assert isinstance(action.message, FloorTaken)
    assert (action.to, action.message.burst) == (CARL, 1000)
    assert channel.route == Route(1000, ANNA, (BERT, CARL))


def test_whoever_leaves_hears_nothing_more() -> None:
    channel = channel_with(ANNA, BERT, CARL)
    channel.handle(ANNA, request(ANNA), now=1.0)

    channel.remove_member(BERT, now=2.0)

    assert channel.route == Route(1000, ANNA, (CARL,))


def test_a_talker_who_leaves_gives_the_floor_back() -> None:
    channel = channel_with(ANNA, BERT, CARL)
    channel.handle(ANNA, request(ANNA), now=1.0)

    actions = channel.remove_member(ANNA, now=2.0)

    assert stops(actions) == [StopForwarding(ANNA, 1000, EndReason.LEFT)]
    assert channel.route is None


def test_a_talker_who_loses_the_right_to_talk_is_cut() -> None:
    channel = channel_with(ANNA, BERT)
    channel.handle(ANNA, request(ANNA), now=1.0)

    actions = channel.set_member(Member(ANNA, ssrc=ANNA, may_talk=False), now=2.0)

    assert stops(actions) == [StopForwarding(ANNA, 1000, EndReason.REVOKED)]
    assert channel.route is None


def test_an_emergency_takes_the_route_over_in_one_step() -> None:
    channel = channel_with(ANNA, BERT, CARL)
    channel.handle(ANNA, request(ANNA), now=1.0)

    actions = channel.handle(BERT, request(BERT, emergency=True), now=2.0)

    assert stops(actions) == [StopForwarding(ANNA, 1000, EndReason.PRE_EMPTED)]
    assert StartForwarding(BERT, 1001, emergency=True) in actions
    assert channel.route == Route(1001, BERT, (ANNA, CARL))


def test_an_announcement_goes_to_all_but_its_subject() -> None:
    channel = channel_with(ANNA, BERT, CARL)
    taken = FloorTaken(ssrc=99, talker="ptt:2", burst=1000, sequence=1)

    assert channel.recipients(Announce(taken, but=BERT)) == (ANNA, CARL)
    assert channel.recipients(Announce(taken)) == (ANNA, BERT, CARL)
    assert channel.recipients(Send(CARL, taken)) == (CARL,)


def test_media_keeps_the_floor_and_silence_loses_it() -> None:
    channel = channel_with(ANNA, BERT)
    channel.handle(ANNA, request(ANNA), now=1.0)
    channel.note_media(now=1.9)

    early = channel.handle_deadline(now=2.0)
    late = channel.handle_deadline(now=2.9)

    assert stops(early) == []
    assert stops(late) == [StopForwarding(ANNA, 1000, EndReason.SILENT)]


def test_a_new_talk_limit_counts_from_the_next_burst() -> None:
    channel = channel_with(ANNA, BERT)

    channel.configure(ChannelSettings(ssrc=99, talk_limit=20.0, queue_size=1))
    actions = channel.handle(ANNA, request(ANNA), now=1.0)

    [granted] = [a.message for a in actions if isinstance(a, Send)]
    assert isinstance(granted, FloorGranted)
    assert granted.duration == 20


def test_voice_without_permission_is_answered_by_a_revoke() -> None:
    channel = channel_with(ANNA, BERT)

    [action] = channel.handle_stray_media(ANNA, now=1.0)

    assert isinstance(action, Send)
    assert isinstance(action.message, FloorRevoke)
    assert channel.handle_stray_media(CARL, now=1.0) == []


def test_the_end_of_the_channel_ends_the_burst() -> None:
    channel = channel_with(ANNA, BERT)
    channel.handle(ANNA, request(ANNA), now=1.0)

    assert stops(channel.stop(now=2.0)) == [StopForwarding(ANNA, 1000, EndReason.STOPPED)]
    assert channel.route is None


def test_strangers_are_not_admitted() -> None:
    channel = channel_with(ANNA)

    assert channel.admits(ANNA, request(ANNA), now=0.0)
    assert not channel.admits(BERT, request(BERT), now=0.0)
    assert channel.remove_member(BERT, now=0.0) == []


def test_floods_are_not_admitted_and_cost_the_others_nothing() -> None:
    channel = channel_with(ANNA, BERT)

    admitted = [channel.admits(ANNA, request(ANNA), now=0.0) for _ in range(100)]

    assert sum(admitted) == 10
    assert channel.admits(BERT, request(BERT), now=0.0)


def test_a_member_keeps_the_place_in_the_roster_when_rights_change() -> None:
    roster = Roster()
    for client in (ANNA, BERT):
        roster.put(Member(client, ssrc=client))

    roster.put(Member(ANNA, ssrc=ANNA, priority=7))

    assert roster.all_but() == (ANNA, BERT)
    member = roster.get(ANNA)
    assert member is not None
    assert member.priority == 7


@pytest.mark.parametrize("burst", [None, 1000])
def test_a_release_frees_the_route(burst: int | None) -> None:
    channel = channel_with(ANNA, BERT)
    channel.handle(ANNA, request(ANNA), now=1.0)

    actions = channel.handle(ANNA, FloorRelease(ssrc=ANNA, burst=burst), now=2.0)

    assert Announce(FloorIdle(ssrc=99, sequence=2)) in actions
    assert channel.route is None
