"""A bad network, seeded and pure: what becomes of each datagram, and when it arrives.

    datagram --> blackout? --> lost? --> queue of the line --> delay + jitter --> once, or twice

Loss is that of Gilbert and Elliott: the network is in a good or in a bad state, each with a share
of its own that is lost. Time is an argument; the same seed gives the same fate to the same history.
Sockets that suffer this are those of impaired_relay.py.
"""

from dataclasses import dataclass, replace
from random import Random

LINE_HOLDS = 0.200  # s of traffic that the queue of a slow line takes before it loses


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of network, one way. Times in seconds, shares from 0 to 1, per datagram."""

    delay: float = 0.0
    jitter: float = 0.0  # on top of the delay, uniform; by itself it keeps the order
    loss_good: float = 0.0
    loss_bad: float = 1.0
    to_bad: float = 0.0  # from the good state, with each datagram
    to_good: float = 1.0  # back
    reordered: float = 0.0  # these do not wait for their predecessors
    duplicated: float = 0.0
    rate: float = 0.0  # octets per second; 0: no limit
    dark_of_ten: float = 0.0  # so many of each ten seconds, nothing passes

    @property
    def lost(self) -> float:
        """The share that is lost in the long run, apart from the queue."""
        bad = self.to_bad / (self.to_bad + self.to_good) if self.to_bad else 0.0
        dark = self.dark_of_ten / 10.0
        return dark + (1 - dark) * (bad * self.loss_bad + (1 - bad) * self.loss_good)


def in_bursts(share: float, length: float) -> Profile:
    """Loses this share, in bursts of this mean length."""
    return Profile(to_bad=share / (1 - share) / length, to_good=1 / length)


OFFICE = Profile(delay=0.0005, jitter=0.0005)
WIFI = replace(in_bursts(0.01, 2), delay=0.003, jitter=0.012, duplicated=0.001)
BAD_WIFI = replace(in_bursts(0.08, 3), delay=0.008, jitter=0.060, duplicated=0.005)
VPN = replace(in_bursts(0.005, 1), delay=0.040, jitter=0.015, rate=125_000)
TERRIBLE = replace(
    in_bursts(0.20, 2), delay=0.080, jitter=0.120, reordered=0.05, duplicated=0.05, rate=60_000
)
BLACKOUT = replace(OFFICE, dark_of_ten=2.0)
PROFILES = {
    "office": OFFICE,
    "wifi": WIFI,
    "bad wifi": BAD_WIFI,
    "vpn": VPN,
    "terrible": TERRIBLE,
    "blackout": BLACKOUT,
}


@dataclass
class Tally:
    """What became of everything so far."""

    sent: int = 0
    lost: int = 0
    overflowed: int = 0
    blacked_out: int = 0
    duplicated: int = 0


class Impairment:
    """One direction of a network."""

    def __init__(self, profile: Profile, seed: int) -> None:
        self.profile = profile
        self.seed = seed
        self.tally = Tally()
        self._rng = Random(seed)
        self._bad = False
        self._line_free_at = 0.0
        self._last_arrival = 0.0
        self._dark_until = 0.0

    def __repr__(self) -> str:
        return f"Impairment({self.profile}, seed={self.seed})"

    def black_out(self, now: float, seconds: float) -> None:
        """Nothing passes for so long."""
        self._dark_until = now + seconds

    def pass_on(self, octets: int, now: float) -> list[float]:
        """When a datagram of this length, sent now, arrives: once, twice or never."""
        self.tally.sent += 1
        if now < self._dark_until or now % 10.0 >= 10.0 - self.profile.dark_of_ten:
            self.tally.blacked_out += 1
            return []
        if self._loses():
            self.tally.lost += 1
            return []
        leaves = self._leave_line(octets, now)
        if leaves is None:
            self.tally.overflowed += 1
            return []
        arrivals = [self._arrive(leaves)]
        if self._rng.random() < self.profile.duplicated:
            self.tally.duplicated += 1
            arrivals.append(self._arrive(leaves))
        return arrivals

    def _loses(self) -> bool:
        turns = self.profile.to_good if self._bad else self.profile.to_bad
        if self._rng.random() < turns:
            self._bad = not self._bad
        lost = self.profile.loss_bad if self._bad else self.profile.loss_good
        return self._rng.random() < lost

    def _leave_line(self, octets: int, now: float) -> float | None:
        """When it has left the line; None: the queue is full."""
        if not self.profile.rate:
            return now
        begins = max(now, self._line_free_at)
        if begins - now > LINE_HOLDS:
            return None
        self._line_free_at = begins + octets / self.profile.rate
        return self._line_free_at

    def _arrive(self, leaves: float) -> float:
        arrival = leaves + self.profile.delay + self._rng.uniform(0.0, self.profile.jitter)
        if self._rng.random() < self.profile.reordered:
            return arrival
        self._last_arrival = max(self._last_arrival, arrival)
        return self._last_arrival
