"""What the pure switchboard orders its shells to do; each is carried out in the given order."""

from dataclasses import dataclass, field

from ptt.wire import trunk
from ptt.wire.signalling import ServerMessage


@dataclass(frozen=True, slots=True)
class ToClient:
    """Send a message to one client."""

    participant: int
    message: ServerMessage


@dataclass(frozen=True, slots=True)
class ToFloorServer:
    """Send a message over the trunk to one floor server."""

    message: trunk.ToFloorServer
    floor_server: int


@dataclass(frozen=True, slots=True)
class Cut:
    """End the client's connection as soon as what was sent to it is out."""

    participant: int


@dataclass(frozen=True, slots=True)
class Noted:
    """A line for the log; `facts` holds numbers and names, never keys."""

    event: str
    facts: dict[str, object] = field(default_factory=dict)


Output = ToClient | ToFloorServer | Cut | Noted
