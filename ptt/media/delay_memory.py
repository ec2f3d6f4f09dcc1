"""Which delay a burst should start with, from the bursts before it.

Jitter has two legs: the talker's way to the server and ours from it. A bad leg of one talker
must not delay everybody after him; a bad leg of our own delays every burst. So a talker who was
heard lately starts with his own last delay, and anybody else with the least that the last three
bursts had: only what all of them suffered can be ours. Pure.
"""

from collections import OrderedDict, deque
from math import inf

from ptt.media.target_delay import LearnedDelay

# Implementation
_TALKERS = 64
_BURSTS = 3
_STALE_SECONDS = 120.0  # a network that was bad so long ago is somebody else's network


class DelayMemory:
    """Learned delays of one client, by talker (any name that stays the same)."""

    def __init__(self) -> None:
        self._by_talker: OrderedDict[str, tuple[float, LearnedDelay]] = OrderedDict()
        self._last: deque[LearnedDelay] = deque(maxlen=_BURSTS)

    def remember(self, talker: str, learned: LearnedDelay, now: float) -> None:
        """A burst of `talker` is over."""
        self._by_talker[talker] = (now, learned)
        self._by_talker.move_to_end(talker)
        self._last.append(learned)
        while len(self._by_talker) > _TALKERS:
            self._by_talker.popitem(last=False)

    def expected(self, talker: str, now: float) -> LearnedDelay:
        """For a burst of `talker` that begins."""
        at, learned = self._by_talker.get(talker, (-inf, LearnedDelay()))
        if now - at < _STALE_SECONDS:
            return learned
        if not self._last:
            return LearnedDelay()
        return LearnedDelay(
            lateness=min(burst.lateness for burst in self._last),
            copies=min(burst.copies for burst in self._last),
        )
