"""Numbers and keys that the switchboard gives.

SSRCs have the top bit 0 (the floor server gives those with the top bit 1, for talk bursts). Epochs
come from one counter for all channels, so that an MKI alone names channel and epoch. Pure: the
source of chance and of keys is an argument.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

# Implementation
SSRC_BITS = 31

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
