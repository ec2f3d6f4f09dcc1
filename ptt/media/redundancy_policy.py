"""How many copies a talker sends, from what the listeners lose (RFC 2198).

    loss            < 1 %   from 1 %   from 8 %    from 20 %
    20 ms frames      -      1, 4      1, 3, 6    1, 3, 6, 9
    40, 60 ms         -      1, 2      1, 2, 3    1, 2, 3, 4

One worst listener decides for the whole channel, so a large channel gets one copy at most: its
price is paid once for each listener. More at once, less only after calm: loss comes in spells,
and a talker who saves at the wrong moment is not understood. A fourth copy from 20 %, because
three cannot do it: with 30 % loss all four packets of a frame are gone in 0.3^4 = 0.8 %.
"""

from math import inf

# Implementation
_LEVELS = ((0.0, ()), (0.01, (1, 4)), (0.08, (1, 3, 6)), (0.20, (1, 3, 6, 9)))
_LONG_FRAMES = ((), (1, 2), (1, 2, 3), (1, 2, 3, 4))  # the same copies, not four times as late
_RELAXED = 0.6  # below this part of a threshold, calm begins
_CALM_SECONDS = 5.0  # as long as the server remembers the worst report
_LARGE_CHANNEL = 200  # listeners


class RedundancyPolicy:
    """Which packets back are to be copied into each packet; none at first.

    `long_packets`: whether those of the burst have more than 20 ms.
    """

    def __init__(self, *, listeners: int = 0, long_packets: bool = False) -> None:
        self.listeners = listeners
        self.long_packets = long_packets
        self._level = 0
        self._calm_since = inf

    @property
    def copies(self) -> tuple[int, ...]:
        """For TalkBurst.copies."""
        copies = _LONG_FRAMES[self._level] if self.long_packets else _LEVELS[self._level][1]
        return copies[:1] if self.listeners > _LARGE_CHANNEL else copies

    def handle_loss(self, fraction_lost: float, now: float) -> tuple[int, ...]:
        """React to a report: the share of packets (0 to 1) that the worst listener misses."""
        wanted = max(level for level, (loss, _) in enumerate(_LEVELS) if fraction_lost >= loss)
        if wanted >= self._level:
            self._level = wanted
            self._calm_since = inf
        else:
            self._relax(fraction_lost, now)
        return self.copies

    def _relax(self, fraction_lost: float, now: float) -> None:
        """One step down for each span of calm."""
        if fraction_lost >= _RELAXED * _LEVELS[self._level][0]:
            self._calm_since = inf
            return
        self._calm_since = min(self._calm_since, now)
        if now - self._calm_since >= _CALM_SECONDS:
            self._level -= 1
            self._calm_since = now
