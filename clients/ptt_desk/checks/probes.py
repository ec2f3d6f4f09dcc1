"""Counts how long probes of the link (wire/link.py) take there and back, and which never return.

Pure: does not send. The server answers each probe of a bound address at once, so that the time is
that of the network.
"""

from dataclasses import dataclass
from itertools import pairwise
from random import Random
from statistics import fmean, median

from ptt.wire.link import TOKEN_OCTETS, Challenge, ChallengeReply, LinkMessage, Probe, ProbeReply


@dataclass(frozen=True, slots=True)
class RoundTrips:
    """What became of the probes, in the order sent: seconds there and back, None if lost."""

    seconds: tuple[float | None, ...]

    @property
    def returned(self) -> list[float]:
        """Those that came back."""
        return [each for each in self.seconds if each is not None]

    @property
    def lost(self) -> int:
        """How many did not."""
        return len(self.seconds) - len(self.returned)

    @property
    def loss(self) -> float:
        """Share lost, on both ways together, from 0 to 1; its resolution is `1 / sent`."""
        return self.lost / len(self.seconds) if self.seconds else 0.0

    @property
    def median(self) -> float | None:
        """In seconds; None if none came back."""
        return median(self.returned) if self.returned else None

    @property
    def jitter(self) -> float | None:
        """Mean difference between one round trip and the next, in seconds (as RFC 3550, A.8, but
        of both ways together); None if fewer than two came back."""
        times = self.returned
        steps = [abs(later - sooner) for sooner, later in pairwise(times)]
        return fmean(steps) if steps else None


class ProbeCount:
    """Probes of one link. `ssrc` is that of its control packets, `rng` makes the tokens."""

    def __init__(self, ssrc: int, rng: Random) -> None:
        self._ssrc = ssrc
        self._rng = rng
        self._sent: dict[bytes, float] = {}
        self._returned: dict[bytes, float] = {}

    @property
    def round_trips(self) -> RoundTrips:
        """Of all probes until now."""
        return RoundTrips(tuple(self._returned.get(token) for token in self._sent))

    @property
    def has_all(self) -> bool:
        """Whether none is missing."""
        return len(self._returned) == len(self._sent)

    def probe(self, now: float) -> Probe:
        """The next one to send."""
        token = self._rng.randbytes(TOKEN_OCTETS)
        self._sent[token] = now
        return Probe(self._ssrc, token)

    def handle(self, message: LinkMessage, now: float) -> list[LinkMessage]:
        """A message of the server; returns what to send."""
        match message:
            case Challenge(token=nonce):
                return [ChallengeReply(self._ssrc, nonce)]
            case ProbeReply(token=token) if token in self._sent:
                self._returned.setdefault(token, now - self._sent[token])
                return []
            case _:
                return []
