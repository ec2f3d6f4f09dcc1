"""What the floor decided, in the form that the media plane needs: burst -> who hears it.

The table is never changed, only replaced: whoever holds one can read it without a lock, while
the next floor change makes another. Pure; keys and addresses belong to the shell.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from ptt.floor.actions import ParticipantId

# Specification
BURST_BIT = 0x8000_0000  # set in SSRCs of talk bursts; those of control packets have it clear

_Entry = TypeVar("_Entry")


@dataclass(frozen=True, slots=True)
class Route:
    """The voice of `talker` that carries the SSRC `burst` goes to `listeners`, never to him."""

    burst: int
    talker: ParticipantId
    listeners: tuple[ParticipantId, ...]


class ForwardingTable(Generic[_Entry]):
    """Immutable: SSRC of a live burst -> what relaying it needs."""

    __slots__ = ("_entries", "get")

    def __init__(self, entries: Mapping[int, _Entry] | None = None) -> None:
        self._entries = dict(entries or {})
        self.get = self._entries.get  # looked up for every packet: no call in between

    def __len__(self) -> int:
        return len(self._entries)

    def with_entry(self, burst: int, entry: _Entry) -> "ForwardingTable[_Entry]":
        """This table and one more entry, or another one for the same burst."""
        return ForwardingTable({**self._entries, burst: entry})

    def without(self, burst: int) -> "ForwardingTable[_Entry]":
        """This table without the burst; it need not be in."""
        return ForwardingTable({ssrc: e for ssrc, e in self._entries.items() if ssrc != burst})


class BurstNumbers:
    """SSRCs of talk bursts: each of the 2^31 once before one comes again.

    A full cycle needs no memory of what was given: an odd step meets every number modulo a power
    of two. `start` and `step` are chance, of 31 bits each, so that nobody guesses the next one.
    """

    def __init__(self, start: int, step: int) -> None:
        self._next = start % BURST_BIT
        self._step = (step | 1) % BURST_BIT

    def __call__(self) -> int:
        """The next SSRC."""
        number = self._next
        self._next = (number + self._step) % BURST_BIT
        return BURST_BIT | number
