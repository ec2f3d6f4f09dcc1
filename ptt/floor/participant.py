"""The floor participant: one person's key in one channel (TS 24.380, clause 6.2.4).

Pure, and ignorant of who arbitrates: messages and time go in, notices come out (notices.py).

    has no permission --press--> pending Request --Granted--> has permission
            ^                       |  |                          |
            |                       |  +--Queue Info--> queued ---+ Granted
            +--Idle | Taken--- pending Release <--release | Revoke-- any of these

Beyond the standard's table: a press while a release is under way is remembered; a grant that is
not wanted any more is released at once; *queued* means that the key is held, so a queued grant
opens the microphone without T132, and an Idle that contradicts the queue asks again. Who waits and
hears of a new talker but not of the own place asks for it (T104): a lost grant strands nobody.
"""

from collections import deque
from enum import Enum, auto

from ptt.floor import timers
from ptt.floor.deadlines import Deadlines
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
from ptt.floor.precedence import wire_priority
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

_SUBTYPES: dict[type[FloorMessage], int] = {
    FloorGranted: 1,
    FloorTaken: 2,
    FloorDeny: 3,
    FloorIdle: 5,
    FloorQueuePositionInfo: 9,
}

# Implementation
FORMER_BURSTS = 8  # whose grants may still be under way; a message is not late for longer


class ParticipantState(Enum):
    """States of clause 6.2.4."""

    HAS_NO_PERMISSION = auto()
    PENDING_REQUEST = auto()
    HAS_PERMISSION = auto()
    PENDING_RELEASE = auto()
    QUEUED = auto()


class Timer(Enum):
    """Timers of table 11.1.1-1."""

    T100_FLOOR_RELEASE = auto()
    T101_FLOOR_REQUEST = auto()
    T103_END_OF_MEDIA = auto()
    T104_QUEUE_POSITION = auto()


_State = ParticipantState


class Participant:
    """`ssrc` is that of the messages that it sends, `priority` the person's in the channel."""

    def __init__(self, *, ssrc: int, priority: int = 0) -> None:
        self.state = ParticipantState.HAS_NO_PERMISSION
        self.burst: int | None = None
        self._ssrc = ssrc
        self._priority = priority
        self._timers: Deadlines[Timer] = Deadlines()
        self._over: deque[int | None] = deque(maxlen=FORMER_BURSTS)  # what was given back
        self._waits: list[float] = []  # of the message that is being repeated
        self._request = FloorRequest(ssrc)
        self._release = FloorRelease(ssrc)
        self._press_again: FloorRequest | None = None

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return self._timers.next

    # the person

    def press(self, now: float, *, emergency: bool = False, by_voice: bool = False) -> list[Notice]:
        """The person wants to talk."""
        kind = FloorIndicator.EMERGENCY_CALL if emergency else FloorIndicator.NORMAL_CALL
        request = FloorRequest(
            self._ssrc,
            wire_priority(self._priority, by_key=not by_voice),
            kind | FloorIndicator.QUEUEING_SUPPORTED,
        )
        match self.state:
            case _State.HAS_NO_PERMISSION:
                return self._ask(request, now)
            case _State.PENDING_REQUEST | _State.QUEUED if self._is_weaker_than(request):
                return self._ask(request, now)
            case _State.PENDING_RELEASE:
                self._press_again = request
                return []
            case _:
                return []

    def _is_weaker_than(self, request: FloorRequest) -> bool:
        """Whether it is worth asking again: for an emergency, or by key after a voice."""
        emergency = FloorIndicator.EMERGENCY_CALL
        if (emergency in request.indicator) != (emergency in self._request.indicator):
            return emergency in request.indicator
        return (request.priority or 0) > (self._request.priority or 0)

    def release(self, now: float) -> list[Notice]:
        """The person is done, or does not want to wait any more."""
        self._press_again = None
        match self.state:
            case _State.PENDING_REQUEST:
                return self._give_back(None, now)
            case _State.QUEUED:
                return [LeftQueue(), *self._give_back(None, now)]
            case _State.HAS_PERMISSION:
                return self._give_back(self.burst, now)
            case _:
                return []

    def ask_position(self, now: float) -> list[Notice]:
        """The person wants to know the place in the queue."""
        if self.state is not _State.QUEUED:
            return []
        self._expect_position(now)
        return self._ask_position(now)

    def ask_state(self) -> list[Notice]:
        """Voice came that nobody announced: whatever the answer is, it tells who talks."""
        match self.state:
            case _State.HAS_NO_PERMISSION:
                return [Transmit(FloorRelease(self._ssrc))]
            case _State.QUEUED:
                return [Transmit(FloorQueuePositionRequest(self._ssrc))]
            case _:
                return []

    # the arbitrator

    def handle(self, message: FloorMessage, now: float) -> list[Notice]:
        """React to a message; what a participant does not get is ignored."""
        match message:
            case FloorTaken():
                notices = self._taken(message, now)
            case FloorIdle():
                notices = self._idle(now)
            case FloorGranted():
                notices = self._granted(message, now)
            case FloorDeny():
                notices = self._denied(message, now)
            case FloorQueuePositionInfo():
                notices = self._position(message, now)
            case FloorRevoke():
                notices = self._revoked(message, now)
            case _:
                notices = []
        return [*self._acknowledge(message), *notices]

    def handle_media(self, now: float) -> list[Notice]:
        """Somebody's announced voice came."""
        if self.state is _State.HAS_PERMISSION:
            return []
        self._timers.start(Timer.T103_END_OF_MEDIA, now + timers.T103_END_OF_MEDIA)
        if self.state is _State.PENDING_RELEASE and self._release.burst is not None:
            return self._released(now)
        return []  # who leaves the queue hears the talker all the time: that is no answer

    def handle_deadline(self, now: float) -> list[Notice]:
        """React to the timers that have expired by `now`."""
        notices: list[Notice] = []
        while (timer := self._timers.pop_next(now)) is not None:
            notices += self._expire(timer, now)
        return notices

    def _expire(self, timer: Timer, now: float) -> list[Notice]:
        match timer, self.state:
            case Timer.T103_END_OF_MEDIA, _State.QUEUED:
                return [NobodyTalks(), *self.ask_position(now)]
            case Timer.T103_END_OF_MEDIA, _:
                return [NobodyTalks()]
            case Timer.T101_FLOOR_REQUEST, _State.PENDING_REQUEST:
                return self._request_unanswered(now)
            case Timer.T100_FLOOR_RELEASE, _State.PENDING_RELEASE:
                return self._release_unanswered(now)
            case Timer.T104_QUEUE_POSITION, _State.QUEUED:
                return self._ask_position(now)
            case _:  # the timers of a state are stopped when it is left
                return []

    def _taken(self, message: FloorTaken, now: float) -> list[Notice]:
        if self.state is _State.HAS_PERMISSION:
            return []  # dual floor is not offered; ours stands until it is revoked
        self._timers.start(Timer.T103_END_OF_MEDIA, now + timers.FIRST_MEDIA)
        talker = TalkerIs(message.talker, message.burst, message.indicator)
        if self.state is _State.PENDING_RELEASE:
            return [talker, *self._released(now)]
        if self.state is _State.QUEUED:
            self._expect_position(now)
        return [talker]

    def _idle(self, now: float) -> list[Notice]:
        match self.state:
            case _State.HAS_PERMISSION:
                return []  # older than our permit, or T1 was faster than our voice: Revoke tells
            case _State.PENDING_RELEASE:
                return [NobodyTalks(), *self._released(now)]
            case _State.QUEUED:
                return [NobodyTalks(), *self._ask(self._request, now)]
            case _:
                self._timers.stop(Timer.T103_END_OF_MEDIA)
                return [NobodyTalks()]

    def _granted(self, message: FloorGranted, now: float) -> list[Notice]:
        burst = message.burst if message.burst is not None else self._ssrc
        match self.state:
            case _State.PENDING_REQUEST | _State.QUEUED if burst in self._over:
                return self._refuse(burst)  # a late copy: no burst is used twice
            case _State.PENDING_REQUEST | _State.QUEUED as before:
                self._timers.stop(*Timer)
                self.state, self.burst = _State.HAS_PERMISSION, burst
                queued = before is _State.QUEUED
                return [PermitGranted(burst, float(message.duration), queued)]
            case _State.PENDING_RELEASE if self._release.burst != burst:
                return self._give_back(burst, now)
            case _State.HAS_NO_PERMISSION:
                return self._refuse(burst)
            case _State.HAS_PERMISSION if self.burst != burst:
                return self._refuse(burst)  # ours is over: Revoke follows
            case _:
                return []

    def _refuse(self, burst: int) -> list[Notice]:
        self._note_over(burst)
        return [Transmit(FloorRelease(self._ssrc, burst))]

    def _note_over(self, burst: int | None) -> None:
        if burst not in (None, self._ssrc):  # that is how a grant without a burst is called
            self._over.append(burst)

    def _denied(self, message: FloorDeny, now: float) -> list[Notice]:
        if self.state not in (_State.PENDING_REQUEST, _State.QUEUED):
            return []
        self._rest()
        return [Denied(message.cause, message.phrase)]

    def _position(self, message: FloorQueuePositionInfo, now: float) -> list[Notice]:
        queued = message.position != POSITION_NOT_QUEUED
        match self.state:
            case _State.PENDING_REQUEST if queued:
                self._timers.stop(Timer.T101_FLOOR_REQUEST)
                self.state = _State.QUEUED
                self._expect_news(now)
                return [Queued(message.position)]
            case _State.QUEUED if queued:
                self._timers.stop(Timer.T104_QUEUE_POSITION)
                self._expect_news(now)
                return [Queued(message.position)]
            case _State.QUEUED:
                return self._ask(self._request, now)
            case _State.HAS_NO_PERMISSION if queued:
                return [Transmit(FloorRelease(self._ssrc))]
            case _:
                return []

    def _revoked(self, message: FloorRevoke, now: float) -> list[Notice]:
        revoked = Revoked(message.cause, message.phrase)
        match self.state:
            case _State.HAS_PERMISSION:
                return [revoked, *self._give_back(self.burst, now, message.indicator)]
            case _State.PENDING_REQUEST | _State.QUEUED:
                return [revoked, *self._give_back(None, now, message.indicator)]
            case _State.HAS_NO_PERMISSION:
                return [Transmit(FloorRelease(self._ssrc))]  # our first answer was lost
            case _:
                return []

    def _acknowledge(self, message: FloorMessage) -> list[Notice]:
        if not getattr(message, "ack_required", False) or type(message) not in _SUBTYPES:
            return []
        subtype = _SUBTYPES[type(message)]
        return [Transmit(FloorAck(self._ssrc, AckSource.PARTICIPANT, subtype))]

    # what is repeated

    def _ask(self, request: FloorRequest, now: float) -> list[Notice]:
        self.state, self._request = _State.PENDING_REQUEST, request
        self._timers.stop(Timer.T100_FLOOR_RELEASE, Timer.T104_QUEUE_POSITION)
        self._waits = timers.retries(timers.T101_FLOOR_REQUEST)
        return self._send(request, Timer.T101_FLOOR_REQUEST, now)

    def _give_back(
        self,
        burst: int | None,
        now: float,
        indicator: FloorIndicator = FloorIndicator.NORMAL_CALL,
    ) -> list[Notice]:
        self.state, self.burst = _State.PENDING_RELEASE, None
        self._note_over(burst)
        self._release = FloorRelease(self._ssrc, burst, indicator)
        self._timers.stop(Timer.T101_FLOOR_REQUEST, Timer.T104_QUEUE_POSITION)
        self._waits = timers.retries(timers.T100_FLOOR_RELEASE)
        return self._send(self._release, Timer.T100_FLOOR_RELEASE, now)

    def _expect_position(self, now: float) -> None:
        """When the queue moves its members are told: who hears nothing asks."""
        self._waits = timers.retries(timers.T104_QUEUE_POSITION)[: timers.QUEUE_POSITION_LIMIT]
        self._timers.start(Timer.T104_QUEUE_POSITION, now + timers.T104_QUEUE_POSITION)

    def _expect_news(self, now: float) -> None:
        """Who waits hears somebody or asks: T103 runs, or T104 does."""
        silent_from = now + timers.T103_END_OF_MEDIA
        self._timers.start(
            Timer.T103_END_OF_MEDIA, self._timers.at(Timer.T103_END_OF_MEDIA, silent_from)
        )

    def _ask_position(self, now: float) -> list[Notice]:
        if not self._waits:
            return [LeftQueue(), *self._give_back(None, now)]
        self._timers.stop(Timer.T103_END_OF_MEDIA)  # the answer starts it again
        request = FloorQueuePositionRequest(self._ssrc)
        return self._send(request, Timer.T104_QUEUE_POSITION, now)

    def _request_unanswered(self, now: float) -> list[Notice]:
        if self._waits:
            return self._send(self._request, Timer.T101_FLOOR_REQUEST, now)
        self._rest()
        return [TimedOut()]

    def _release_unanswered(self, now: float) -> list[Notice]:
        if self._waits:
            return self._send(self._release, Timer.T100_FLOOR_RELEASE, now)
        return self._released(now)

    def _send(self, message: FloorMessage, timer: Timer, now: float) -> list[Notice]:
        self._timers.start(timer, now + self._waits.pop(0))
        return [Transmit(message)]

    def _released(self, now: float) -> list[Notice]:
        self._rest()
        again, self._press_again = self._press_again, None
        return [Released(), *(self._ask(again, now) if again else ())]

    def _rest(self) -> None:
        self.state, self.burst = _State.HAS_NO_PERMISSION, None
        self._timers.stop(
            Timer.T100_FLOOR_RELEASE, Timer.T101_FLOOR_REQUEST, Timer.T104_QUEUE_POSITION
        )
