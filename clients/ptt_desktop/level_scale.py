"""Where a level stands on the meter, and the mark that its peaks leave. Pure."""

from math import inf

# Implementation
LOWEST, HIGHEST = -80, 0  # dBFS: a quiet room before any gain, and the loudest there is
LOUD, TOO_LOUD = -9.0, -1.0  # dBFS; speech that peaks higher is about to clip, or does
FALL = 20.0  # dB/s: a peak can be read, and is gone before the next sentence


def place(dbfs: float, width: float) -> float:
    """How far from the quiet end, of `width`."""
    share = (dbfs - LOWEST) / (HIGHEST - LOWEST)
    return width * min(max(share, 0.0), 1.0)


def level(place: float, width: float) -> float:
    """The dBFS of a place: what `place` came from."""
    share = min(max(place / width, 0.0), 1.0) if width > 0 else 0.0
    return LOWEST + share * (HIGHEST - LOWEST)


class FallingPeak:
    """The loudest of late, falling steadily until something is louder."""

    def __init__(self) -> None:
        self._peak = -inf
        self._at = 0.0

    def shown(self, dbfs: float, now: float) -> float:
        """The mark, once this level was seen."""
        fallen = self._peak - FALL * (now - self._at)
        self._peak, self._at = max(dbfs, fallen, LOWEST), now
        return self._peak
