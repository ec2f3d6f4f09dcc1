"""When the key of a channel's voice is renewed, and which of its keys a listener holds.

An epoch is the time of one key; its number is the MKI on the wire. Whoever leaves cannot listen
on, and whoever comes cannot open what was said before.

    somebody came, left, lost a right; a day is over
      -> change due: at once, but CHANGE_INTERVAL after the one before; wishes in between are merged
      -> key sent to all; in use from the next talk burst
      -> switch due: all have said that they have it, or SWITCH_AFTER is over; also inside a burst
      -> a listener keeps the former key for FORMER_KEPT, for packets that are on their way

Pure: `now` is an argument, in seconds. Makes no keys and no numbers, and sends nothing.
"""

from collections.abc import Collection, Iterator
from math import inf
from typing import Generic, TypeVar

# Implementation
CHANGE_INTERVAL = 2.0  # s
SWITCH_AFTER = 1.5  # s; must be less than CHANGE_INTERVAL, so that each epoch is used
FORMER_KEPT = 2.0  # s
DAILY = 24 * 3600.0  # s that an epoch lasts at most
MAX_KEYS = 4  # former, current, next, and one more for a client that was slow

Key = TypeVar("Key")


class EpochSchedule:
    """One channel's epochs, for whoever makes the keys.

    The first epoch is due when somebody wants it: `want_change`, then `change`.
    """

    def __init__(self) -> None:
        self._changed_at = -inf
        self._change_at = inf
        self._switch_at = inf
        self._missing: set[int] = set()

    @property
    def deadline(self) -> float:
        """When to ask again whether something is due; inf if never."""
        return min(self._change_at, self._switch_at)

    @property
    def missing(self) -> frozenset[int]:
        """The members that have not yet said that they hold the newest key."""
        return frozenset(self._missing)

    def want_change(self, now: float) -> None:
        """Somebody came, left, or lost a right."""
        self._change_at = min(self._change_at, max(now, self._changed_at + CHANGE_INTERVAL))

    def change_is_due(self, now: float) -> bool:
        """Whether to make a new epoch now."""
        return now >= self._change_at

    def change(self, members: Collection[int], now: float) -> None:
        """A new epoch was made, and its key sent to `members`."""
        self._changed_at = now
        self._change_at = now + DAILY
        self._missing = set(members)
        self._switch_at = now + SWITCH_AFTER if members else now

    def confirm(self, member: int, now: float) -> None:
        """`member` holds the newest key, or has gone and needs none."""
        self._missing.discard(member)
        if not self._missing and self._switch_at < inf:
            self._switch_at = min(self._switch_at, now)

    def switch_is_due(self, now: float) -> bool:
        """Whether to go over to the newest epoch inside a burst; true once for each epoch."""
        if now < self._switch_at:
            return False
        self._switch_at = inf
        return True


class KeyRing(Generic[Key]):
    """One channel's keys at a listener: former, current and next, found by the MKI."""

    def __init__(self) -> None:
        self._keys: dict[int, Key] = {}  # oldest first
        self._current: int | None = None
        self._retire_at: dict[int, float] = {}

    def __iter__(self) -> Iterator[Key]:
        """All keys, the newest first."""
        return reversed(self._keys.values())

    def __len__(self) -> int:
        return len(self._keys)

    @property
    def deadline(self) -> float:
        """When to call `handle_deadline`; inf if never."""
        return min(self._retire_at.values(), default=inf)

    def add(self, epoch: int, key: Key) -> bool:
        """Hold the key of a new epoch; false if it was told before, and the first one stays."""
        if epoch in self._keys:
            return False
        self._keys[epoch] = key
        if len(self._keys) > MAX_KEYS:
            self._drop(next(iter(self._keys)))
        return True

    def find(self, epoch: int) -> Key | None:
        """The key with this MKI, if it is held."""
        return self._keys.get(epoch)

    def note_use(self, epoch: int, now: float) -> None:
        """An authentic packet of `epoch` came: what is older than that is former from now on."""
        if epoch == self._current or epoch not in self._keys:
            return
        self._current = epoch
        for older in self._keys:
            if older == epoch:
                break
            self._retire_at.setdefault(older, now + FORMER_KEPT)

    def handle_deadline(self, now: float) -> None:
        """Drop the former keys whose time is over."""
        for epoch in [epoch for epoch, at in self._retire_at.items() if at <= now]:
            self._drop(epoch)

    def _drop(self, epoch: int) -> None:
        del self._keys[epoch]
        self._retire_at.pop(epoch, None)
