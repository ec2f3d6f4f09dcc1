"""How many floor messages of one member are heard: a flood of one must not cost the others.

Token buckets, one for requests and one for everything else, so that somebody who presses like
mad can still release. What is not admitted is not answered. Pure.
"""

from ptt.channel.token_bucket import TokenBucket
from ptt.wire.floor import FloorMessage, FloorRequest

# Implementation
REQUEST_RATE = 5.0  # requests/s in the long run
REQUEST_BURST = 10  # requests at once
OTHER_RATE = 20.0  # messages/s; a listener asks for a lost Floor Taken 7 times a second
OTHER_BURST = 40  # messages at once


class Admission:
    """The two buckets of one member of one channel."""

    def __init__(self) -> None:
        self._requests = TokenBucket(REQUEST_RATE, REQUEST_BURST)
        self._others = TokenBucket(OTHER_RATE, OTHER_BURST)

    def admits(self, message: FloorMessage, now: float) -> bool:
        """Whether the message is to be heard now."""
        bucket = self._requests if isinstance(message, FloorRequest) else self._others
        return bucket.take(now)
