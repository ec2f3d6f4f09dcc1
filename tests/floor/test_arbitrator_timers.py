"""What time does to the floor (TS 24.380, table 11.1.3-1), and what ends its timers."""

import pytest

from ptt.floor import timers
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
    FloorIdle,
    FloorRelease,
    FloorRevoke,
    RevokeCause,
)
from tests.support.floor_channel import (
    ANNA,
    BERT,
    CARL,
    CHANNEL,
    DORA,
    FIRST,
    GRANTED,
    KEY,
    NEXT_GRANTED,
    NEXT_IDLE,
    REQUEST,
    SECOND,
    channel,
    full,
    queued,
    request,
    taken,
)


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


def test_granted_again_tells_the_rest_of_the_talk_limit() -> None:
    (again,) = taken().handle(ANNA, REQUEST, 20.0)

    assert again == Send(ANNA, FloorGranted(CHANNEL, 40, FIRST, KEY))


def test_granted_again_at_the_very_end_never_says_zero_seconds() -> None:
    (again,) = taken().handle(ANNA, REQUEST, 59.5)

    assert again == Send(ANNA, FloorGranted(CHANNEL, 1, FIRST, KEY))


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


def test_idle_is_not_said_again_once_somebody_talks() -> None:
    arbitrator = taken()
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 0.0)
    arbitrator.handle(BERT, REQUEST, 0.5)

    assert arbitrator.deadline == 0.5 + timers.T1_END_OF_MEDIA


def test_other_settings_count_from_the_next_burst_on() -> None:
    arbitrator = taken()

    arbitrator.configure(talk_limit=20.0, queue_size=1)

    arbitrator.handle(BERT, REQUEST, 0.0)
    (denied,) = arbitrator.handle(CARL, REQUEST, 0.0)
    (same,) = arbitrator.handle(ANNA, REQUEST, 0.0)
    _, _, granted, *_ = arbitrator.handle(ANNA, FloorRelease(7, FIRST), 0.0)
    assert isinstance(denied, Send)
    assert isinstance(denied.message, FloorDeny)
    assert same == Send(ANNA, GRANTED)
    assert granted == Send(BERT, FloorGranted(CHANNEL, 20, SECOND, KEY))


def test_a_revoke_is_repeated_until_it_is_answered() -> None:
    arbitrator = taken()
    arbitrator.handle(DORA, request(emergency=True), 1.0)

    (again,) = arbitrator.handle_deadline(1.25)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 1.3)

    assert isinstance(again, Send)
    assert isinstance(again.message, FloorRevoke)
    assert arbitrator.handle_deadline(1.5) == []


def test_a_grant_ends_the_repeats_of_an_older_revoke() -> None:
    arbitrator = queued()
    arbitrator.handle_stray_media(BERT, 0.0)
    arbitrator.handle(ANNA, FloorRelease(7, FIRST), 0.1)
    arbitrator.note_media(0.1)

    assert arbitrator.handle_deadline(timers.T8_FLOOR_REVOKE) == []


def test_voice_of_the_talkers_former_burst_revokes_nothing() -> None:
    assert taken().handle_stray_media(ANNA, 0.1) == []


def test_who_left_is_not_sent_a_revoke_again() -> None:
    arbitrator = taken()
    arbitrator.handle_stray_media(BERT, 0.0)
    arbitrator.leave(BERT, 0.1)
    arbitrator.note_media(0.2)

    assert arbitrator.handle_deadline(0.5) == []


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


def test_stopping_ends_the_burst_first_and_sends_everybody_away() -> None:
    arbitrator = full()
    arbitrator.handle_stray_media(DORA, 1.0)

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
