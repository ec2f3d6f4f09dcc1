"""What client and switchboard say to each other over the WebSocket `/v1/session`.

One JSON object a text frame; `type` names the message. Octet strings are base64. Unknown
members of an object are ignored, an unknown `type` is an error.

    client                               switchboard
      Hello            -->
                       <--   Welcome, Media
      Join             -->
                       <--   Joined, ChannelKey, then Members, Waiting, ChannelKey as they change
      KeyInUse         -->   after each ChannelKey
      Leave            -->
                       <--   Left

A server has one floor server or more; each channel is with one of them, which Joined names. The
client gets Media of one with Welcome, that of another before the first Joined that names it.

After a restart of a floor server the client gets its Media again and, for every channel that it was
in there, Joined and ChannelKey again: all former keys and SSRCs of that floor server are void. A
channel whose floor server does not come back is Joined again with another one.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta, Struct

from ptt.errors import MalformedPacketError

PROTOCOL_VERSION = 1
MAX_NAME = 64  # characters of a person's, device's or channel's name

Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME)]
_T = TypeVar("_T")
Ssrc = Annotated[int, Meta(ge=0, le=0xFFFFFFFF)]


class _Message(Struct, frozen=True, tag_field="type", tag=str.lower, kw_only=True):
    """Common shape: the tag is the class name in lower case."""


class Member(Struct, frozen=True, kw_only=True):
    """One connection in a channel; Floor Taken names it as `ptt:<participant>`."""

    participant: int
    name: str
    away: bool = False  # not at the desk
    muted: bool = False  # hears nothing


class ChannelDescription(Struct, frozen=True, kw_only=True):
    """A channel that this person may enter, and what they may do there."""

    channel: int
    name: str
    role: str  # listen, talk, moderate or manage
    priority: int = 0
    talk_limit: float = 60.0  # s, T2
    profile: str = "gcm"  # gcm, or interop: AES_CM_128_HMAC_SHA1_80 without MKI
    replay: bool = True  # whether clients may keep its last bursts, in memory, to hear them again


# client -> switchboard


class Hello(_Message, frozen=True, kw_only=True):
    """First message: which device, and the secret that proves it."""

    device: str
    secret: bytes
    protocol: int = PROTOCOL_VERSION
    software: str = ""


class Join(_Message, frozen=True, kw_only=True):
    """Let me hear this channel (and talk there, if my role allows)."""

    channel: int


class Leave(_Message, frozen=True, kw_only=True):
    """I no longer hear this channel."""

    channel: int


class KeyInUse(_Message, frozen=True, kw_only=True):
    """I can decode this epoch from now on."""

    channel: int
    epoch: Ssrc


class AskKey(_Message, frozen=True, kw_only=True):
    """Voice with an epoch arrived that I have no key for; asked at most once a second."""

    channel: int


class Presence(_Message, frozen=True, kw_only=True):
    """How I am from now on; not said, I am here and hear.

    Servers of before December 2026 end the session of who says it: so say it only when it is news.
    """

    away: bool = False
    muted: bool = False


# switchboard -> client


class Welcome(_Message, frozen=True, kw_only=True):
    """You are in: who you are, and where you may go."""

    participant: int
    person: str
    server: str  # the server's name for people
    channels: list[ChannelDescription]


class Media(_Message, frozen=True, kw_only=True):
    """How to reach a floor server. Keys are 16 octets key and 12 octets salt."""

    port: int
    ssrc: Ssrc  # of the control packets that the client sends (wire/link.py)
    uplink_key: bytes
    control_key: bytes
    host: str = ""  # empty: the host of this connection
    floor_server: int = 0  # which one; Joined names it


class Joined(_Message, frozen=True, kw_only=True):
    """You are in the channel; the two SSRCs of its floor messages."""

    channel: int
    ssrc: Ssrc  # of floor messages that this client sends
    channel_ssrc: Ssrc  # of floor messages that it gets
    members: list[Member]
    waiting: list[int] = []
    frame_ms: int = 20  # advised length of an Opus packet, from the next burst on
    floor_server: int = 0  # whose Media leads there


class Left(_Message, frozen=True, kw_only=True):
    """You are no longer in the channel; `sentence` says why if you did not ask for it."""

    channel: int
    sentence: str = ""


class ChannelKey(_Message, frozen=True, kw_only=True):
    """Key of a channel's voice for one epoch; `epoch` is the MKI on the wire."""

    channel: int
    epoch: Ssrc
    key: bytes
    profile: str = "gcm"


class Members(_Message, frozen=True, kw_only=True):
    """Who came into the channel, or is another there than before, and which participants left."""

    channel: int
    joined: list[Member] = []
    left: list[int] = []
    frame_ms: int = 20  # as in Joined, now that so many are there


class Waiting(_Message, frozen=True, kw_only=True):
    """The queue for the floor, participants, next first."""

    channel: int
    participants: list[int]


class Channels(_Message, frozen=True, kw_only=True):
    """Your channels or your rights have changed: the whole list again."""

    channels: list[ChannelDescription]


class Refused(_Message, frozen=True, kw_only=True):
    """What you asked for is not possible; `cause` for programs, `sentence` for people."""

    cause: str  # unknown-device, protocol, unknown-channel, not-allowed, channel-full, too-fast
    sentence: str
    channel: int | None = None


class Bye(_Message, frozen=True, kw_only=True):
    """The server ends the session; without `again`, reconnecting is useless."""

    sentence: str
    again: bool = True


# enrolment: POST /v1/enrol


class Enrol(Struct, frozen=True, kw_only=True):
    """Trade the one-time token of an invite for a device credential."""

    token: str
    device_name: Name


class Enrolled(Struct, frozen=True, kw_only=True):
    """The device's credential; the secret is told once and stored only as a hash."""

    device: str
    secret: bytes
    person: str
    server: str


ClientMessage = Hello | Join | Leave | KeyInUse | AskKey | Presence
ServerMessage = (
    Welcome | Media | Joined | Left | ChannelKey | Members | Waiting | Channels | Refused | Bye
)

_encoder = msgspec.json.Encoder()
_client_decoder = msgspec.json.Decoder(ClientMessage)
_server_decoder = msgspec.json.Decoder(ServerMessage)


def encode(message: ClientMessage | ServerMessage) -> str:
    """The message as one JSON text."""
    return _encoder.encode(message).decode()


def parse_client_message_untrusted(text: str | bytes) -> ClientMessage:
    """A message from a client; raises only MalformedPacketError."""
    message: ClientMessage = _decode(_client_decoder, text)
    return message


def parse_server_message_untrusted(text: str | bytes) -> ServerMessage:
    """A message from the switchboard; raises only MalformedPacketError."""
    message: ServerMessage = _decode(_server_decoder, text)
    return message


def _decode(decoder: "msgspec.json.Decoder[_T]", text: str | bytes) -> "_T":
    try:
        return decoder.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedPacketError(f"not a signalling message: {error}") from error
