"""What a floor participant decides: messages to send, and facts for the face."""

from dataclasses import dataclass

from ptt.wire.floor import DenyCause, FloorIndicator, FloorMessage, RevokeCause


@dataclass(frozen=True, slots=True)
class Transmit:
    """Send `message` to the arbitrator."""

    message: FloorMessage


@dataclass(frozen=True, slots=True)
class PermitGranted:
    """Talk now, with `burst` as SSRC, for at most `duration` seconds."""

    burst: int
    duration: float
    from_queue: bool


@dataclass(frozen=True, slots=True)
class Denied:
    """The request was refused; `phrase` is a sentence, or empty."""

    cause: DenyCause
    phrase: str


@dataclass(frozen=True, slots=True)
class TimedOut:
    """Nobody answered the request."""


@dataclass(frozen=True, slots=True)
class Queued:
    """The request waits; 1 is next, 255 is not disclosed."""

    position: int


@dataclass(frozen=True, slots=True)
class LeftQueue:
    """The request waits no more."""


@dataclass(frozen=True, slots=True)
class Revoked:
    """The permission is gone; `phrase` is a sentence, or empty."""

    cause: RevokeCause
    phrase: str


@dataclass(frozen=True, slots=True)
class Released:
    """The arbitrator knows that we are done, or will not be told any more."""


@dataclass(frozen=True, slots=True)
class TalkerIs:
    """`talker` (a URI, None if withheld) talks, with `burst` as the SSRC of the voice."""

    talker: str | None
    burst: int | None
    indicator: FloorIndicator


@dataclass(frozen=True, slots=True)
class NobodyTalks:
    """The floor is idle, or nothing more was heard of the talker (T103)."""


Notice = (
    Transmit
    | PermitGranted
    | Denied
    | TimedOut
    | Queued
    | LeftQueue
    | Revoked
    | Released
    | TalkerIs
    | NobodyTalks
)
