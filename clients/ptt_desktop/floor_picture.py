"""The floor of one channel as it is to be drawn: who has it, how long, how much is left. Pure."""

from dataclasses import dataclass
from enum import Enum, auto

from ptt.client import events
from ptt_desk.channel_state import Own, State

_REASONS = (events.FloorDenied, events.FloorRevoked)


class Kind(Enum):
    """What the floor is."""

    OFFLINE = auto()  # no connection
    CLOSED = auto()  # not in the channel
    FREE = auto()
    ASKED = auto()
    QUEUED = auto()
    MINE = auto()
    TAKEN = auto()
    AGAIN = auto()  # free, and the last burst is heard once more


@dataclass(frozen=True, slots=True)
class FloorPicture:
    """`who` talks, or talked; `since` and `left` in whole seconds, `left` None if not known.

    share: of the talk limit that is left, 0 to 1, None if not known.
    place, before: mine in the queue, 0 if I do not wait; waiting: everybody, next first.
    why: the sentence with which I was refused last, or "".
    """

    kind: Kind
    who: str = ""
    since: int = 0
    left: int | None = None
    share: float | None = None
    emergency: bool = False
    place: int = 0
    before: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    why: str = ""
    silent: bool = False  # the microphone is open and nobody speaks


def floor_picture(state: State, now: float, talk_limit: float = 0.0) -> FloorPicture:
    """At this time; `talk_limit` is the channel's, 0 if not known."""
    kind = _kind(state)
    mine = kind in (Kind.MINE, Kind.QUEUED)
    since = now - (state.own_since if mine else state.talker_since)
    limit = (state.talk_limit if mine else talk_limit) if kind in (Kind.MINE, Kind.TAKEN) else 0.0
    left = max(limit - since, 0.0) if limit else None
    return FloorPicture(
        kind,
        who=state.again.talker if kind is Kind.AGAIN and state.again else state.talker or "",
        since=int(since) if kind in (Kind.MINE, Kind.TAKEN, Kind.QUEUED) else 0,
        left=None if left is None else round(left),
        share=None if left is None else left / limit,
        emergency=state.emergency,
        place=state.position,
        before=state.before,
        waiting=state.waiting,
        why=_why(state),
        silent=isinstance(state.warning, events.OpenMicrophone),
    )


def _kind(state: State) -> Kind:
    if not state.joined:
        return Kind.CLOSED if state.connected else Kind.OFFLINE
    own = {Own.TALKING: Kind.MINE, Own.QUEUED: Kind.QUEUED, Own.ASKING: Kind.ASKED}
    if state.own in own:
        return own[state.own]
    if state.talker is not None:
        return Kind.TAKEN
    return Kind.FREE if state.again is None else Kind.AGAIN


def _why(state: State) -> str:
    return state.notice.sentence if isinstance(state.notice, _REASONS) else ""
