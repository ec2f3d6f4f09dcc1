"""What the arbitrator orders: carried out by the shell, in this order, none left out."""

from dataclasses import dataclass
from enum import Enum

from ptt.wire.floor import FloorMessage

ParticipantId = int


class EndReason(Enum):
    """Why a talk burst ended, in the words of the log."""

    RELEASED = "released"
    SILENT = "silent"  # T1
    LIMIT = "limit"  # T2
    PRE_EMPTED = "pre-empted"
    LEFT = "left"
    REVOKED = "revoked"  # lost the right to talk
    STOPPED = "stopped"  # the server ends


@dataclass(frozen=True, slots=True)
class Send:
    """Send `message` to one participant."""

    to: ParticipantId
    message: FloorMessage


@dataclass(frozen=True, slots=True)
class Announce:
    """Send `message` to every participant of the channel except `but`."""

    message: FloorMessage
    but: ParticipantId | None = None


@dataclass(frozen=True, slots=True)
class StartForwarding:
    """From now on relay the voice of `talker` that carries the SSRC `burst`."""

    talker: ParticipantId
    burst: int
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class StopForwarding:
    """Relay `burst` no more."""

    talker: ParticipantId
    burst: int
    reason: EndReason


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Who waits now, next first."""

    waiting: tuple[ParticipantId, ...]


Action = Send | Announce | StartForwarding | StopForwarding | QueueChanged
