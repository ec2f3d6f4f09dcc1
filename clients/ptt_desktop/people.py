"""What stands beside each person of a channel. Pure."""

from dataclasses import dataclass
from enum import Enum, auto

from ptt_desk.channel_state import State


class Doing(Enum):
    """Of several that are so, the one that stands first here."""

    TALKING = auto()
    QUEUED = auto()
    MUTED = auto()
    AWAY = auto()
    HERE = auto()


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person; `place` in the queue, 0 for none; `me`: the one who looks at it."""

    name: str
    doing: Doing
    place: int = 0
    me: bool = False


def people(state: State) -> tuple[PersonRow, ...]:
    """Everybody in the channel, in the order of their names, as long as one is there to see it."""
    if not state.joined:
        return ()
    return tuple(_row(state, name) for name in state.members)


def _row(state: State, name: str) -> PersonRow:
    place = state.waiting.index(name) + 1 if name in state.waiting else 0
    return PersonRow(name, _doing(state, name, place), place, me=name == state.person)


def _doing(state: State, name: str, place: int) -> Doing:
    if name == state.talker:
        return Doing.TALKING
    if place:
        return Doing.QUEUED
    if name in state.muted:
        return Doing.MUTED
    return Doing.AWAY if name in state.away else Doing.HERE
