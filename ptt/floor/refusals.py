"""Why the floor is refused or taken away: the standard's cause, and a sentence for the person."""

from dataclasses import dataclass

from ptt.floor.actions import EndReason
from ptt.wire.floor import DenyCause, RevokeCause


@dataclass(frozen=True, slots=True)
class Refusal:
    """Of a request."""

    cause: DenyCause
    phrase: str


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Of the floor; `reason` is how the log calls it."""

    cause: RevokeCause
    phrase: str
    reason: EndReason


BUSY = Refusal(DenyCause.ANOTHER_CLIENT_HAS_PERMISSION, "Somebody else is talking.")
ALONE = Refusal(DenyCause.ONLY_ONE_PARTICIPANT, "Nobody else is in this channel.")
LISTEN_ONLY = Refusal(DenyCause.RECEIVE_ONLY, "You may only listen in this channel.")
QUEUE_FULL = Refusal(DenyCause.QUEUE_FULL, "Too many people wait to talk: try again later.")
STOPPING = Refusal(DenyCause.OTHER, "The server stops.")

NO_PERMISSION = Withdrawal(
    RevokeCause.NO_PERMISSION, "You do not have the floor any more.", EndReason.REVOKED
)
RIGHTS_GONE = Withdrawal(
    RevokeCause.NO_PERMISSION, "You may only listen in this channel now.", EndReason.REVOKED
)
TOO_LONG = Withdrawal(
    RevokeCause.MEDIA_BURST_TOO_LONG, "You talked as long as this channel allows.", EndReason.LIMIT
)
PRE_EMPTED = Withdrawal(
    RevokeCause.PRE_EMPTED, "Something more urgent came in between.", EndReason.PRE_EMPTED
)
STOPPING_TALKER = Withdrawal(RevokeCause.OTHER, "The server stops.", EndReason.STOPPED)


def too_soon(seconds: int) -> Refusal:
    """For somebody whose floor was just taken for talking too long."""
    return Refusal(
        DenyCause.RETRY_AFTER_TIMER_NOT_EXPIRED,
        f"You talked as long as this channel allows: try again in {seconds} s.",
    )
