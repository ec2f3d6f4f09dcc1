"""Who comes before whom, and who may cut in."""

import pytest

from ptt.floor.actions import (
    Announce,
    EndReason,
    QueueChanged,
    Send,
    StartForwarding,
    StopForwarding,
)
from ptt.wire.floor import (
    DenyCause,
    FloorDeny,
    FloorGranted,
    FloorIndicator,
    FloorRelease,
    FloorRequest,
    FloorRevoke,
    FloorTaken,
    RevokeCause,
)
from tests.support.floor_channel import (
    ANNA,
    BERT,
    CARL,
    CHANNEL,
    DORA,
    FIRST,
    KEY,
    REQUEST,
    SECOND,
    channel,
    full,
    idle,
    place,
    request,
    taken,
)


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


@pytest.mark.parametrize(
    "kind", [FloorIndicator.EMERGENCY_CALL, FloorIndicator.IMMINENT_PERIL_CALL]
)
def test_all_are_told_what_kind_of_call_it_is(kind: FloorIndicator) -> None:
    arbitrator = taken()

    actions = arbitrator.handle(BERT, FloorRequest(7, KEY, kind), 1.0)

    assert Send(BERT, FloorGranted(CHANNEL, 60, SECOND, KEY, kind)) in actions
    assert Announce(FloorTaken(CHANNEL, "ptt:2", SECOND, 2, indicator=kind), but=BERT) in actions


def test_an_emergency_cuts_into_imminent_peril() -> None:
    arbitrator = idle()
    arbitrator.handle(ANNA, FloorRequest(7, KEY, FloorIndicator.IMMINENT_PERIL_CALL), 0.0)

    arbitrator.handle(BERT, request(emergency=True), 0.1)

    assert arbitrator.talker == BERT


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

    assert up == [Send(CARL, place(1, 11))]
    assert down == [Send(CARL, place(1, 11))]
    assert arbitrator.waiting == (CARL, BERT)


def test_who_takes_the_key_instead_of_the_voice_keeps_the_time_of_arrival() -> None:
    arbitrator = taken()
    arbitrator.handle(BERT, request(by_key=False), 0.0)
    arbitrator.handle(CARL, REQUEST, 0.1)

    arbitrator.handle(BERT, REQUEST, 0.2)

    assert arbitrator.waiting == (BERT, CARL)


def test_who_loses_priority_while_waiting_goes_back() -> None:
    arbitrator = taken()
    arbitrator.change(ANNA, priority=9, may_talk=True, now=0.0)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 0.0)
    arbitrator.handle(ANNA, request(priority=9), 0.0)
    arbitrator.change(BERT, priority=5, may_talk=True, now=0.0)
    arbitrator.handle(CARL, REQUEST, 0.0)
    arbitrator.handle(BERT, request(priority=5), 0.0)

    actions = arbitrator.change(BERT, priority=0, may_talk=True, now=0.0)

    assert actions == [QueueChanged((CARL, BERT)), Send(CARL, place(1)), Send(BERT, place(2))]


def test_who_talked_lately_does_not_overtake_an_equal_who_did_not() -> None:
    arbitrator = idle()
    arbitrator.handle(ANNA, REQUEST, 0.0)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 5.0)
    arbitrator.handle(BERT, REQUEST, 6.0)
    arbitrator.handle(ANNA, REQUEST, 6.5)

    arbitrator.handle(CARL, REQUEST, 7.0)

    assert arbitrator.waiting == (CARL, ANNA)
