"""What the arbitrator decided, as the messages that say so (TS 24.380, 8.2.5 to 8.2.12). Pure."""

from dataclasses import dataclass

from ptt.floor.actions import ParticipantId
from ptt.floor.precedence import CallClass, Claim
from ptt.floor.queue import FloorQueue
from ptt.floor.refusals import Refusal, Withdrawal
from ptt.wire.floor import (
    POSITION_NOT_QUEUED,
    AckSource,
    FloorAck,
    FloorDeny,
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorQueuePositionInfo,
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


@dataclass(slots=True)
class Permission:
    """The floor in somebody's hands; `last_media` is None until the first voice packet."""

    claim: Claim
    burst: int
    granted_at: float
    last_media: float | None = None

    @property
    def talker(self) -> ParticipantId:
        """Whose it is."""
        return self.claim.participant

    @property
    def indicator(self) -> FloorIndicator:
        """The kind of call, as the messages say it."""
        return _INDICATORS[self.claim.call_class]

    def is_ended_by(self, burst: int | None) -> bool:
        """Whether the talker's release, which names that burst, or none, gives this one back.

        Who has sent voice knows the burst, and names it: a release without one is an old one.
        """
        return burst == self.burst or (burst is None and self.last_media is None)


class ServerMessages:
    """`ssrc` is that of the channel's floor messages."""

    def __init__(self, ssrc: int) -> None:
        self._ssrc = ssrc
        self._sequence = 0

    def count(self) -> None:
        """The floor changed hands: the next Taken or Idle has the next number."""
        self._sequence = (self._sequence + 1) % SEQUENCE_SPACE

    def state(self, permission: Permission | None) -> FloorTaken | FloorIdle:
        """Who talks; said again, it has the same number."""
        if permission is None:
            return FloorIdle(self._ssrc, self._sequence)
        return FloorTaken(
            self._ssrc,
            talker=f"ptt:{permission.talker}",
            burst=permission.burst,
            sequence=self._sequence,
            indicator=permission.indicator,
        )

    def granted(self, permission: Permission, seconds: float) -> FloorGranted:
        """Talk for that long; 0 would mean not at all."""
        return FloorGranted(
            self._ssrc,
            duration=max(int(seconds), 1),
            burst=permission.burst,
            priority=permission.claim.wire_priority,
            indicator=permission.indicator,
        )

    def position(self, queue: FloorQueue, participant: ParticipantId) -> FloorQueuePositionInfo:
        """The participant's place, or that it has none."""
        position = queue.position(participant) or POSITION_NOT_QUEUED
        claim = queue.claim_of(participant)
        return FloorQueuePositionInfo(self._ssrc, position, claim.wire_priority if claim else 0)

    def deny(self, refusal: Refusal) -> FloorDeny:
        """No, and why."""
        return FloorDeny(self._ssrc, refusal.cause, refusal.phrase)

    def revoke(self, withdrawal: Withdrawal) -> FloorRevoke:
        """Stop talking, and why."""
        return FloorRevoke(self._ssrc, withdrawal.cause, withdrawal.phrase)

    def release_arrived(self) -> FloorAck:
        """The acknowledgement of a Floor Release that asked for one."""
        return FloorAck(self._ssrc, AckSource.CONTROLLING_FUNCTION, RELEASE_SUBTYPE)
