"""Connections that have not proved themselves: how many there may be, and who gives way to whom.

    accepted --> Silent: until its ClientHello is whole --> Slots: until it has logged in

Whoever means it says its whole ClientHello at once, and logs in a moment later. So what is slow
gives way: in Silent the one that has been there for longest, in Slots the oldest of the address
that has most. Nothing here costs more than a few kilo-octets a connection.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter, itemgetter

import trio

# Specification (RFC 8446, 5.1)
_RECORD_HEADER = 5  # octets; the last two are the length of the rest
_HANDSHAKE = 22

# Implementation
HANDSHAKE_WITHIN = 5.0  # s
PROVE_WITHIN = 15.0  # s for handshake and Hello, or for a few HTTP requests
PER_ADDRESS, OVERALL = 20, 200  # slots
MAX_QUEUED = 1500  # connections that wait for a slot
MAX_SILENT = 500  # connections whose ClientHello is not whole
MAX_GREETING = 8192  # octets; a ClientHello has 500 to 2000
LOOK_AGAIN = 0.25  # s after somebody was told to leave
GIVES_WAY = 5.0  # s with a slot, if others of the address wait: a handshake may take so long


class Silent:
    """Connections that have not said enough to take a slot."""

    def __init__(self) -> None:
        self._waiting: dict[trio.CancelScope, None] = {}  # in the order of arrival

    async def greeting(self, stream: trio.SocketStream) -> bytes | None:
        """The first octets, with the whole first TLS record if it is one.

        None if they do not come in time, never end, or others come instead.
        """
        if len(self._waiting) >= MAX_SILENT:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.cancel()
        octets = b""
        with trio.move_on_after(HANDSHAKE_WITHIN) as scope:
            self._waiting[scope] = None
            try:
                while (missing := _missing(octets)) > 0:
                    more = await stream.receive_some(missing)
                    if not more:
                        return None
                    octets += more
            except trio.BrokenResourceError:
                return None
            finally:
                self._waiting.pop(scope, None)
        return octets if _missing(octets) == 0 else None


def _missing(octets: bytes) -> int:
    """How many octets to read next; 0: enough. Below 0: nothing that we want."""
    if octets and octets[0] != _HANDSHAKE:
        return 0  # TLS will refuse it in a proper way
    if len(octets) < _RECORD_HEADER:
        return _RECORD_HEADER - len(octets)
    whole = _RECORD_HEADER + int.from_bytes(octets[3:5], "big")
    return whole - len(octets) if whole <= MAX_GREETING else -1


@dataclass(eq=False)
class Slot:
    """Held by one connection; `leave` makes it go."""

    address: str
    leave: Callable[[], None]
    since: float = 0.0
    gives_way: bool = False


class Slots:
    """Room for a few connections an address, and for some in all.

    So this is also how many TLS handshakes run side by side. Next is the address that has fewest,
    then whoever has waited longest. One that has at least two more than the next has to give one
    back: a thousand desks that come at once never do that to each other, nor does an office
    behind one address.
    """

    def __init__(self) -> None:
        self._taken: defaultdict[str, deque[Slot]] = defaultdict(deque)  # oldest first
        self._free = OVERALL
        self._waiting: dict[str, deque[tuple[Slot, trio.Event]]] = {}
        self._queued = 0

    async def take(self, address: str, leave: Callable[[], None]) -> Slot:
        """Wait for a slot; raises TooSlowError if none is free in time, or a crowd waits."""
        if self._queued >= MAX_QUEUED:
            raise trio.TooSlowError
        slot, turn = Slot(address, leave), trio.Event()
        self._waiting.setdefault(address, deque()).append((slot, turn))
        self._queued += 1
        self._let_in()
        try:
            with trio.fail_after(PROVE_WITHIN):
                while not turn.is_set():
                    with trio.move_on_at(self._make_room(address)):
                        await turn.wait()
            await trio.lowlevel.checkpoint()
        except BaseException:
            if turn.is_set():  # let in at the same moment
                self.free(slot)
            else:
                self._forget(slot, turn)
            raise
        return slot

    def free(self, slot: Slot) -> None:
        """The connection has proved itself, or is gone."""
        self._free += 1
        self._taken[slot.address].remove(slot)
        if not self._taken[slot.address]:
            del self._taken[slot.address]
        self._let_in()

    def _forget(self, slot: Slot, turn: trio.Event) -> None:
        self._queued -= 1
        queue = self._waiting[slot.address]
        queue.remove((slot, turn))
        if not queue:
            del self._waiting[slot.address]

    def _let_in(self) -> None:
        while self._free and (address := self._next()) is not None:
            slot, turn = self._waiting[address][0]
            self._forget(slot, turn)
            slot.since = trio.current_time()
            self._free -= 1
            self._taken[address].append(slot)
            turn.set()

    def _next(self) -> str | None:
        """The address that has fewest slots, of those that may have one more."""
        fewest = min(self._waiting, key=self._held, default=None)
        return fewest if fewest is not None and self._held(fewest) < PER_ADDRESS else None

    def _held(self, address: str) -> int:
        return len(self._taken.get(address, ()))

    def _make_room(self, address: str) -> float:
        """Make somebody give way to the next of this address; when to look again."""
        if self._held(address) >= PER_ADDRESS:
            return _end_oldest(self._taken[address], GIVES_WAY)
        richest = max(self._taken, key=self._held)
        if self._held(richest) >= self._held(address) + 2:
            return _end_oldest(self._taken[richest], 0.0)
        return _end_oldest(map(itemgetter(0), self._taken.values()), GIVES_WAY)


def _end_oldest(slots: Iterable[Slot], after: float) -> float:
    """End the oldest that was not told to leave yet, if it is so old; when to look again."""
    now = trio.current_time()
    candidates = [slot for slot in slots if not slot.gives_way]
    if not candidates:
        return now + GIVES_WAY
    oldest = min(candidates, key=attrgetter("since"))
    if oldest.since + after > now:
        return oldest.since + after
    oldest.gives_way = True
    oldest.leave()
    return now + LOOK_AGAIN  # the place may go to somebody who has waited longer
