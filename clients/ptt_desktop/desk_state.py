"""What the whole window shows: every channel, the connection, and where the key talks. Pure.

    DeskState + event + now -> DeskState

One channel's part is ptt_desk.channel_state's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, auto

from ptt.client import events
from ptt.client.events import Event
from ptt_desk.channel_state import Own, State, changed


class Mode(Enum):
    """What the tray shows: of several that are so, the one that stands first here."""

    DISCONNECTED = auto()
    TALKING = auto()
    QUEUED = auto()
    LISTENING = auto()  # somebody else talks, and is heard
    MUTED = auto()
    IDLE = auto()


@dataclass(frozen=True, slots=True)
class DeskState:
    """`channels`: all that the person may join, by name; `chosen`: where the key talks, or "".

    lost: why there is no connection, None while there is one or none was tried yet.
    """

    person: str = ""
    server: str = ""
    connected: bool = False
    lost: events.ConnectionLost | None = None
    channels: tuple[State, ...] = ()
    chosen: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """Of the channels."""
        return tuple(state.channel for state in self.channels)

    def channel(self, name: str) -> State:
        """That channel's state; an empty one if there is none of that name."""
        return next((state for state in self.channels if state.channel == name), State(name))

    @property
    def elsewhere(self) -> tuple[str, str] | None:
        """Who talks in another channel than the chosen one, and in which."""
        others = (state for state in self.channels if state.channel != self.chosen)
        return next(((one.talker, one.channel) for one in others if one.talker), None)

    @property
    def floor(self) -> State:
        """The chosen channel."""
        return self.channel(self.chosen)


def noted(desk: DeskState, event: Event, now: float) -> DeskState:
    """The state after `event`."""
    desk = _of_connection(desk, event)
    channels = tuple(changed(state, event, now) for state in desk.channels)
    return replace(desk, channels=channels)


def chosen(desk: DeskState, name: str) -> DeskState:
    """The key talks in this channel from now on; in the first one if there is none of that name."""
    known = name in desk.names
    first = desk.names[0] if desk.names else ""
    return replace(desk, chosen=name if known else first)


def mode(desk: DeskState, muted: Iterable[str] = ()) -> Mode:
    """In one word; `muted` are channels whose voices are not played."""
    heard = [state for state in desk.channels if state.joined and state.channel not in set(muted)]
    doing = {state.own for state in desk.channels}
    if not desk.connected:
        return Mode.DISCONNECTED
    if Own.TALKING in doing:
        return Mode.TALKING
    if doing & {Own.QUEUED, Own.ASKING}:
        return Mode.QUEUED
    if any(state.talker is not None for state in heard):
        return Mode.LISTENING
    return Mode.IDLE if heard or not desk.channels else Mode.MUTED


def _of_connection(desk: DeskState, event: Event) -> DeskState:
    match event:
        case events.Connected(server=server, person=person, channels=names):
            desk = replace(desk, server=server, person=person, connected=True, lost=None)
            return _with_channels(desk, names)
        case events.ConnectionLost():
            return replace(desk, connected=False, lost=event)
        case events.ChannelsChanged(channels=names):
            return _with_channels(desk, names)
        case _:
            return desk


def _with_channels(desk: DeskState, names: Iterable[str]) -> DeskState:
    states = tuple(_kept_or_new(desk, name) for name in sorted(names, key=str.casefold))
    return chosen(replace(desk, channels=states), desk.chosen)


def _kept_or_new(desk: DeskState, name: str) -> State:
    fresh = State(name, person=desk.person, server=desk.server, connected=desk.connected)
    return desk.channel(name) if name in desk.names else fresh
