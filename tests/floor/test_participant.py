"""The floor participant against the table of TS 24.380, clause 6.2.4, a row a line."""

from collections.abc import Callable

import pytest

from ptt.floor import timers
from ptt.floor.notices import (
    Denied,
    LeftQueue,
    NobodyTalks,
    Notice,
    PermitGranted,
    Queued,
    Released,
    Revoked,
    TalkerIs,
    TimedOut,
    Transmit,
)
from ptt.floor.participant import Participant, ParticipantState
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

ME, SERVER, MINE, OTHERS = 7, 99, 1001, 1002
NO, ASKING, TALKING, RELEASING, WAITING = (
    ParticipantState.HAS_NO_PERMISSION,
    ParticipantState.PENDING_REQUEST,
    ParticipantState.HAS_PERMISSION,
    ParticipantState.PENDING_RELEASE,
    ParticipantState.QUEUED,
)
NORMAL = FloorIndicator.NORMAL_CALL
REQUEST = Transmit(FloorRequest(ME, 1, NORMAL | FloorIndicator.QUEUEING_SUPPORTED))
EMERGENCY = Transmit(
    FloorRequest(ME, 1, FloorIndicator.EMERGENCY_CALL | FloorIndicator.QUEUEING_SUPPORTED)
)
RELEASE = Transmit(FloorRelease(ME))
GRANTED = FloorGranted(SERVER, 60, MINE)
TAKEN = FloorTaken(SERVER, "ptt:2", OTHERS, 1)
TALKER = TalkerIs("ptt:2", OTHERS, NORMAL)
IDLE = FloorIdle(SERVER, 1)
DENY = FloorDeny(SERVER, DenyCause.QUEUE_FULL, "Full.")
REVOKE = FloorRevoke(SERVER, RevokeCause.PRE_EMPTED, "Cut.")
CUT = Revoked(RevokeCause.PRE_EMPTED, "Cut.")


def place(position: int) -> FloorQueuePositionInfo:
    return FloorQueuePositionInfo(SERVER, position)


def release(burst: int | None) -> Transmit:
    return Transmit(FloorRelease(ME, burst))


def idle() -> Participant:
    return Participant(ssrc=ME)


def asking() -> Participant:
    participant = idle()
    participant.press(0.0)
    return participant


def crying() -> Participant:
    participant = idle()
    participant.press(0.0, emergency=True)
    return participant


def talking() -> Participant:
    participant = asking()
    participant.handle(GRANTED, 0.0)
    return participant


def waiting() -> Participant:
    participant = asking()
    participant.handle(place(2), 0.0)
    return participant


def releasing() -> Participant:
    participant = talking()
    participant.release(0.0)
    return participant


def leaving() -> Participant:
    """The queue."""
    participant = waiting()
    participant.release(0.0)
    return participant


Event = FloorMessage | Callable[[Participant], list[Notice]]


def press(participant: Participant) -> list[Notice]:
    return participant.press(0.0)


def cry(participant: Participant) -> list[Notice]:
    return participant.press(0.0, emergency=True)


def let_go(participant: Participant) -> list[Notice]:
    return participant.release(0.0)


def media(participant: Participant) -> list[Notice]:
    return participant.handle_media(0.0)


# (state, event, notices, next state); clause 6.2.4.3 to 6.2.4.9
TABLE: list[tuple[Callable[[], Participant], Event, list[Notice], ParticipantState]] = [
    (idle, press, [REQUEST], ASKING),
    (idle, let_go, [], NO),
    (idle, TAKEN, [TALKER], NO),
    (idle, IDLE, [NobodyTalks()], NO),
    (idle, media, [], NO),
    (idle, GRANTED, [release(MINE)], NO),
    (idle, place(1), [RELEASE], NO),
    (idle, DENY, [], NO),
    (idle, REVOKE, [RELEASE], NO),
    (asking, press, [], ASKING),
    (asking, GRANTED, [PermitGranted(MINE, 60.0, False)], TALKING),
    (asking, DENY, [Denied(DenyCause.QUEUE_FULL, "Full.")], NO),
    (asking, place(2), [Queued(2)], WAITING),
    (asking, place(254), [], ASKING),
    (asking, TAKEN, [TALKER], ASKING),
    (asking, IDLE, [NobodyTalks()], ASKING),
    (asking, media, [], ASKING),
    (asking, let_go, [RELEASE], RELEASING),
    (asking, REVOKE, [CUT, RELEASE], RELEASING),
    (talking, press, [], TALKING),
    (talking, let_go, [release(MINE)], RELEASING),
    (talking, REVOKE, [CUT, release(MINE)], RELEASING),
    (talking, GRANTED, [], TALKING),
    (talking, FloorGranted(SERVER, 60, 1003), [release(1003)], TALKING),
    (talking, TAKEN, [], TALKING),
    (talking, IDLE, [], TALKING),
    (talking, media, [], TALKING),
    (releasing, IDLE, [NobodyTalks(), Released()], NO),
    (releasing, TAKEN, [TALKER, Released()], NO),
    (releasing, media, [Released()], NO),
    (leaving, media, [], RELEASING),
    (leaving, TAKEN, [TALKER, Released()], NO),
    (releasing, GRANTED, [], RELEASING),
    (releasing, FloorGranted(SERVER, 60, 1003), [release(1003)], RELEASING),
    (releasing, REVOKE, [], RELEASING),
    (releasing, let_go, [], RELEASING),
    (releasing, press, [], RELEASING),
    (waiting, GRANTED, [PermitGranted(MINE, 60.0, True)], TALKING),
    (waiting, DENY, [Denied(DenyCause.QUEUE_FULL, "Full.")], NO),
    (waiting, place(1), [Queued(1)], WAITING),
    (waiting, place(254), [REQUEST], ASKING),
    (waiting, IDLE, [NobodyTalks(), REQUEST], ASKING),
    (waiting, TAKEN, [TALKER], WAITING),
    (waiting, let_go, [LeftQueue(), RELEASE], RELEASING),
    (waiting, REVOKE, [CUT, RELEASE], RELEASING),
    (waiting, press, [], WAITING),
    (idle, cry, [EMERGENCY], ASKING),
    (asking, cry, [EMERGENCY], ASKING),
    (waiting, cry, [EMERGENCY], ASKING),
    (crying, cry, [], ASKING),
]


@pytest.mark.parametrize(("state", "event", "notices", "after"), TABLE)
def test_the_standards_table(
    state: Callable[[], Participant],
    event: Event,
    notices: list[Notice],
    after: ParticipantState,
) -> None:
    participant = state()

    happened = event(participant) if callable(event) else participant.handle(event, 0.0)

    assert happened == notices
    assert participant.state is after


MESSAGES: list[FloorMessage] = [
    GRANTED,
    TAKEN,
    IDLE,
    DENY,
    REVOKE,
    place(1),
    place(254),
    place(255),
    FloorRequest(1),
    FloorRelease(1),
    FloorAck(1, AckSource.CONTROLLING_FUNCTION, 4),
    FloorQueuePositionRequest(1),
    UnknownFloorMessage(1, 15),
]


@pytest.mark.parametrize("state", [idle, asking, talking, releasing, waiting])
@pytest.mark.parametrize("message", MESSAGES)
def test_no_message_breaks_any_state(
    state: Callable[[], Participant], message: FloorMessage
) -> None:
    participant = state()

    participant.handle(message, 1.0)
    participant.handle_deadline(1000.0)

    assert (participant.burst is None) == (participant.state is not TALKING)


@pytest.mark.parametrize(
    ("message", "subtype"),
    [
        (FloorGranted(SERVER, 60, MINE, ack_required=True), 1),
        (FloorTaken(SERVER, "ptt:2", OTHERS, 1, ack_required=True), 2),
        (FloorDeny(SERVER, DenyCause.OTHER, ack_required=True), 3),
        (FloorIdle(SERVER, 1, ack_required=True), 5),
        (FloorQueuePositionInfo(SERVER, 1, ack_required=True), 9),
    ],
)
def test_what_wants_an_acknowledgement_gets_it_first(message: FloorMessage, subtype: int) -> None:
    first, *_ = asking().handle(message, 0.0)

    assert first == Transmit(FloorAck(ME, AckSource.PARTICIPANT, subtype))


def run_out(participant: Participant) -> tuple[list[float], list[Notice]]:
    """When something was said again, and what was said in the end."""
    times: list[float] = []
    while True:
        now = participant.deadline
        notices = participant.handle_deadline(now)
        if notices and not isinstance(notices[0], Transmit):
            return times, notices
        times.append(now)


def test_a_request_is_repeated_faster_than_six_seconds_in_all() -> None:
    times, end = run_out(asking())

    assert times == pytest.approx([0.15, 0.45, 1.05, 2.25])
    assert end == [TimedOut()]


def test_a_release_is_repeated_and_then_taken_for_done() -> None:
    times, end = run_out(releasing())

    assert times == pytest.approx([0.15, 0.45, 1.05, 2.25])
    assert end == [Released()]


def test_a_press_during_the_release_asks_when_the_release_is_through() -> None:
    participant = releasing()
    participant.press(0.1)

    notices = participant.handle(IDLE, 0.2)

    assert notices == [NobodyTalks(), Released(), REQUEST]
    assert participant.state is ASKING


def test_a_press_that_ended_during_the_release_asks_nothing() -> None:
    participant = releasing()
    participant.press(0.1)
    participant.release(0.15)

    assert participant.handle(IDLE, 0.2) == [NobodyTalks(), Released()]


def test_a_late_copy_of_the_former_grant_opens_no_microphone() -> None:
    participant = releasing()
    participant.handle(IDLE, 0.1)
    participant.press(0.2)

    notices = participant.handle(GRANTED, 0.3)

    assert notices == [release(MINE)]
    assert participant.state is ASKING


def test_a_refused_grant_is_not_taken_when_it_comes_again() -> None:
    participant = idle()
    participant.handle(GRANTED, 0.1)
    participant.press(0.2)

    assert participant.handle(GRANTED, 0.3) == [release(MINE)]


def test_grants_that_name_no_burst_are_all_taken() -> None:
    participant = asking()
    participant.handle(FloorGranted(SERVER, 60), 0.1)
    participant.release(0.2)
    participant.handle(IDLE, 0.3)
    participant.press(0.4)

    assert participant.handle(FloorGranted(SERVER, 60), 0.5) == [PermitGranted(ME, 60.0, False)]


def test_a_silent_burst_is_taken_for_ended_after_t103() -> None:
    participant = idle()
    participant.handle(TAKEN, 0.0)
    participant.handle_media(3.0)

    assert participant.handle_deadline(3.9) == []
    assert participant.handle_deadline(3.0 + timers.T103_END_OF_MEDIA) == [NobodyTalks()]


@pytest.mark.parametrize("message", [IDLE, GRANTED])
def test_what_ends_the_other_talk_also_ends_the_watch_over_it(message: FloorMessage) -> None:
    participant = asking()
    participant.handle(TAKEN, 0.0)
    participant.handle(message, 0.05)

    notices = participant.handle_deadline(timers.T103_END_OF_MEDIA)

    assert NobodyTalks() not in notices


def test_a_press_does_not_hide_that_the_talker_vanished() -> None:
    participant = idle()
    participant.handle(TAKEN, 0.0)
    participant.press(0.5)
    participant.handle(place(1), 0.5)

    notices = participant.handle_deadline(timers.FIRST_MEDIA)

    assert notices == [NobodyTalks(), Transmit(FloorQueuePositionRequest(ME))]


def test_who_waits_and_hears_of_a_new_talker_but_not_of_the_own_place_asks() -> None:
    participant = waiting()
    participant.handle(TAKEN, 1.0)

    notices = participant.handle_deadline(1.0 + timers.T104_QUEUE_POSITION)

    assert notices == [Transmit(FloorQueuePositionRequest(ME))]


def test_who_waits_and_hears_of_the_own_place_does_not_ask() -> None:
    participant = waiting()
    participant.handle(TAKEN, 1.0)
    participant.handle(place(1), 1.01)
    participant.handle_media(1.02)

    assert participant.handle_deadline(1.9) == []


def test_who_waits_and_hears_nobody_asks_for_the_own_place_again_and_again() -> None:
    participant = waiting()

    asked = []
    for _ in range(3):
        now = participant.deadline
        asked += participant.handle_deadline(now)
        participant.handle(place(1), now + 0.01)

    assert asked == 3 * [NobodyTalks(), Transmit(FloorQueuePositionRequest(ME))]


def test_the_release_after_a_revoke_names_the_kind_of_call() -> None:
    participant = talking()
    kind = FloorIndicator.EMERGENCY_CALL

    _, answer = participant.handle(FloorRevoke(SERVER, RevokeCause.PRE_EMPTED, "", kind), 0.0)

    assert answer == Transmit(FloorRelease(ME, MINE, kind))


def test_the_place_in_the_queue_is_asked_for_three_times_and_then_given_up() -> None:
    participant = waiting()

    asked = participant.ask_position(0.0)
    first, second, last = (participant.handle_deadline(participant.deadline) for _ in range(3))

    position = [Transmit(FloorQueuePositionRequest(ME))]
    assert (asked, first, second) == (position, position, position)
    assert last == [LeftQueue(), RELEASE]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (idle, [RELEASE]),
        (waiting, [Transmit(FloorQueuePositionRequest(ME))]),
        (asking, []),
        (talking, []),
        (releasing, []),
    ],
)
def test_asking_who_talks_never_gives_up_a_claim(
    state: Callable[[], Participant], message: list[Notice]
) -> None:
    assert state().ask_state() == message


def test_priority_key_and_emergency_are_in_the_request() -> None:
    participant = Participant(ssrc=ME, priority=5)

    (by_voice,) = participant.press(0.0, emergency=True, by_voice=True)

    assert isinstance(by_voice, Transmit)
    assert isinstance(by_voice.message, FloorRequest)
    assert by_voice.message.priority == 10
    assert FloorIndicator.EMERGENCY_CALL in by_voice.message.indicator
