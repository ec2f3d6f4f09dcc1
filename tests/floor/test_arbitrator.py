"""The arbitrator against the tables of TS 24.380, clauses 6.3.4 and 6.3.5, a row a line."""

from collections.abc import Callable

import pytest

from ptt.floor.actions import (
    Action,
    Announce,
    EndReason,
    QueueChanged,
    Send,
    StartForwarding,
    StopForwarding,
)
from ptt.floor.arbitrator import Arbitrator
from ptt.wire.floor import (
    DenyCause,
    FloorDeny,
    FloorIndicator,
    FloorMessage,
    FloorQueuePositionRequest,
    FloorRelease,
    FloorRequest,
    UnknownFloorMessage,
)
from tests.support.floor_channel import (
    ACK,
    ANNA,
    BERT,
    BERT_NEXT,
    CARL,
    FIRST,
    GRANTED,
    IDLE,
    KEY,
    NEXT_IDLE,
    REQUEST,
    TAKEN,
    channel,
    full,
    granted,
    idle,
    place,
    queued,
    request,
    taken,
)

CUT = StopForwarding(ANNA, FIRST, EndReason.RELEASED)

# (state, who sends, what, actions, who talks then, clause)
TABLE = [
    (
        idle,
        ANNA,
        REQUEST,
        [StartForwarding(ANNA, FIRST), Send(ANNA, GRANTED), Announce(TAKEN, but=ANNA)],
        ANNA,
        "6.3.4.3.3",
    ),
    (idle, ANNA, FloorRelease(7), [Send(ANNA, IDLE)], None, "6.3.5.2.4"),
    (idle, ANNA, FloorRelease(7, ack_required=True), [Send(ANNA, ACK), Send(ANNA, IDLE)], None, ""),
    (
        idle,
        ANNA,
        FloorQueuePositionRequest(7),
        [Send(ANNA, IDLE), Send(ANNA, place(254, 0))],
        None,
        "6.3.5.3.6",
    ),
    (taken, ANNA, REQUEST, [Send(ANNA, GRANTED)], ANNA, "6.3.5.4.4"),
    (taken, BERT, REQUEST, [QueueChanged((BERT,)), Send(BERT, place(1))], ANNA, "6.3.5.3.4"),
    (
        taken,
        ANNA,
        FloorRelease(7, FIRST),
        [StopForwarding(ANNA, FIRST, EndReason.RELEASED), Announce(NEXT_IDLE)],
        None,
        "6.3.4.4.4",
    ),
    (granted, ANNA, FloorRelease(7), [CUT, Announce(NEXT_IDLE)], None, "before the grant came"),
    (taken, ANNA, FloorRelease(7), [Send(ANNA, TAKEN)], ANNA, "older than the burst"),
    (taken, ANNA, FloorRelease(7, 555), [Send(ANNA, TAKEN)], ANNA, "another burst"),
    (taken, BERT, FloorRelease(7), [Send(BERT, TAKEN)], ANNA, "6.3.5.3.5"),
    (taken, BERT, FloorRelease(7, FIRST), [Send(BERT, TAKEN)], ANNA, "somebody else's burst"),
    (queued, BERT, REQUEST, [Send(BERT, place(1))], ANNA, "6.3.5.3.4"),
    (
        queued,
        CARL,
        REQUEST,
        [QueueChanged((BERT, CARL)), Send(BERT, place(1)), Send(CARL, place(2))],
        ANNA,
        "6.3.5.3.4",
    ),
    (queued, BERT, FloorRelease(7), [QueueChanged(()), Send(BERT, TAKEN)], ANNA, "6.3.5.3.5"),
    (
        queued,
        BERT,
        FloorRelease(7, 555),
        [Send(BERT, TAKEN), Send(BERT, place(1))],
        ANNA,
        "an old burst, not the queue",
    ),
    (
        queued,
        BERT,
        FloorQueuePositionRequest(7),
        [Send(BERT, TAKEN), Send(BERT, place(1))],
        ANNA,
        "6.3.5.3.6",
    ),
    (
        queued,
        ANNA,
        FloorRelease(7, FIRST),
        [StopForwarding(ANNA, FIRST, EndReason.RELEASED), *BERT_NEXT],
        BERT,
        "6.3.4.3.2",
    ),
    (idle, ANNA, UnknownFloorMessage(7, 11), [], None, "unknown subtypes are ignored"),
    (taken, BERT, GRANTED, [], ANNA, "a server's message from a client is ignored"),
    (idle, 77, REQUEST, [], None, "somebody who is not there"),
]


@pytest.mark.parametrize(("state", "sender", "message", "actions", "talker", "clause"), TABLE)
def test_the_standards_table(
    state: Callable[[], Arbitrator],
    sender: int,
    message: FloorMessage,
    actions: list[Action],
    talker: int | None,
    clause: str,
) -> None:
    arbitrator = state()

    assert arbitrator.handle(sender, message, 0.0) == actions, clause
    assert arbitrator.talker == talker


@pytest.mark.parametrize(
    ("arbitrator", "message", "cause"),
    [
        (channel(ANNA), REQUEST, DenyCause.ONLY_ONE_PARTICIPANT),
        (taken(), FloorRequest(7, KEY), DenyCause.ANOTHER_CLIENT_HAS_PERMISSION),
    ],
)
def test_a_denial_names_cause_and_reason(
    arbitrator: Arbitrator, message: FloorRequest, cause: DenyCause
) -> None:
    sender = ANNA if arbitrator.talker is None else BERT

    (action,) = arbitrator.handle(sender, message, 0.0)

    assert isinstance(action, Send)
    assert isinstance(action.message, FloorDeny)
    assert action.message.cause is cause
    assert action.message.phrase.endswith(".")


def test_who_may_only_listen_is_denied() -> None:
    arbitrator = channel(ANNA)
    arbitrator.join(BERT, priority=0, may_talk=False, now=0.0)

    (action,) = arbitrator.handle(BERT, REQUEST, 0.0)

    assert isinstance(action, Send)
    assert isinstance(action.message, FloorDeny)
    assert action.message.cause is DenyCause.RECEIVE_ONLY


def test_late_entry_learns_who_talks() -> None:
    actions = taken().join(77, priority=0, may_talk=True, now=5.0)

    assert actions == [Send(77, TAKEN)]


def test_a_repeated_request_that_forbids_queueing_is_not_denied_while_it_waits() -> None:
    arbitrator = queued()

    actions = arbitrator.handle(BERT, FloorRequest(7, KEY, FloorIndicator.NORMAL_CALL), 0.0)

    assert actions == [Send(BERT, place(1))]


def test_who_may_not_talk_any_more_is_sent_away_from_the_queue() -> None:
    actions = full().change(BERT, priority=0, may_talk=False, now=0.0)

    denied, *rest = actions
    assert isinstance(denied, Send)
    assert isinstance(denied.message, FloorDeny)
    assert (denied.to, denied.message.cause) == (BERT, DenyCause.RECEIVE_ONLY)
    assert rest == [QueueChanged((CARL,)), Send(CARL, place(1))]


def test_who_is_left_alone_in_the_queue_is_told_so() -> None:
    arbitrator = channel(ANNA, BERT)
    arbitrator.handle(ANNA, REQUEST, 0.0)
    arbitrator.handle(BERT, REQUEST, 0.0)

    stop, denied, idle_again, changed = arbitrator.leave(ANNA, 1.0)

    assert stop == StopForwarding(ANNA, FIRST, EndReason.LEFT)
    assert isinstance(denied, Send)
    assert isinstance(denied.message, FloorDeny)
    assert (denied.to, denied.message.cause) == (BERT, DenyCause.ONLY_ONE_PARTICIPANT)
    assert (idle_again, changed) == (Announce(NEXT_IDLE), QueueChanged(()))


def test_a_talker_whose_listeners_leave_talks_on() -> None:
    arbitrator = channel(ANNA, BERT)
    arbitrator.handle(ANNA, REQUEST, 0.0)

    actions = arbitrator.leave(BERT, 0.5)

    assert actions == []
    assert arbitrator.talker == ANNA


def test_a_talker_who_leaves_frees_the_floor_at_once() -> None:
    arbitrator = queued()

    actions = arbitrator.leave(ANNA, 1.0)

    assert actions == [StopForwarding(ANNA, FIRST, EndReason.LEFT), *BERT_NEXT]


def test_a_waiting_participant_who_leaves_is_out_of_the_queue() -> None:
    arbitrator = full()

    assert arbitrator.leave(BERT, 1.0) == [QueueChanged((CARL,)), Send(CARL, place(1))]


def test_a_talker_who_loses_the_right_is_stopped() -> None:
    arbitrator = taken()

    actions = arbitrator.change(ANNA, priority=0, may_talk=False, now=1.0)

    assert actions[0] == StopForwarding(ANNA, FIRST, EndReason.REVOKED)
    assert arbitrator.talker is None


Event = Callable[[Arbitrator, int], list[Action]]


def says(message: FloorMessage) -> Event:
    return lambda arbitrator, who: arbitrator.handle(who, message, 0.5)


def media(arbitrator: Arbitrator, who: int) -> list[Action]:
    arbitrator.note_media(0.5)
    return []


EVENTS: list[Event] = [
    says(REQUEST),
    says(request(emergency=True)),
    says(FloorRelease(7)),
    says(FloorRelease(7, FIRST, ack_required=True)),
    says(FloorQueuePositionRequest(7)),
    says(ACK),
    says(GRANTED),
    says(TAKEN),
    says(IDLE),
    says(UnknownFloorMessage(7, 14)),
    lambda arbitrator, who: arbitrator.join(who, priority=1, may_talk=True, now=0.5),
    lambda arbitrator, who: arbitrator.leave(who, 0.5),
    lambda arbitrator, who: arbitrator.handle_stray_media(who, 0.5),
    media,
    lambda arbitrator, who: arbitrator.handle_deadline(100.0),
    lambda arbitrator, who: arbitrator.stop(0.5),
]


@pytest.mark.parametrize("state", [idle, taken, queued, full])
@pytest.mark.parametrize("sender", [ANNA, BERT, CARL, 77])
@pytest.mark.parametrize("event", EVENTS)
def test_nothing_breaks_any_state(
    state: Callable[[], Arbitrator], sender: int, event: Event
) -> None:
    arbitrator = state()

    event(arbitrator, sender)
    arbitrator.handle_deadline(2.0)

    assert arbitrator.talker not in arbitrator.waiting
