"""How many floor messages of one member are heard: a flood of one must not cost the others.

Token buckets, one for requests and one for everything else, so that somebody who presses like
mad can still release. What is not admitted is not answered. Pure.
"""

from ptt.wire.floor import FloorMessage, FloorRequest

# Implementation
REQUEST_RATE = 5.0  # requests/s in the long run
REQUEST_BURST = 10  # requests at once
OTHER_RATE = 20.0  # messages/s; a listener asks for a lost Floor Taken 7 times a second
OTHER_BURST = 40  # messages at once


class TokenBucket:
    """`rate` tokens a second trickle in, at most `burst` are kept; full at first."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled_at: float | None = None

    def take(self, now: float) -> bool:
        """Take one token; False if there is none."""
        if self._filled_at is not None:
            trickled = (now - self._filled_at) * self._rate
            self._tokens = min(self._burst, self._tokens + trickled)
        self._filled_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


class Admission:
    """The two buckets of one member of one channel."""

    def __init__(self) -> None:
        self._requests = TokenBucket(REQUEST_RATE, REQUEST_BURST)
        self._others = TokenBucket(OTHER_RATE, OTHER_BURST)

    def admits(self, message: FloorMessage, now: float) -> bool:
        """Whether the message is to be heard now."""
        bucket = self._requests if isinstance(message, FloorRequest) else self._others
        return bucket.take(now)
