"""The arbitrator against the tables of TS 24.380 (clauses 6.3.4, 6.3.5), and its own rules."""

from collections.abc import Callable
from itertools import count

import pytest

from ptt.floor import timers
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
    AckSource,
    DenyCause,
    FloorAck,
    FloorDeny,
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorMessage,
    FloorQueuePositionInfo,
    FloorQueuePositionRequest,
    FloorRelease,
    FloorRequest,
    FloorRevoke,
    FloorTaken,
    RevokeCause,
    UnknownFloorMessage,
)

CHANNEL = 99
ANNA, BERT, CARL, DORA = 1, 2, 3, 4
FIRST, SECOND = 1001, 1002  # bursts
QUEUEABLE = FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED
EMERGENCY = FloorIndicator.EMERGENCY_CALL | FloorIndicator.QUEUEING_SUPPORTED
KEY = 1  # the priority octet of a person with priority 0 who uses a key
REQUEST = FloorRequest(7, KEY, QUEUEABLE)


def request(*, priority: int = 0, by_key: bool = True, emergency: bool = False) -> FloorRequest:
    return FloorRequest(7, 2 * priority + by_key, EMERGENCY if emergency else QUEUEABLE)


def channel(*people: int, talk_limit: float = 60.0, queue_size: int = 2) -> Arbitrator:
    arbitrator = Arbitrator(
        ssrc=CHANNEL,
        talk_limit=talk_limit,
        queue_size=queue_size,
        new_burst=count(FIRST).__next__,
    )
    for person in people:
        arbitrator.join(person, priority=0, may_talk=True, now=0.0)
    return arbitrator


def idle() -> Arbitrator:
    return channel(ANNA, BERT, CARL, DORA)


def taken() -> Arbitrator:
    """Anna talks."""
    arbitrator = idle()
    arbitrator.handle(ANNA, REQUEST, 0.0)
    arbitrator.note_media(0.0)
    return arbitrator


def queued() -> Arbitrator:
    """Anna talks, Bert waits."""
    arbitrator = taken()
    arbitrator.handle(BERT, REQUEST, 0.0)
    return arbitrator


def full() -> Arbitrator:
    """Anna talks, Bert and Carl wait, there is no third place."""
    arbitrator = queued()
    arbitrator.handle(CARL, REQUEST, 0.0)
    return arbitrator


GRANTED = FloorGranted(CHANNEL, 60, FIRST, KEY)
TAKEN = FloorTaken(CHANNEL, "ptt:1", FIRST, 1)
NEXT_GRANTED = FloorGranted(CHANNEL, 60, SECOND, KEY)
NEXT_TAKEN = FloorTaken(CHANNEL, "ptt:2", SECOND, 2)
IDLE = FloorIdle(CHANNEL, 0)
NEXT_IDLE = FloorIdle(CHANNEL, 2)
ACK = FloorAck(CHANNEL, AckSource.CONTROLLING_FUNCTION, 4)


def info(position: int, priority: int = KEY) -> FloorQueuePositionInfo:
    return FloorQueuePositionInfo(CHANNEL, position, priority)


BERT_NEXT: list[Action] = [
    StartForwarding(BERT, SECOND),
    Send(BERT, NEXT_GRANTED),
    Announce(NEXT_TAKEN, but=BERT),
    QueueChanged(()),
]

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
        [Send(ANNA, IDLE), Send(ANNA, info(254, 0))],
        None,
        "6.3.5.3.6",
    ),
    (taken, ANNA, REQUEST, [Send(ANNA, GRANTED)], ANNA, "6.3.5.4.4"),
    (taken, BERT, REQUEST, [QueueChanged((BERT,)), Send(BERT, info(1))], ANNA, "6.3.5.3.4"),
    (
        taken,
        ANNA,
        FloorRelease(7, FIRST),
        [StopForwarding(ANNA, FIRST, EndReason.RELEASED), Announce(NEXT_IDLE)],
        None,
        "6.3.4.4.4",
    ),
    (taken, ANNA, FloorRelease(7, 555), [Send(ANNA, TAKEN)], ANNA, "another burst"),
    (taken, BERT, FloorRelease(7), [Send(BERT, TAKEN)], ANNA, "6.3.5.3.5"),
    (taken, BERT, FloorRelease(7, FIRST), [Send(BERT, TAKEN)], ANNA, "somebody else's burst"),
    (queued, BERT, REQUEST, [Send(BERT, info(1))], ANNA, "6.3.5.3.4"),
    (
        queued,
        CARL,
        REQUEST,
        [QueueChanged((BERT, CARL)), Send(BERT, info(1)), Send(CARL, info(2))],
        ANNA,
        "6.3.5.3.4",
    ),
    (queued, BERT, FloorRelease(7), [QueueChanged(()), Send(BERT, TAKEN)], ANNA, "6.3.5.3.5"),
    (
        queued,
        BERT,
        FloorRelease(7, 555),
        [Send(BERT, TAKEN), Send(BERT, info(1))],
        ANNA,
        "an old burst, not the queue",
    ),
    (
        queued,
        BERT,
        FloorQueuePositionRequest(7),
        [Send(BERT, TAKEN), Send(BERT, info(1))],
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


def test_a_full_queue_turns_away_with_a_sentence() -> None:
    actions = full().handle(DORA, REQUEST, 0.0)

    assert actions == [
        Send(
            DORA,
            FloorDeny(
                CHANNEL, DenyCause.QUEUE_FULL, "Too many people wait to talk: try again later."
            ),
        )
    ]


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


def test_t1_frees_the_floor_of_a_vanished_talker() -> None:
    arbitrator = taken()
    arbitrator.note_media(3.0)

    early = arbitrator.handle_deadline(3.99)
    actions = arbitrator.handle_deadline(arbitrator.deadline)

    assert early == []
    assert actions == [StopForwarding(ANNA, FIRST, EndReason.SILENT), Announce(NEXT_IDLE)]


def test_media_only_moves_the_deadline_later() -> None:
    arbitrator = taken()
    before = arbitrator.deadline

    arbitrator.note_media(0.5)

    assert arbitrator.deadline >= before


def test_t2_starts_with_the_first_packet_and_bars_the_talker_for_a_while() -> None:
    arbitrator = channel(ANNA, BERT, talk_limit=10.0)
    arbitrator.handle(ANNA, REQUEST, 0.0)
    for tick in range(10, 1101):
        arbitrator.note_media(tick / 100)
        actions = arbitrator.handle_deadline(tick / 100)
        if actions:
            break

    assert tick / 100 == pytest.approx(10.1)
    assert actions[0] == StopForwarding(ANNA, FIRST, EndReason.LIMIT)
    assert isinstance(actions[1], Send)
    assert isinstance(actions[1].message, FloorRevoke)
    assert actions[1].message.cause is RevokeCause.MEDIA_BURST_TOO_LONG
    (denied,) = arbitrator.handle(ANNA, REQUEST, 11.0)
    assert isinstance(denied, Send)
    assert isinstance(denied.message, FloorDeny)
    assert denied.message.cause is DenyCause.RETRY_AFTER_TIMER_NOT_EXPIRED
    assert "3 s" in denied.message.phrase
    again = arbitrator.handle(ANNA, REQUEST, 10.1 + timers.RETRY_AFTER)
    assert isinstance(again[0], StartForwarding)


@pytest.mark.parametrize("late", [0.0, 0.2, 5.0])
def test_whoever_is_next_is_not_cut_by_timers_of_the_one_before(late: float) -> None:
    arbitrator = channel(ANNA, BERT, talk_limit=10.0)
    arbitrator.handle(ANNA, REQUEST, 0.0)
    arbitrator.handle(BERT, REQUEST, 0.0)
    for tick in range(20):
        arbitrator.note_media(tick / 2)
        arbitrator.handle_deadline(tick / 2)
    arbitrator.note_media(10.0 + late)

    actions = arbitrator.handle_deadline(10.0 + late)

    ends = [action for action in actions if isinstance(action, StopForwarding)]
    assert ends == [StopForwarding(ANNA, FIRST, EndReason.LIMIT)]
    assert arbitrator.talker == BERT


def test_an_emergency_does_not_wait_after_a_forced_stop() -> None:
    arbitrator = channel(ANNA, BERT, talk_limit=10.0)
    arbitrator.handle(ANNA, REQUEST, 0.0)
    arbitrator.note_media(0.0)
    arbitrator.note_media(9.9)
    arbitrator.handle_deadline(10.0)

    arbitrator.handle(ANNA, request(emergency=True), 10.1)

    assert arbitrator.talker == ANNA


def test_an_emergency_finds_a_place_in_a_full_queue_before_all_others() -> None:
    arbitrator = full()
    arbitrator.join(77, priority=0, may_talk=True, now=0.0)
    arbitrator.handle(77, request(emergency=True), 0.0)
    arbitrator.handle(ANNA, REQUEST, 0.1)

    arbitrator.handle(DORA, request(emergency=True), 0.2)

    assert arbitrator.waiting == (DORA, BERT, CARL)


def test_granted_again_tells_the_rest_of_the_talk_limit() -> None:
    (again,) = taken().handle(ANNA, REQUEST, 20.0)

    assert again == Send(ANNA, FloorGranted(CHANNEL, 40, FIRST, KEY))


def test_an_emergency_cuts_in_before_everybody_who_waits() -> None:
    arbitrator = full()

    actions = arbitrator.handle(DORA, request(emergency=True), 1.0)

    revoked, granted = actions[1], actions[3]
    assert actions[0] == StopForwarding(ANNA, FIRST, EndReason.PRE_EMPTED)
    assert isinstance(revoked, Send)
    assert isinstance(revoked.message, FloorRevoke)
    assert (revoked.to, revoked.message.cause) == (ANNA, RevokeCause.PRE_EMPTED)
    assert actions[2] == StartForwarding(DORA, SECOND, emergency=True)
    assert isinstance(granted, Send)
    assert granted.to == DORA
    assert arbitrator.waiting == (BERT, CARL)


def test_an_emergency_does_not_cut_into_an_emergency() -> None:
    arbitrator = idle()
    arbitrator.handle(ANNA, request(emergency=True), 0.0)

    actions = arbitrator.handle(BERT, request(emergency=True), 0.1)

    assert actions[0] == QueueChanged((BERT,))


def test_who_waits_and_declares_an_emergency_leaves_the_queue_for_the_floor() -> None:
    arbitrator = full()

    actions = arbitrator.handle(CARL, request(emergency=True), 1.0)

    assert arbitrator.talker == CARL
    assert QueueChanged((BERT,)) in actions


def ordered(*claims: tuple[int, FloorRequest]) -> tuple[int, ...]:
    """The queue after these requests, while Dora talks; priorities: Anna 0, Bert 3, Carl 0."""
    arbitrator = channel(DORA, queue_size=16)
    for person, priority in ((ANNA, 0), (BERT, 3), (CARL, 0)):
        arbitrator.join(person, priority=priority, may_talk=True, now=0.0)
    arbitrator.change(DORA, priority=100, may_talk=True, now=0.0)
    arbitrator.handle(DORA, request(priority=100), 0.0)
    for person, message in claims:
        arbitrator.handle(person, message, 0.0)
    return arbitrator.waiting


@pytest.mark.parametrize(
    ("claims", "order"),
    [
        ([(ANNA, request()), (CARL, request())], (ANNA, CARL)),
        ([(ANNA, request()), (BERT, request(priority=3))], (BERT, ANNA)),
        ([(ANNA, request(by_key=False)), (CARL, request())], (CARL, ANNA)),
        ([(BERT, request(priority=3, by_key=False)), (CARL, request())], (BERT, CARL)),
        ([(ANNA, request(priority=90)), (BERT, request(priority=3))], (BERT, ANNA)),
        ([(BERT, request()), (ANNA, request())], (BERT, ANNA)),
    ],
)
def test_precedence(claims: list[tuple[int, FloorRequest]], order: tuple[int, ...]) -> None:
    assert ordered(*claims) == order


def test_a_better_claim_moves_up_and_a_worse_one_does_not_move_down() -> None:
    arbitrator = full()
    arbitrator.change(CARL, priority=5, may_talk=True, now=0.0)
    arbitrator.change(ANNA, priority=9, may_talk=True, now=0.0)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 0.0)
    arbitrator.handle(ANNA, request(priority=9), 0.0)
    arbitrator.handle(BERT, request(by_key=False), 0.0)

    up = arbitrator.handle(CARL, request(priority=5), 1.0)
    down = arbitrator.handle(CARL, request(by_key=False), 1.0)

    assert up == [Send(CARL, info(1, 11))]
    assert down == [Send(CARL, info(1, 11))]
    assert arbitrator.waiting == (CARL, BERT)


def test_a_repeated_request_that_forbids_queueing_is_not_denied_while_it_waits() -> None:
    arbitrator = queued()

    actions = arbitrator.handle(BERT, FloorRequest(7, KEY, FloorIndicator.NORMAL_CALL), 0.0)

    assert actions == [Send(BERT, info(1))]


def test_who_loses_priority_while_waiting_goes_back() -> None:
    arbitrator = taken()
    arbitrator.change(ANNA, priority=9, may_talk=True, now=0.0)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 0.0)
    arbitrator.handle(ANNA, request(priority=9), 0.0)
    arbitrator.change(BERT, priority=5, may_talk=True, now=0.0)
    arbitrator.handle(CARL, REQUEST, 0.0)
    arbitrator.handle(BERT, request(priority=5), 0.0)

    actions = arbitrator.change(BERT, priority=0, may_talk=True, now=0.0)

    assert actions == [QueueChanged((CARL, BERT)), Send(CARL, info(1)), Send(BERT, info(2))]


def test_who_may_not_talk_any_more_is_sent_away_from_the_queue() -> None:
    actions = full().change(BERT, priority=0, may_talk=False, now=0.0)

    denied, *rest = actions
    assert isinstance(denied, Send)
    assert isinstance(denied.message, FloorDeny)
    assert (denied.to, denied.message.cause) == (BERT, DenyCause.RECEIVE_ONLY)
    assert rest == [QueueChanged((CARL,)), Send(CARL, info(1))]


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


def test_who_talked_lately_does_not_overtake_an_equal_who_did_not() -> None:
    arbitrator = idle()
    arbitrator.handle(ANNA, REQUEST, 0.0)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 5.0)
    arbitrator.handle(BERT, REQUEST, 6.0)
    arbitrator.handle(ANNA, REQUEST, 6.5)

    arbitrator.handle(CARL, REQUEST, 7.0)

    assert arbitrator.waiting == (CARL, ANNA)


def test_a_queued_grant_is_repeated_until_the_talker_is_heard() -> None:
    arbitrator = queued()
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 1.0)

    repeats = [arbitrator.handle_deadline(1.0 + 0.25 * n) for n in (1, 2, 3)]

    assert repeats == [[Send(BERT, NEXT_GRANTED)], [Send(BERT, NEXT_GRANTED)], []]


def test_a_queued_grant_is_not_repeated_to_somebody_who_talks() -> None:
    arbitrator = queued()
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 1.0)
    arbitrator.note_media(1.02)

    assert arbitrator.handle_deadline(1.26) == []


def test_idle_is_said_again_with_the_same_number_and_then_no_more() -> None:
    arbitrator = taken()
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 10.0)

    repeats = [arbitrator.handle_deadline(10.0 + n) for n in (1, 2, 3)]

    assert repeats == [[Announce(NEXT_IDLE)], [Announce(NEXT_IDLE)], []]
    assert arbitrator.deadline == float("inf")


def test_a_revoke_is_repeated_until_it_is_answered() -> None:
    arbitrator = taken()
    arbitrator.handle(DORA, request(emergency=True), 1.0)

    (again,) = arbitrator.handle_deadline(1.25)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 1.3)

    assert isinstance(again, Send)
    assert isinstance(again.message, FloorRevoke)
    assert arbitrator.handle_deadline(1.5) == []


def test_a_revoke_that_nobody_answers_is_given_up() -> None:
    arbitrator = taken()
    arbitrator.handle_stray_media(BERT, 0.0)

    repeats = [len(arbitrator.handle_deadline(timers.T8_FLOOR_REVOKE * n)) for n in (1, 2, 3)]

    assert repeats == [1, 1, 0]


def test_who_asks_again_has_understood_the_revoke() -> None:
    arbitrator = taken()
    arbitrator.handle(DORA, request(emergency=True), 0.0)
    arbitrator.note_media(0.2)
    arbitrator.handle(ANNA, REQUEST, 0.2)

    assert arbitrator.handle_deadline(0.3) == []


def test_voice_without_permission_is_revoked_at_the_pace_of_t8() -> None:
    arbitrator = taken()

    first = arbitrator.handle_stray_media(BERT, 1.0)
    second = arbitrator.handle_stray_media(BERT, 1.02)

    (action,) = first
    assert isinstance(action, Send)
    assert isinstance(action.message, FloorRevoke)
    assert action.message.cause is RevokeCause.NO_PERMISSION
    assert second == []
    assert arbitrator.talker == ANNA


def test_a_talker_who_leaves_frees_the_floor_at_once() -> None:
    arbitrator = queued()

    actions = arbitrator.leave(ANNA, 1.0)

    assert actions == [StopForwarding(ANNA, FIRST, EndReason.LEFT), *BERT_NEXT]


def test_a_waiting_participant_who_leaves_is_out_of_the_queue() -> None:
    arbitrator = full()

    assert arbitrator.leave(BERT, 1.0) == [QueueChanged((CARL,)), Send(CARL, info(1))]


def test_a_talker_who_loses_the_right_is_stopped() -> None:
    arbitrator = taken()

    actions = arbitrator.change(ANNA, priority=0, may_talk=False, now=1.0)

    assert actions[0] == StopForwarding(ANNA, FIRST, EndReason.REVOKED)
    assert arbitrator.talker is None


def test_stopping_ends_the_burst_first_and_sends_everybody_away() -> None:
    arbitrator = full()

    stop, revoked, idle_again, *denied, changed = arbitrator.stop(1.0)

    assert stop == StopForwarding(ANNA, FIRST, EndReason.STOPPED)
    assert isinstance(revoked, Send)
    assert isinstance(revoked.message, FloorRevoke)
    assert idle_again == Announce(NEXT_IDLE)
    assert [one.to for one in denied if isinstance(one, Send)] == [BERT, CARL]
    assert changed == QueueChanged(())
    assert (arbitrator.talker, arbitrator.waiting) == (None, ())
    assert arbitrator.deadline == float("inf")


def test_the_sequence_number_wraps() -> None:
    arbitrator = channel(ANNA, BERT)
    sequences = []
    for n in range(33_000):
        arbitrator.handle(ANNA, REQUEST, n * 100.0)
        assert arbitrator.burst is not None
        (_, idle_again) = arbitrator.handle(ANNA, FloorRelease(7, arbitrator.burst), n * 100.0)
        assert isinstance(idle_again, Announce)
        assert isinstance(idle_again.message, FloorIdle)
        sequences.append(idle_again.message.sequence)

    assert max(sequences) <= 0xFFFF
    assert sequences != sorted(sequences)


EVENTS = [
    REQUEST,
    request(emergency=True),
    FloorRelease(7),
    FloorRelease(7, FIRST, ack_required=True),
    FloorQueuePositionRequest(7),
    ACK,
    GRANTED,
    TAKEN,
    IDLE,
    UnknownFloorMessage(7, 14),
]


@pytest.mark.parametrize("state", [idle, taken, queued, full])
@pytest.mark.parametrize("message", EVENTS)
@pytest.mark.parametrize("sender", [ANNA, BERT, CARL, 77])
def test_no_message_breaks_any_state(
    state: Callable[[], Arbitrator], message: FloorMessage, sender: int
) -> None:
    arbitrator = state()

    arbitrator.handle(sender, message, 0.5)
    arbitrator.handle_deadline(2.0)

    assert arbitrator.talker not in arbitrator.waiting
