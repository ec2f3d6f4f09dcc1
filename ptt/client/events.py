"""Everything that a face may want to show, as facts in the past tense.

`channel` is the channel's name, people are named by their names.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Connected:
    """The session stands; after a lost connection, stands again."""

    server: str
    person: str
    channels: tuple[str, ...]  # those that this person may join


@dataclass(frozen=True, slots=True)
class ConnectionLost:
    """No session; the engine tries again by itself after `retry_in` seconds."""

    sentence: str
    retry_in: float


@dataclass(frozen=True, slots=True)
class ChannelsChanged:
    """The channels that this person may join are others than before."""

    channels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelJoined:
    """This client hears the channel now; who of the members is away, and who hears nothing."""

    channel: str
    members: tuple[str, ...]
    may_talk: bool
    away: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChannelLeft:
    """This client hears the channel no more; `sentence` says why, if it did not ask."""

    channel: str
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class MembersChanged:
    """Who is in the channel now; who of them is away, and who hears nothing."""

    channel: str
    members: tuple[str, ...]
    away: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandsFreeChanged:
    """In which joined channel a voice asks for the floor without a key; None: in none."""

    channel: str | None


@dataclass(frozen=True, slots=True)
class FloorRequested:
    """The key went down, or a voice was heard; the request is on its way."""

    channel: str
    by_voice: bool = False


@dataclass(frozen=True, slots=True)
class FloorGranted:
    """The permit: speak now. `access_time` is seconds since the key went down or,
    for a queued request, since the request left."""

    channel: str
    access_time: float
    talk_limit: float
    from_queue: bool


@dataclass(frozen=True, slots=True)
class FloorDenied:
    """Not now: the standard's cause as a word, and a sentence."""

    channel: str
    cause: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FloorQueued:
    """My place in the queue, 1 is next, and who is before me (talker not counted)."""

    channel: str
    position: int
    before: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FloorRevoked:
    """The floor was taken away."""

    channel: str
    cause: str
    sentence: str


@dataclass(frozen=True, slots=True)
class FloorReleased:
    """My burst is over, or I left the queue."""

    channel: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TalkLimitNear:
    """This much is left of my talk limit."""

    channel: str
    seconds: float


@dataclass(frozen=True, slots=True)
class OpenMicrophone:
    """The key is down but nobody speaks; the floor goes back in `seconds`."""

    channel: str
    seconds: float


@dataclass(frozen=True, slots=True)
class TalkerChanged:
    """Who talks now in the channel; None: nobody."""

    channel: str
    talker: str | None
    emergency: bool = False


@dataclass(frozen=True, slots=True)
class VoiceDoubted:
    """Two send in the name of the one who talks: what is heard may be forged by a member."""

    channel: str
    talker: str | None


@dataclass(frozen=True, slots=True)
class WaitingChanged:
    """Who waits for the floor, next first."""

    channel: str
    waiting: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplayStarted:
    """A burst is heard again: it began `seconds_ago` and lasts `seconds`."""

    channel: str
    talker: str
    seconds_ago: float
    seconds: float


@dataclass(frozen=True, slots=True)
class ReplayEnded:
    """The burst was heard out, or somebody talks."""

    channel: str


@dataclass(frozen=True, slots=True)
class AudioFailed:
    """Microphone or loudspeaker is missing or gone."""

    sentence: str


@dataclass(frozen=True, slots=True)
class AudioChanged:
    """Another microphone or loudspeaker is in use than before: the chosen one is gone, or back."""

    sentence: str


Event = (
    Connected
    | ConnectionLost
    | ChannelsChanged
    | ChannelJoined
    | ChannelLeft
    | MembersChanged
    | HandsFreeChanged
    | FloorRequested
    | FloorGranted
    | FloorDenied
    | FloorQueued
    | FloorRevoked
    | FloorReleased
    | TalkLimitNear
    | OpenMicrophone
    | TalkerChanged
    | VoiceDoubted
    | WaitingChanged
    | ReplayStarted
    | ReplayEnded
    | AudioFailed
    | AudioChanged
)
