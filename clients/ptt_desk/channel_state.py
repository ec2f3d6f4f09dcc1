"""What a person in one channel should know at present, made from events. Pure.

    State + event + now -> State

Without words: what is to be said is kept as the event that said it. Faces have the words.
"""

from dataclasses import dataclass, replace
from enum import Enum, auto

from ptt.client import events
from ptt.client.events import Event

Notice = (
    events.ConnectionLost
    | events.ChannelLeft
    | events.FloorDenied
    | events.FloorRevoked
    | events.VoiceDoubted
    | events.AudioFailed
    | events.AudioChanged
)
TalkWarning = events.TalkLimitNear | events.OpenMicrophone


class Own(Enum):
    """What I am doing."""

    LISTENING = auto()
    ASKING = auto()
    TALKING = auto()
    QUEUED = auto()


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is shown of one channel. Times are Trio's, in seconds.

    notice: the last thing that was refused, lost or went wrong, or None.
    warning: of the talk limit or the open microphone, while talking.
    away, muted: members who are not at their desk, and who hear nothing.
    again: what is heard once more, or None.
    position: my place in the queue, 1 is next; before: who is there before me.
    """

    channel: str
    person: str = ""
    server: str = ""
    connected: bool = False
    joined: bool = False
    may_talk: bool = True
    members: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    away: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    talker: str | None = None
    talker_since: float = 0.0
    emergency: bool = False
    again: events.ReplayStarted | None = None
    own: Own = Own.LISTENING
    own_since: float = 0.0
    talk_limit: float = 0.0
    position: int = 0
    before: tuple[str, ...] = ()
    notice: Notice | None = None
    warning: TalkWarning | None = None


def changed(state: State, event: Event, now: float) -> State:
    """The state after `event`; events of other channels change nothing."""
    if getattr(event, "channel", state.channel) != state.channel:
        return state
    return _of_floor(_of_surroundings(state, event, now), event, now)


def _of_surroundings(state: State, event: Event, now: float) -> State:
    """Connection, roster, talker, devices."""
    match event:
        case events.Connected(server=server, person=person):
            return replace(state, connected=True, server=server, person=person, notice=None)
        case events.ConnectionLost():
            return replace(_quiet(state, now), connected=False, joined=False, notice=event)
        case events.ChannelJoined(may_talk=may_talk):
            return replace(_with_members(state, event), joined=True, may_talk=may_talk)
        case events.ChannelLeft():
            return replace(_quiet(state, now), joined=False, members=(), notice=event)
        case events.MembersChanged():
            return _with_members(state, event)
        case events.TalkerChanged(talker=talker, emergency=emergency):
            return replace(state, talker=talker, talker_since=now, emergency=emergency)
        case events.ReplayStarted():
            return replace(state, again=event)
        case events.ReplayEnded():
            return replace(state, again=None)
        case events.WaitingChanged(waiting=waiting):
            return replace(state, waiting=waiting)
        case events.VoiceDoubted() | events.AudioFailed() | events.AudioChanged():
            return replace(state, notice=event)
        case _:
            return state


def _of_floor(state: State, event: Event, now: float) -> State:
    """My own requests and bursts."""
    match event:
        case events.FloorRequested():
            return replace(_own(state, Own.ASKING, now), notice=None)
        case events.FloorGranted(talk_limit=limit):
            return replace(_own(state, Own.TALKING, now), talk_limit=limit, notice=None)
        case events.FloorQueued(position=position, before=before):
            since = state.own_since if state.own is Own.QUEUED else now
            return replace(_own(state, Own.QUEUED, since), position=position, before=before)
        case events.FloorDenied() | events.FloorRevoked():
            return replace(_own(state, Own.LISTENING, now), notice=event)
        case events.FloorReleased():
            return _own(state, Own.LISTENING, now)
        case events.TalkLimitNear() | events.OpenMicrophone():
            return replace(state, warning=event)
        case _:
            return state


def _with_members(state: State, event: events.ChannelJoined | events.MembersChanged) -> State:
    return replace(state, members=event.members, away=event.away, muted=event.muted)


def _own(state: State, own: Own, since: float) -> State:
    return replace(state, own=own, own_since=since, position=0, before=(), warning=None)


def _quiet(state: State, now: float) -> State:
    quiet = replace(_own(state, Own.LISTENING, now), talker=None, emergency=False)
    return replace(quiet, talker_since=now, waiting=())
