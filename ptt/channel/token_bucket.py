"""How many of something are allowed: so many at once, and so many a second after that. Pure."""

from math import inf


class TokenBucket:
    """Holds up to `size` tokens and gains `rate` a second; full at first; `now` in seconds."""

    def __init__(self, rate: float, size: float) -> None:
        self._rate = rate
        self._size = size
        self._tokens = size
        self._at = -inf

    def take(self, now: float) -> bool:
        """Take one token if there is one."""
        self._tokens = self.count(now)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def put_back(self) -> None:
        """The last token was taken without need."""
        self._tokens = min(self._size, self._tokens + 1)

    def count(self, now: float) -> float:
        """How many tokens there are."""
        return min(self._size, self._tokens + (now - self._at) * self._rate)
