"""What a person in one channel should know at present, made from events. Pure.

    State + event + now -> State

Drawing it is view.py's, telling it line by line is plain.py's.
"""

from dataclasses import dataclass, replace
from enum import Enum

from ptt.client import events
from ptt.client.events import Event
from ptt_console.plain import doubt


class Own(Enum):
    """What I am doing; the value is the word for people."""

    LISTENING = "listening"
    ASKING = "asking for the floor"
    TALKING = "talking"
    QUEUED = "waiting"


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is shown of one channel. Times are Trio's, in seconds.

    notice: the last thing that was refused, lost or went wrong, or "".
    warning: of the talk limit or the open microphone, while talking.
    again: what is heard once more, or "".
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
    talker: str | None = None
    talker_since: float = 0.0
    emergency: bool = False
    again: str = ""
    own: Own = Own.LISTENING
    own_since: float = 0.0
    talk_limit: float = 0.0
    position: int = 0
    before: tuple[str, ...] = ()
    notice: str = ""
    warning: str = ""


def changed(state: State, event: Event, now: float) -> State:
    """The state after `event`; events of other channels change nothing."""
    if getattr(event, "channel", state.channel) != state.channel:
        return state
    return _of_floor(_of_surroundings(state, event, now), event, now)


def _of_surroundings(state: State, event: Event, now: float) -> State:
    """Connection, roster, talker, devices."""
    match event:
        case events.Connected(server=server, person=person):
            return replace(state, connected=True, server=server, person=person, notice="")
        case events.ConnectionLost(sentence=sentence):
            return replace(_quiet(state, now), connected=False, joined=False, notice=sentence)
        case events.ChannelJoined(members=members, may_talk=may_talk):
            return replace(state, joined=True, members=members, may_talk=may_talk)
        case events.ChannelLeft(sentence=sentence):
            return replace(_quiet(state, now), joined=False, members=(), notice=sentence)
        case events.MembersChanged(members=members):
            return replace(state, members=members)
        case events.TalkerChanged(talker=talker, emergency=emergency):
            return replace(state, talker=talker, talker_since=now, emergency=emergency)
        case events.VoiceDoubted(talker=talker):
            return replace(state, notice=f"Beware: {doubt(talker)}")
        case events.ReplayStarted(talker=talker, seconds_ago=ago):
            return replace(state, again=f"again: {talker}, {ago:.0f} s ago")
        case events.ReplayEnded():
            return replace(state, again="")
        case events.WaitingChanged(waiting=waiting):
            return replace(state, waiting=waiting)
        case events.AudioFailed(sentence=sentence) | events.AudioChanged(sentence=sentence):
            return replace(state, notice=sentence)
        case _:
            return state


def _of_floor(state: State, event: Event, now: float) -> State:
    """My own requests and bursts."""
    match event:
        case events.FloorRequested():
            return replace(_own(state, Own.ASKING, now), notice="")
        case events.FloorGranted(talk_limit=limit):
            return replace(_own(state, Own.TALKING, now), talk_limit=limit, notice="")
        case events.FloorQueued(position=position, before=before):
            since = state.own_since if state.own is Own.QUEUED else now
            return replace(_own(state, Own.QUEUED, since), position=position, before=before)
        case events.FloorDenied(sentence=sentence) | events.FloorRevoked(sentence=sentence):
            return replace(_own(state, Own.LISTENING, now), notice=sentence)
        case events.FloorReleased():
            return _own(state, Own.LISTENING, now)
        case events.TalkLimitNear(seconds=seconds):
            return replace(state, warning=f"{seconds:.0f} s left")
        case events.OpenMicrophone(seconds=seconds):
            return replace(state, warning=f"nobody speaks: the floor goes back in {seconds:.0f} s")
        case _:
            return state


def _own(state: State, own: Own, since: float) -> State:
    return replace(state, own=own, own_since=since, position=0, before=(), warning="")


def _quiet(state: State, now: float) -> State:
    quiet = replace(_own(state, Own.LISTENING, now), talker=None, emergency=False)
    return replace(quiet, talker_since=now, waiting=())
