"""Floor arbitration for one channel: who may talk now (TS 24.380, clause 6.3.4).

Pure: no socket, no clock. The caller passes events and the time, carries out the actions that
come back in their order, and asks again at `deadline`.

    Idle --Request--> Taken --Release | T1 | T2 | pre-emption | leaves--> Idle, or the next in line

With T3 = 0 the state *pending Floor Revoke* has no duration: who is revoked is cut at once, and
only the Floor Revoke itself is repeated (towards_participant.py).
"""

from collections.abc import Callable
from dataclasses import replace
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
from ptt.floor.messages import Permission, ServerMessages
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
    FloorIndicator,
    FloorMessage,
    FloorQueuePositionRequest,
    FloorRelease,
    FloorRequest,
)


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
        self._messages = ServerMessages(ssrc)
        self._talk_limit = talk_limit
        self._new_burst = new_burst
        self._participants: dict[ParticipantId, TowardsParticipant] = {}
        self._revoking: set[ParticipantId] = set()  # who has not answered a Floor Revoke
        self._queue = FloorQueue(queue_size)
        self._timers: Deadlines[Timer] = Deadlines()
        self._permission: Permission | None = None
        self._requests = 0
        self._repeats = 0

    @property
    def talker(self) -> ParticipantId | None:
        """Who has the floor."""
        return self._permission.talker if self._permission else None

    @property
    def burst(self) -> int | None:
        """SSRC of the running talk burst."""
        return self._permission.burst if self._permission else None

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
        return [self._state_for(participant)]

    def change(
        self, participant: ParticipantId, *, priority: int, may_talk: bool, now: float
    ) -> list[Action]:
        """A participant's rights are others now; who may not talk any more is stopped."""
        towards = self._participants[participant]
        towards.priority, towards.may_talk = priority, may_talk
        if not may_talk and participant == self.talker:
            return self._revoke(RIGHTS_GONE, now)
        claim = self._queue.claim_of(participant)
        if claim is None:
            return []
        if may_talk:
            return self._put(replace(claim, priority=min(claim.priority, priority)))
        self._queue.remove(participant)
        return [self._deny(participant, LISTEN_ONLY), *self._queue_changed()]

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
                return [self._state_for(sender), self._position(sender)]
            case _:
                return []

    def note_media(self, now: float) -> None:
        """A voice packet of the running burst came: T1 restarts, T2 starts with the first."""
        if self._permission is None:
            return
        if self._permission.last_media is None:
            self._timers.start(Timer.T2_STOP_TALKING, now + self._talk_limit)
            self._timers.stop(Timer.T20_FLOOR_GRANTED)
        self._permission.last_media = now

    def handle_stray_media(self, sender: ParticipantId, now: float) -> list[Action]:
        """Voice without permission is not relayed, and answered by Revoke, at the pace of T8."""
        towards = self._participants.get(sender)
        if towards is None or towards.revoking or sender == self.talker:
            return []
        return [self._send_revoke(sender, NO_PERMISSION, now)]

    def handle_deadline(self, now: float) -> list[Action]:
        """React to the timers that have expired by `now`."""
        actions: list[Action] = []
        while (timer := self._timers.pop_next(now)) is not None:
            actions += self._expire(timer, now)
        return actions + self._repeat_revokes(now)

    def _expire(self, timer: Timer, now: float) -> list[Action]:
        match timer, self._permission:
            case Timer.T1_END_OF_MEDIA, Permission() as permission:
                return self._end_of_media(permission, now)
            case Timer.T2_STOP_TALKING, Permission() as permission:
                self._participants[permission.talker].barred_until = now + timers.RETRY_AFTER
                return self._revoke(TOO_LONG, now)
            case Timer.T7_FLOOR_IDLE, None:
                return self._repeat(timer, Announce(self._messages.state(None)), now)
            case Timer.T20_FLOOR_GRANTED, Permission() as permission:
                return self._repeat(timer, self._granted(permission, now), now)
            case _:  # the timers of a state are stopped when it is left
                return []

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
        actions: list[Action] = []
        if self._permission is not None:
            talker = self._permission.talker
            actions.append(self._cut(EndReason.STOPPED, now))
            actions.append(Send(talker, self._messages.revoke(STOPPING_TALKER)))
            self._messages.count()
            actions.append(Announce(self._messages.state(None)))
        actions += [self._deny(participant, STOPPING) for participant in waiting]
        for participant in tuple(self._revoking):
            self._stop_revoking(participant)
        self._timers.stop(*Timer)
        return [*actions, QueueChanged(())] if waiting else actions

    # requests

    def _request(self, sender: ParticipantId, message: FloorRequest, now: float) -> list[Action]:
        if self._permission and sender == self._permission.talker:
            return [self._granted(self._permission, now)]
        self._stop_revoking(sender)  # who asks does not believe to have permission
        former = self._queue.claim_of(sender)
        claim = self._claim(sender, message, former, now)
        if refusal := self._refusal(claim, now):
            return [self._deny(sender, refusal)]
        if self._permission is None:
            return self._grant(claim, now)
        if claim.pre_empts(self._permission.claim):
            self._queue.remove(sender)
            return [*self._take_away(PRE_EMPTED, now), *self._grant(claim, now, former is not None)]
        return self._enqueue(claim, former, message)

    def _claim(
        self, sender: ParticipantId, message: FloorRequest, former: Claim | None, now: float
    ) -> Claim:
        towards = self._participants[sender]
        self._requests += 1
        return claim_of(
            sender,
            message,
            allowed=towards.priority,
            talked_lately=now - towards.talked_until < timers.TALKED_LATELY,
            arrival=former.arrival if former else self._requests,
        )

    def _refusal(self, claim: Claim, now: float) -> Refusal | None:
        towards = self._participants[claim.participant]
        if not towards.may_talk:
            return LISTEN_ONLY
        if len(self._participants) == 1:
            return ALONE
        if now < towards.barred_until and claim.call_class is not CallClass.EMERGENCY:
            return too_soon(ceil(towards.barred_until - now))
        return None

    def _enqueue(self, claim: Claim, former: Claim | None, message: FloorRequest) -> list[Action]:
        sender = claim.participant
        if former is not None:
            return self._put(min(former, claim, key=lambda one: one.rank))
        if FloorIndicator.QUEUEING_SUPPORTED not in message.indicator:
            return [self._deny(sender, BUSY)]
        if self._queue.full and claim.call_class is not CallClass.EMERGENCY:
            return [self._deny(sender, QUEUE_FULL)]
        return self._put(claim)

    def _put(self, claim: Claim) -> list[Action]:
        """Queue this claim; all who wait hear of it if the order is another now."""
        before = self._queue.waiting
        self._queue.add(claim)
        if self._queue.waiting == before:
            return [self._position(claim.participant)]
        return self._queue_changed()

    def _release(self, sender: ParticipantId, message: FloorRelease, now: float) -> list[Action]:
        actions: list[Action] = []
        if message.ack_required:
            actions.append(Send(sender, self._messages.release_arrived()))
        self._stop_revoking(sender)
        if (held := self._permission) and sender == held.talker and held.is_ended_by(message.burst):
            return actions + self._end(EndReason.RELEASED, now)
        if message.burst is None and self._queue.remove(sender):
            actions += self._queue_changed()
        actions.append(self._state_for(sender))
        if self._queue.position(sender):  # by a repeated request that it does not know of
            actions.append(self._position(sender))
        return actions

    # the floor changes hands

    def _grant(self, claim: Claim, now: float, queue_changed: bool = False) -> list[Action]:
        self._permission = permission = Permission(claim, self._new_burst(), now)
        self._messages.count()
        self._timers.stop(*Timer)
        self._timers.start(Timer.T1_END_OF_MEDIA, now + timers.T1_END_OF_MEDIA)
        self._stop_revoking(permission.talker)
        emergency = claim.call_class is CallClass.EMERGENCY
        return [
            StartForwarding(permission.talker, permission.burst, emergency),
            self._granted(permission, now),
            Announce(self._messages.state(permission), but=permission.talker),
            *(self._queue_changed() if queue_changed else ()),
        ]

    def _next(self, now: float) -> list[Action]:
        """The entry of Floor Idle: whoever is next in line, or nobody."""
        if self._queue and len(self._participants) > 1:
            actions = self._grant(self._queue.pop(), now, queue_changed=True)
            self._start_repeats(Timer.T20_FLOOR_GRANTED, timers.T20_FLOOR_GRANTED, now)
            return actions
        left_alone = self._queue.waiting
        self._queue.clear()
        self._messages.count()
        self._start_repeats(Timer.T7_FLOOR_IDLE, timers.T7_FLOOR_IDLE, now)
        denials = [self._deny(participant, ALONE) for participant in left_alone]
        idle = Announce(self._messages.state(None))
        return [*denials, idle, *(self._queue_changed() if left_alone else ())]

    def _end(self, reason: EndReason, now: float) -> list[Action]:
        return [self._cut(reason, now), *self._next(now)]

    def _cut(self, reason: EndReason, now: float) -> StopForwarding:
        assert self._permission is not None
        ended, self._permission = self._permission, None
        self._timers.stop(*Timer)
        if towards := self._participants.get(ended.talker):
            towards.talked_until = now
        return StopForwarding(ended.talker, ended.burst, reason)

    def _take_away(self, withdrawal: Withdrawal, now: float) -> list[Action]:
        """Cut the talker and say why; the floor is then free for whoever is next."""
        assert self._permission is not None
        talker = self._permission.talker
        return [self._cut(withdrawal.reason, now), self._send_revoke(talker, withdrawal, now)]

    def _revoke(self, withdrawal: Withdrawal, now: float) -> list[Action]:
        return [*self._take_away(withdrawal, now), *self._next(now)]

    def _end_of_media(self, permission: Permission, now: float) -> list[Action]:
        """T1 is looked at only when it may have expired: media just notes its time."""
        if permission.last_media is None:
            silent_from = permission.granted_at + timers.FIRST_MEDIA
        else:
            silent_from = permission.last_media + timers.T1_END_OF_MEDIA
        if silent_from > now:
            self._timers.start(Timer.T1_END_OF_MEDIA, silent_from)
            return []
        return self._end(EndReason.SILENT, now)

    # messages

    def _state_for(self, participant: ParticipantId) -> Send:
        return Send(participant, self._messages.state(self._permission))

    def _granted(self, permission: Permission, now: float) -> Send:
        ends_at = self._timers.at(Timer.T2_STOP_TALKING, now + self._talk_limit)
        return Send(permission.talker, self._messages.granted(permission, ends_at - now))

    def _position(self, participant: ParticipantId) -> Send:
        return Send(participant, self._messages.position(self._queue, participant))

    def _queue_changed(self) -> list[Action]:
        waiting = self._queue.waiting
        return [QueueChanged(waiting), *(self._position(participant) for participant in waiting)]

    def _deny(self, participant: ParticipantId, refusal: Refusal) -> Send:
        return Send(participant, self._messages.deny(refusal))

    def _send_revoke(self, participant: ParticipantId, withdrawal: Withdrawal, now: float) -> Send:
        message = self._messages.revoke(withdrawal)
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
