"""Floor arbitration for one channel: who may talk now (TS 24.380, clause 6.3.4).

Pure: no socket, no clock. The caller passes events and the time, carries out the actions that
come back in their order, and asks again at `deadline`.

    Idle --Request--> Taken --Release | T1 | T2 | pre-emption | leaves--> Idle, or the next in line

With T3 = 0 the state *pending Floor Revoke* has no duration: who is revoked is cut at once, and
only the Floor Revoke itself is repeated (towards_participant.py).
"""

from collections.abc import Callable
from enum import Enum, auto
from math import ceil, inf

from ptt.floor import timers
from ptt.floor.actions import (
    Action,
    Announce,
    EndReason,
    ParticipantId,
    QueueChanged,
    Send,
    StartForwarding,
    StopForwarding,
)
from ptt.floor.deadlines import Deadlines
from ptt.floor.precedence import CallClass, Claim, claim_of
from ptt.floor.queue import FloorQueue
from ptt.floor.refusals import (
    ALONE,
    BUSY,
    LISTEN_ONLY,
    NO_PERMISSION,
    PRE_EMPTED,
    QUEUE_FULL,
    RIGHTS_GONE,
    STOPPING,
    STOPPING_TALKER,
    TOO_LONG,
    Refusal,
    Withdrawal,
    too_soon,
)
from ptt.floor.towards_participant import TowardsParticipant
from ptt.wire.floor import (
    POSITION_NOT_QUEUED,
    AckSource,
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
)

RELEASE_SUBTYPE = 4
SEQUENCE_SPACE = 1 << 16

_INDICATORS = {
    CallClass.NORMAL: FloorIndicator.NORMAL_CALL,
    CallClass.IMMINENT_PERIL: FloorIndicator.IMMINENT_PERIL_CALL,
    CallClass.EMERGENCY: FloorIndicator.EMERGENCY_CALL,
}


class Timer(Enum):
    """Timers of table 11.1.3-1."""

    T1_END_OF_MEDIA = auto()
    T2_STOP_TALKING = auto()
    T7_FLOOR_IDLE = auto()
    T20_FLOOR_GRANTED = auto()


class Arbitrator:
    """Gives the floor of one channel to at most one participant at a time.

    `ssrc` is that of its messages, `talk_limit` T2 in seconds, `new_burst` gives the SSRC of
    each talk burst and never the same twice.
    """

    def __init__(
        self, *, ssrc: int, talk_limit: float, queue_size: int, new_burst: Callable[[], int]
    ) -> None:
        self._ssrc = ssrc
        self._talk_limit = talk_limit
        self._new_burst = new_burst
        self._participants: dict[ParticipantId, TowardsParticipant] = {}
        self._revoking: set[ParticipantId] = set()  # who has not answered a Floor Revoke
        self._queue = FloorQueue(queue_size)
        self._timers: Deadlines[Timer] = Deadlines()
        self._claim: Claim | None = None
        self._burst = 0
        self._last_media = 0.0
        self._requests = 0
        self._repeats = 0
        self._sequence = 0

    @property
    def talker(self) -> ParticipantId | None:
        """Who has the floor."""
        return self._claim.participant if self._claim else None

    @property
    def burst(self) -> int | None:
        """SSRC of the running talk burst."""
        return self._burst if self._claim else None

    @property
    def waiting(self) -> tuple[ParticipantId, ...]:
        """The queue, next first."""
        return self._queue.waiting

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this; media only ever moves it later."""
        revokes = (self._participants[one].deadline for one in self._revoking)
        return min(self._timers.next, min(revokes, default=inf))

    def configure(self, *, talk_limit: float, queue_size: int) -> None:
        """Other settings: T2 of the next burst, places in the queue (who waits stays)."""
        self._talk_limit = talk_limit
        self._queue.size = queue_size

    def join(
        self, participant: ParticipantId, *, priority: int, may_talk: bool, now: float
    ) -> list[Action]:
        """A new participant hears at once what is going on (late entry)."""
        self._participants[participant] = TowardsParticipant(priority, may_talk)
        return [Send(participant, self._state())]

    def change(
        self, participant: ParticipantId, *, priority: int, may_talk: bool, now: float
    ) -> list[Action]:
        """A participant's rights are others now; who may not talk any more is stopped."""
        towards = self._participants[participant]
        towards.priority, towards.may_talk = priority, may_talk
        if may_talk:
            return []
        if participant == self.talker:
            return self._revoke(RIGHTS_GONE, now)
        if self._queue.remove(participant):
            return [self._deny(participant, LISTEN_ONLY), *self._queue_changed()]
        return []

    def leave(self, participant: ParticipantId, now: float) -> list[Action]:
        """A participant is gone; one that is not there is no error."""
        if self._participants.pop(participant, None) is None:
            return []
        self._revoking.discard(participant)
        if participant == self.talker:
            return self._end(EndReason.LEFT, now)
        return self._queue_changed() if self._queue.remove(participant) else []

    def handle(self, sender: ParticipantId, message: FloorMessage, now: float) -> list[Action]:
        """React to a message; what an arbitrator does not get is ignored."""
        if sender not in self._participants:
            return []
        match message:
            case FloorRequest():
                return self._request(sender, message, now)
            case FloorRelease():
                return self._release(sender, message, now)
            case FloorQueuePositionRequest():
                return [self._position(sender), Send(sender, self._state())]
            case _:
                return []

    def note_media(self, now: float) -> None:
        """A voice packet of the running burst came: T1 restarts, T2 starts with the first."""
        if self._last_media < 0:
            self._timers.start(Timer.T2_STOP_TALKING, now + self._talk_limit)
            self._timers.stop(Timer.T20_FLOOR_GRANTED)
        self._last_media = now

    def handle_stray_media(self, sender: ParticipantId, now: float) -> list[Action]:
        """Voice without permission is not relayed, and answered by Revoke, at the pace of T8."""
        towards = self._participants.get(sender)
        if towards is None or towards.revoking or sender == self.talker:
            return []
        return [self._send_revoke(sender, NO_PERMISSION, now)]

    def handle_deadline(self, now: float) -> list[Action]:
        """React to the timers that have expired by `now`."""
        actions: list[Action] = []
        for timer in self._timers.pop_expired(now):
            match timer:
                case Timer.T1_END_OF_MEDIA:
                    actions += self._end_of_media(now)
                case Timer.T2_STOP_TALKING if self._claim:
                    actions += self._too_long(now)
                case Timer.T7_FLOOR_IDLE if self._claim is None:
                    actions += self._repeat(timer, Announce(self._state()), now)
                case Timer.T20_FLOOR_GRANTED if self._claim:
                    granted = Send(self._claim.participant, self._granted(now))
                    actions += self._repeat(timer, granted, now)
                case _:
                    pass
        return actions + self._repeat_revokes(now)

    def _repeat_revokes(self, now: float) -> list[Action]:
        actions: list[Action] = []
        for participant in sorted(self._revoking):
            towards = self._participants[participant]
            if revoke := towards.handle_deadline(now):
                actions.append(Send(participant, revoke))
            elif not towards.revoking:
                self._revoking.discard(participant)
        return actions

    def _stop_revoking(self, participant: ParticipantId) -> None:
        self._revoking.discard(participant)
        self._participants[participant].handle_release()

    def stop(self, now: float) -> list[Action]:
        """Nobody talks here any more, and nobody waits."""
        waiting = self._queue.waiting
        self._queue.clear()
        actions: list[Action] = [self._deny(participant, STOPPING) for participant in waiting]
        if waiting:
            actions.append(QueueChanged(()))
        if self._claim is not None:
            stopped = FloorRevoke(self._ssrc, STOPPING_TALKER.cause, STOPPING_TALKER.phrase)
            talker = self._claim.participant
            actions += [self._cut(EndReason.STOPPED, now), Send(talker, stopped)]
        self._timers.stop(*Timer)
        return actions

    # requests

    def _request(self, sender: ParticipantId, message: FloorRequest, now: float) -> list[Action]:
        if sender == self.talker:
            return [Send(sender, self._granted(now))]
        towards = self._participants[sender]
        if refusal := self._refusal(towards, now):
            return [self._deny(sender, refusal)]
        former = self._queue.claim_of(sender)
        claim = claim_of(
            sender,
            message,
            allowed=towards.priority,
            talked_lately=now - towards.talked_until < timers.TALKED_LATELY,
            arrival=former.arrival if former else self._requests,
        )
        self._requests += 1
        if self._claim is None:
            return self._grant(claim, now)
        if claim.pre_empts(self._claim):
            self._queue.remove(sender)
            return [*self._take_away(PRE_EMPTED, now), *self._grant(claim, now, former is not None)]
        return self._enqueue(claim, former, message)

    def _refusal(self, towards: TowardsParticipant, now: float) -> Refusal | None:
        if not towards.may_talk:
            return LISTEN_ONLY
        if len(self._participants) == 1:
            return ALONE
        if now < towards.barred_until:
            return too_soon(ceil(towards.barred_until - now))
        return None

    def _enqueue(self, claim: Claim, former: Claim | None, message: FloorRequest) -> list[Action]:
        sender = claim.participant
        if former and former.rank <= claim.rank:
            return [self._position(sender)]
        if FloorIndicator.QUEUEING_SUPPORTED not in message.indicator:
            return [self._deny(sender, BUSY)]
        if former is None and self._queue.full:
            return [self._deny(sender, QUEUE_FULL)]
        self._queue.add(claim)
        return self._queue_changed()

    def _release(self, sender: ParticipantId, message: FloorRelease, now: float) -> list[Action]:
        actions: list[Action] = []
        if message.ack_required:
            ack = FloorAck(self._ssrc, AckSource.CONTROLLING_FUNCTION, RELEASE_SUBTYPE)
            actions.append(Send(sender, ack))
        self._stop_revoking(sender)
        if sender == self.talker and message.burst in (None, self._burst):
            return actions + self._end(EndReason.RELEASED, now)
        if message.burst is None and self._queue.remove(sender):
            actions += self._queue_changed()
        return [*actions, Send(sender, self._state())]

    # the floor changes hands

    def _grant(self, claim: Claim, now: float, queue_changed: bool = False) -> list[Action]:
        self._claim = claim
        self._burst = self._new_burst()
        self._last_media = -1.0
        self._sequence = (self._sequence + 1) % SEQUENCE_SPACE
        self._timers.stop(*Timer)
        self._timers.start(Timer.T1_END_OF_MEDIA, now + timers.T1_END_OF_MEDIA)
        talker = claim.participant
        self._stop_revoking(talker)
        emergency = claim.call_class is CallClass.EMERGENCY
        return [
            StartForwarding(talker, self._burst, emergency),
            Send(talker, self._granted(now)),
            Announce(self._state(), but=talker),
            *(self._queue_changed() if queue_changed else ()),
        ]

    def _next(self, now: float) -> list[Action]:
        if self._queue:
            claim = self._queue.pop()
            actions = self._grant(claim, now, queue_changed=True)
            self._start_repeats(Timer.T20_FLOOR_GRANTED, timers.T20_FLOOR_GRANTED, now)
            return actions
        self._sequence = (self._sequence + 1) % SEQUENCE_SPACE
        self._start_repeats(Timer.T7_FLOOR_IDLE, timers.T7_FLOOR_IDLE, now)
        return [Announce(self._state())]

    def _end(self, reason: EndReason, now: float) -> list[Action]:
        return [self._cut(reason, now), *self._next(now)]

    def _cut(self, reason: EndReason, now: float) -> StopForwarding:
        assert self._claim is not None
        talker, self._claim = self._claim.participant, None
        self._timers.stop(*Timer)
        if towards := self._participants.get(talker):
            towards.talked_until = now
        return StopForwarding(talker, self._burst, reason)

    def _take_away(self, withdrawal: Withdrawal, now: float) -> list[Action]:
        """Cut the talker and say why; the floor is then free for whoever is next."""
        assert self._claim is not None
        talker = self._claim.participant
        return [self._cut(withdrawal.reason, now), self._send_revoke(talker, withdrawal, now)]

    def _revoke(self, withdrawal: Withdrawal, now: float) -> list[Action]:
        return [*self._take_away(withdrawal, now), *self._next(now)]

    def _too_long(self, now: float) -> list[Action]:
        assert self._claim is not None
        self._participants[self._claim.participant].barred_until = now + timers.RETRY_AFTER
        return self._revoke(TOO_LONG, now)

    def _end_of_media(self, now: float) -> list[Action]:
        """T1 is looked at only when it may have expired: media just notes its time."""
        if self._claim is None:
            return []
        silent_from = self._last_media + timers.T1_END_OF_MEDIA
        if self._last_media >= 0 and silent_from > now:
            self._timers.start(Timer.T1_END_OF_MEDIA, silent_from)
            return []
        return self._end(EndReason.SILENT, now)

    # messages

    def _state(self) -> FloorTaken | FloorIdle:
        if self._claim is None:
            return FloorIdle(self._ssrc, self._sequence)
        return FloorTaken(
            self._ssrc,
            talker=f"ptt:{self._claim.participant}",
            burst=self._burst,
            sequence=self._sequence,
            indicator=_INDICATORS[self._claim.call_class],
        )

    def _granted(self, now: float) -> FloorGranted:
        assert self._claim is not None
        ends_at = self._timers.at(Timer.T2_STOP_TALKING, now + self._talk_limit)
        return FloorGranted(
            self._ssrc,
            duration=max(int(ends_at - now), 1),
            burst=self._burst,
            priority=self._claim.wire_priority,
            indicator=_INDICATORS[self._claim.call_class],
        )

    def _position(self, participant: ParticipantId) -> Send:
        position = self._queue.position(participant) or POSITION_NOT_QUEUED
        claim = self._queue.claim_of(participant)
        info = FloorQueuePositionInfo(self._ssrc, position, claim.wire_priority if claim else 0)
        return Send(participant, info)

    def _queue_changed(self) -> list[Action]:
        waiting = self._queue.waiting
        return [QueueChanged(waiting), *(self._position(participant) for participant in waiting)]

    def _deny(self, participant: ParticipantId, refusal: Refusal) -> Send:
        return Send(participant, FloorDeny(self._ssrc, refusal.cause, refusal.phrase))

    def _send_revoke(self, participant: ParticipantId, withdrawal: Withdrawal, now: float) -> Send:
        message = FloorRevoke(self._ssrc, withdrawal.cause, withdrawal.phrase)
        self._revoking.add(participant)
        return Send(participant, self._participants[participant].revoke(message, now))

    def _start_repeats(self, timer: Timer, after: float, now: float) -> None:
        self._repeats = 1
        self._timers.start(timer, now + after)

    def _repeat(self, timer: Timer, action: Action, now: float) -> list[Action]:
        """T7 and T20: say it again, until it was said often enough (C7, C20)."""
        after, limit = _REPEATS[timer]
        if self._repeats >= limit:
            return []
        self._repeats += 1
        self._timers.start(timer, now + after)
        return [action]


_REPEATS = {
    Timer.T7_FLOOR_IDLE: (timers.T7_FLOOR_IDLE, timers.IDLE_LIMIT),
    Timer.T20_FLOOR_GRANTED: (timers.T20_FLOOR_GRANTED, timers.GRANTED_LIMIT),
}
