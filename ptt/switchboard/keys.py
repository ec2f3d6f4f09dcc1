"""Numbers and keys that the switchboard gives, and when a channel's key is renewed.

SSRCs have the top bit 0 (the floor server gives those with the top bit 1, for talk bursts). Epochs
come from one counter for all channels, so that an MKI alone names channel and epoch. Pure: the
source of chance and of keys is an argument.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from math import inf
from random import Random

# Implementation
SSRC_BITS = 31
CHANGE_INTERVAL = 2.0  # s between two epochs of a channel; changes in between are merged
SWITCH_AFTER = 1.5  # s for everybody to say that they have the new key
DAILY = 24 * 3600.0  # s that an epoch lasts at most

NewKey = Callable[[str], bytes]  # profile -> key


class Supply:
    """Gives SSRCs, epoch numbers and keys."""

    def __init__(self, rng: Random, new_key: NewKey) -> None:
        self._rng = rng
        self._used: set[int] = {0}
        self._epoch = rng.getrandbits(SSRC_BITS)
        self.key = new_key

    def ssrc(self) -> int:
        """An SSRC that nobody has."""
        while (ssrc := self._rng.getrandbits(SSRC_BITS)) in self._used:
            pass
        self._used.add(ssrc)
        return ssrc

    def take_back(self, ssrc: int) -> None:
        """Whoever had this SSRC is gone; 0 was nobody's."""
        self._used.discard(ssrc or -1)

    def epoch(self) -> int:
        """The next epoch's number."""
        self._epoch = (self._epoch + 1) & 0xFFFFFFFF
        return self._epoch


@dataclass(frozen=True, slots=True)
class Epoch:
    """A key of a channel's voice, named on the wire by `number`."""

    number: int
    key: bytes = field(repr=False)


class EpochSchedule:
    """When a channel gets a new epoch, and when the floor server goes over to it.

    A wanted change happens at once, but at least CHANGE_INTERVAL after the one before. The floor
    server goes over when every member has said that they have the key, or SWITCH_AFTER later.
    """

    def __init__(self) -> None:
        self._changed_at = -inf
        self._change_at = inf
        self._switch_at = inf
        self._awaited: set[int] = set()

    @property
    def deadline(self) -> float:
        """When to ask again; inf if never."""
        return min(self._change_at, self._switch_at)

    def want_change(self, now: float) -> None:
        """Somebody came, left, or lost a right."""
        self._change_at = min(self._change_at, max(now, self._changed_at + CHANGE_INTERVAL))

    def change_is_due(self, now: float) -> bool:
        """Whether to make a new epoch now."""
        return now >= self._change_at

    def change(self, members: Collection[int], now: float) -> None:
        """A new epoch was made and sent to `members`."""
        self._changed_at = now
        self._change_at = now + DAILY
        self._awaited = set(members)
        self._switch_at = now + SWITCH_AFTER

    def confirm(self, member: int, now: float) -> None:
        """`member` has the newest key, or has gone and needs none."""
        self._awaited.discard(member)
        if not self._awaited and self._switch_at < inf:
            self._switch_at = min(self._switch_at, now)

    def switch_is_due(self, now: float) -> bool:
        """Whether the floor server must go over to the newest epoch; true once an epoch."""
        if now < self._switch_at:
            return False
        self._switch_at = inf
        return True
