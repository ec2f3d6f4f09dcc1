"""Floor control messages as values (3GPP TS 24.380, clause 8.2).

    octets <--> floor_codec.py <--> these values <--> ptt.floor

Every message carries the SSRC of the sender of the packet. `ack_required` is the top bit of
the subtype. Fields that only off-network operation uses are absent here until it is built.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag


class FloorIndicator(IntFlag):
    """Field 13 (clause 8.2.3.15): the kind of call, and qualifiers."""

    NORMAL_CALL = 0x8000
    BROADCAST_GROUP_CALL = 0x4000
    SYSTEM_CALL = 0x2000
    EMERGENCY_CALL = 0x1000
    IMMINENT_PERIL_CALL = 0x0800
    QUEUEING_SUPPORTED = 0x0400
    DUAL_FLOOR = 0x0200
    TEMPORARY_GROUP_CALL = 0x0100
    MULTI_TALKER = 0x0080


class DenyCause(IntEnum):
    """Why a request was denied (clause 8.2.6.2)."""

    ANOTHER_CLIENT_HAS_PERMISSION = 1
    INTERNAL_SERVER_ERROR = 2
    ONLY_ONE_PARTICIPANT = 3
    RETRY_AFTER_TIMER_NOT_EXPIRED = 4
    RECEIVE_ONLY = 5
    NO_RESOURCES = 6
    QUEUE_FULL = 7
    OTHER = 255


class RevokeCause(IntEnum):
    """Why the floor was taken away (clause 8.2.10.2)."""

    ONLY_ONE_CLIENT_LEFT = 1
    MEDIA_BURST_TOO_LONG = 2
    NO_PERMISSION = 3
    PRE_EMPTED = 4
    NO_RESOURCES = 6
    OTHER = 255


class AckSource(IntEnum):
    """Field 10: who sends a Floor Ack."""

    PARTICIPANT = 0
    PARTICIPATING_FUNCTION = 1
    CONTROLLING_FUNCTION = 2
    NON_CONTROLLING_FUNCTION = 3


POSITION_NOT_QUEUED = 254
POSITION_NOT_DISCLOSED = 255


@dataclass(frozen=True, slots=True)
class FloorRequest:
    """Subtype 0: may I talk? `priority` 0 (lowest) to 255."""

    ssrc: int
    priority: int = 0
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL


@dataclass(frozen=True, slots=True)
class FloorGranted:
    """Subtype 1: talk, for `duration` seconds, with `burst` as the SSRC of the voice."""

    ssrc: int
    duration: int
    burst: int | None = None
    priority: int = 0
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL
    ack_required: bool = False


@dataclass(frozen=True, slots=True)
class FloorTaken:
    """Subtype 2: `talker` (a URI) talks, with `burst` as the SSRC of the voice."""

    ssrc: int
    talker: str | None
    burst: int | None
    sequence: int
    may_request: bool = True
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL
    ack_required: bool = False


@dataclass(frozen=True, slots=True)
class FloorDeny:
    """Subtype 3: no, and why; `phrase` is a sentence for the user, or empty."""

    ssrc: int
    cause: DenyCause
    phrase: str = ""
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL
    ack_required: bool = False


@dataclass(frozen=True, slots=True)
class FloorRelease:
    """Subtype 4: I am done with `burst`; without one, I leave the queue."""

    ssrc: int
    burst: int | None = None
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL
    ack_required: bool = False


@dataclass(frozen=True, slots=True)
class FloorIdle:
    """Subtype 5: nobody talks."""

    ssrc: int
    sequence: int
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL
    ack_required: bool = False


@dataclass(frozen=True, slots=True)
class FloorRevoke:
    """Subtype 6: stop talking, and why."""

    ssrc: int
    cause: RevokeCause
    phrase: str = ""
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL


@dataclass(frozen=True, slots=True)
class FloorQueuePositionRequest:
    """Subtype 8: where am I in the queue?"""

    ssrc: int


@dataclass(frozen=True, slots=True)
class FloorQueuePositionInfo:
    """Subtype 9: your place, 1 is next; 254 not queued, 255 not disclosed."""

    ssrc: int
    position: int
    priority: int = 0
    indicator: FloorIndicator = FloorIndicator.NORMAL_CALL
    ack_required: bool = False


@dataclass(frozen=True, slots=True)
class FloorAck:
    """Subtype 10: `message_type` (a subtype without its ack bit) arrived."""

    ssrc: int
    source: AckSource
    message_type: int


@dataclass(frozen=True, slots=True)
class UnknownFloorMessage:
    """A subtype that this release does not speak: to be ignored."""

    ssrc: int
    subtype: int


FloorMessage = (
    FloorRequest
    | FloorGranted
    | FloorTaken
    | FloorDeny
    | FloorRelease
    | FloorIdle
    | FloorRevoke
    | FloorQueuePositionRequest
    | FloorQueuePositionInfo
    | FloorAck
    | UnknownFloorMessage
)
