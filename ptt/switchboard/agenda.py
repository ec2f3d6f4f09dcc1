"""When each of many channels wants to be looked at, without a look at all of them. Pure.

A heap of times. A channel that has changed its mind leaves its former time in the heap, where it
is passed over; when such times are the greater part, the heap is made anew.
"""

from heapq import heapify, heappop, heappush
from math import inf

# Implementation
SPARE = 64  # times that nobody waits for, whatever the number of channels


class Agenda:
    """Channels by the time at which they are due."""

    def __init__(self) -> None:
        self._at: dict[int, float] = {}
        self._heap: list[tuple[float, int]] = []

    @property
    def next(self) -> float:
        """When the first one is due; inf if none ever is."""
        while self._heap and self._at.get(self._heap[0][1]) != self._heap[0][0]:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else inf

    def put(self, channel: int, at: float) -> None:
        """The channel is due at `at`, whatever it was before; inf: never."""
        if self._at.get(channel, inf) == at:
            return
        if at == inf:
            del self._at[channel]
            return
        self._at[channel] = at
        heappush(self._heap, (at, channel))
        if len(self._heap) > 2 * len(self._at) + SPARE:
            self._heap = [(at, channel) for channel, at in self._at.items()]
            heapify(self._heap)

    def take_due(self, now: float) -> list[int]:
        """Take out the channels that are due, the first one first; `put` them again."""
        due = []
        while self.next <= now:
            _, channel = heappop(self._heap)
            del self._at[channel]
            due.append(channel)
        return due
