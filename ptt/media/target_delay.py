"""How long to keep sound back so that late packets still come in time.

Three words (all seconds):
    base      when a packet of position 0 would have come over an undisturbed network:
              the smallest (arrival - position) of the last five seconds
    lateness  how much later than that a packet came
    delay     how much later than that its first sample is played

    patience  when a packet is given up: max(half a step, p98 of lateness + 5 ms)
              (+ what a step is longer than a packet: all of it must be there)
    target    the most delay wanted: patience + one step of the loudspeaker, which asks for a
              frame at a time, or for half of one where low delay is wanted; + offset of the
              farthest RED copy while packets are being lost here

A pre-roll comes as a lump: its packets are old when they are sent, which is not the network's
fault. None of them could come before the burst's first packet came, so lateness counts from
there at the earliest. The lump then is ordinary delay above the target, and is played faster.

p98 of five seconds alone would take five late packets to notice anything; the second worst of
the last second is looked at as well, so that delay grows after two late packets, and goes when
the bad second has left the long window. Pure: time is an argument.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
import numpy.typing as npt

from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE

# Implementation
CEILING = 0.5  # s; later than that nobody can talk with each other
_LEAST_PATIENCE = 0.5  # steps; a calm Wi-Fi, or a busy machine, needs 10 ms now and then
_ROOM = 0.005  # s above p98, for most of the two percent that p98 leaves out
_LONG = 256  # packets: five seconds of frames of 20 ms
_SHORT = 50  # packets: one second
_QUANTILE = 0.98
_LEARNED_PACKETS = 100  # for so long the delay learned from former bursts counts
_LEARNED_COPIES = 10  # packets; the first ones have nothing to copy yet
_REPAIR_SECONDS = 5.0  # for so long after a loss copies are waited for

Seconds = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LearnedDelay:
    """What one burst tells the next, in seconds.

    `lateness`: its p98. `copies`: how far back the copies went; 0 if nothing was lost here.
    """

    lateness: float = 0.0
    copies: float = 0.0


class TargetDelay:
    """The clock of one reception; positions are unwrapped RTP timestamps.

    `step`: seconds of sound that the loudspeaker asks for at a time.
    """

    def __init__(
        self, learned: LearnedDelay | None = None, step_samples: int = FRAME_SAMPLES
    ) -> None:
        self.step = step_samples / SAMPLE_RATE
        self._learned = learned or LearnedDelay()
        self._arrivals: Seconds = np.full(_LONG, inf)
        self._positions: Seconds = np.zeros(_LONG)
        self._count = 0
        self._first_arrival = inf
        self._base = inf
        self._lateness: float | None = None  # None: to be computed
        self._copies = 0.0
        self._missing = 0.0  # s of a step that the next packets bring
        self._repaired_at = -inf

    def note_arrival(self, position: int, now: float, samples: int = FRAME_SAMPLES) -> None:
        """A packet of so many samples came; its copies of others do not count."""
        self._missing = max(0.0, self.step - samples / SAMPLE_RATE)
        at = self._count % _LONG
        self._arrivals[at] = now
        self._positions[at] = position / SAMPLE_RATE
        self._count += 1
        self._first_arrival = min(self._first_arrival, now)
        self._base = float(np.min(self._arrivals - self._positions))
        self._lateness = None

    def note_copies(self, farthest_ticks: int) -> None:
        """The newest packet carries copies from so far back; 0: none."""
        self._copies = farthest_ticks / SAMPLE_RATE

    def note_repair(self, now: float) -> None:
        """A packet's time came, and it was not there itself."""
        self._repaired_at = now

    def delay(self, position: int, now: float) -> float:
        """How late the sound at `position` is if it is played now."""
        return now - self._base - position / SAMPLE_RATE

    def patience(self) -> float:
        """For so long it makes sense to wait for a packet itself."""
        needed = max(self.step * _LEAST_PATIENCE, self.lateness() + _ROOM)
        return min(needed + self._missing, CEILING)

    def target(self, now: float) -> float:
        """For so long, or up to one step less, sound is to be kept back."""
        return self.patience() + self._wait_for_copies(now) + self.step

    def lateness(self) -> float:
        """p98 of lateness, with what was learned before as long as little was seen."""
        if self._lateness is None:
            self._lateness = self._measure()
        if self._count < _LEARNED_PACKETS:
            return max(self._lateness, self._learned.lateness)
        return self._lateness

    def learned(self, now: float) -> LearnedDelay:
        """What the next burst should know; a burst too short to tell hands on what it got."""
        lateness = self.lateness() if self._count < _SHORT else self._measure()
        return LearnedDelay(lateness, self._wait_for_copies(now))

    def _wait_for_copies(self, now: float) -> float:
        if self._learned.copies and self._count < _LEARNED_COPIES:
            return max(self._copies, self._learned.copies)
        inherited = self._learned.copies and self._count < _LEARNED_PACKETS
        lossy = inherited or now - self._repaired_at < _REPAIR_SECONDS
        return self._copies if lossy else 0.0

    def _measure(self) -> float:
        seen = min(self._count, _LONG)
        if not seen:
            return 0.0
        due = np.maximum(self._positions + self._base, self._first_arrival)
        lateness = (self._arrivals - due)[:seen]
        newest = np.arange(self._count - min(seen, _SHORT), self._count) % _LONG
        return max(_high(lateness), _high(lateness[newest]))


def _high(lateness: Seconds) -> float:
    """The 98th percentile; with fewer than 50 values the largest."""
    rank = len(lateness) - 1 - int(len(lateness) * (1 - _QUANTILE) + 1e-9)
    return float(np.partition(lateness, rank)[rank])
