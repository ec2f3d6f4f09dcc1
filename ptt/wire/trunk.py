"""What switchboard and floor server say to each other.

A byte stream of frames: four octets length (big-endian, of what follows), then one MessagePack
object whose `type` names the message. The floor server connects, proves itself with TrunkHello,
binds its UDP port and answers Ready or Failed. From then on it obeys: the switchboard tells it
every client, channel, member and key, after a restart all of them again. The floor server knows
only numbers: no name, no password, no database.

Channels, clients: the switchboard's numbers. A client is one connection of one device, its
number is the participant that signalling.py names.
"""

from typing import TypeVar

import msgspec
from msgspec import Struct

from ptt.errors import MalformedPacketError

MAX_FRAME = 1 << 20  # octets; the largest real frame is QueueChanged with a full queue
LENGTH_OCTETS = 4


class _Message(Struct, frozen=True, tag_field="type", tag=str.lower, kw_only=True):
    """Common shape: the tag is the class name in lower case."""


# switchboard -> floor server


class AddClient(_Message, frozen=True, kw_only=True):
    """A connection with its own keys; `ssrc` is that of its control packets."""

    client: int
    ssrc: int
    uplink_key: bytes
    control_key: bytes


class RemoveClient(_Message, frozen=True, kw_only=True):
    """The connection is gone: out of all channels, its floor is free, at once."""

    client: int


class SetChannel(_Message, frozen=True, kw_only=True):
    """A channel is new, or its settings have changed (effective from the next burst)."""

    channel: int
    ssrc: int
    talk_limit: float
    queue_size: int
    profile: str
    strict: bool


class RemoveChannel(_Message, frozen=True, kw_only=True):
    """The channel is no more."""

    channel: int


class SetMember(_Message, frozen=True, kw_only=True):
    """A client is in a channel, or its rights there have changed.

    `voice_key` and `epoch` are set in strict channels only: this listener's own key.
    """

    channel: int
    client: int
    ssrc: int
    priority: int
    may_talk: bool
    voice_key: bytes | None = None
    epoch: int = 0


class RemoveMember(_Message, frozen=True, kw_only=True):
    """The client has left the channel."""

    channel: int
    client: int


class AddEpoch(_Message, frozen=True, kw_only=True):
    """A new key of the channel's voice: used from the next burst, or from UseEpoch."""

    channel: int
    epoch: int
    key: bytes


class UseEpoch(_Message, frozen=True, kw_only=True):
    """Everybody has the key (or had time enough): change over inside the burst."""

    channel: int
    epoch: int


class Stop(_Message, frozen=True, kw_only=True):
    """End in good order: revoke the floors, report the ends, close."""


# floor server -> switchboard


class TrunkHello(_Message, frozen=True, kw_only=True):
    """Proof that this is the process that the switchboard started."""

    token: bytes


class Ready(_Message, frozen=True, kw_only=True):
    """The UDP port is bound."""

    port: int


class Failed(_Message, frozen=True, kw_only=True):
    """The floor server cannot work; one sentence that says why and what to do."""

    sentence: str


class TalkStarted(_Message, frozen=True, kw_only=True):
    """`client` has the floor with `burst` as its SSRC; every start has one end."""

    channel: int
    client: int
    burst: int
    emergency: bool = False


class TalkEnded(_Message, frozen=True, kw_only=True):
    """The burst is over; `reason`: released, silent, limit, pre-empted, left, revoked, stopped."""

    channel: int
    client: int
    burst: int
    reason: str
    seconds: float
    packets: int


class QueueChanged(_Message, frozen=True, kw_only=True):
    """Who waits for the floor, next first."""

    channel: int
    clients: list[int]


class Statistics(_Message, frozen=True, kw_only=True):
    """Counters since the start, every second; names as in /metrics."""

    counters: dict[str, int]


ToFloorServer = (
    AddClient
    | RemoveClient
    | SetChannel
    | RemoveChannel
    | SetMember
    | RemoveMember
    | AddEpoch
    | UseEpoch
    | Stop
)
ToSwitchboard = TrunkHello | Ready | Failed | TalkStarted | TalkEnded | QueueChanged | Statistics

_T = TypeVar("_T")
_encoder = msgspec.msgpack.Encoder()
_floor_server_decoder = msgspec.msgpack.Decoder(ToFloorServer)
_switchboard_decoder = msgspec.msgpack.Decoder(ToSwitchboard)


def encode(message: ToFloorServer | ToSwitchboard) -> bytes:
    """The message as one frame, length included."""
    body = _encoder.encode(message)
    return len(body).to_bytes(LENGTH_OCTETS, "big") + body


class FrameBuffer:
    """Cuts a byte stream into frame bodies."""

    def __init__(self) -> None:
        self._octets = bytearray()

    def feed_untrusted(self, octets: bytes) -> list[bytes]:
        """Take what came; return the bodies of the frames that are whole now.

        Raises MalformedPacketError if a frame announces more than MAX_FRAME octets.
        """
        self._octets += octets
        bodies = []
        while len(self._octets) >= LENGTH_OCTETS:
            length = int.from_bytes(self._octets[:LENGTH_OCTETS], "big")
            if length > MAX_FRAME:
                raise MalformedPacketError(f"a trunk frame of {length} octets")
            end = LENGTH_OCTETS + length
            if len(self._octets) < end:
                break
            bodies.append(bytes(self._octets[LENGTH_OCTETS:end]))
            del self._octets[:end]
        return bodies


def parse_to_floor_server_untrusted(body: bytes) -> ToFloorServer:
    """A message for the floor server; raises only MalformedPacketError."""
    message: ToFloorServer = _decode(_floor_server_decoder, body)
    return message


def parse_to_switchboard_untrusted(body: bytes) -> ToSwitchboard:
    """A message for the switchboard; raises only MalformedPacketError."""
    message: ToSwitchboard = _decode(_switchboard_decoder, body)
    return message


def _decode(decoder: "msgspec.msgpack.Decoder[_T]", body: bytes) -> "_T":
    try:
        return decoder.decode(body)
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise MalformedPacketError(f"not a trunk message: {error}") from error
