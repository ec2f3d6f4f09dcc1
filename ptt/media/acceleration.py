"""Speech a little faster or slower at the same pitch: one pitch period less, or one more.

    shorter:  a b|c d ...  ->  a..b faded into c..d, then what follows: one period is gone
    longer:   a b|c d ...  ->  a b, then c..d faded into a..b, then c d

Voiced sound repeats itself from period to period, so a fade over one period from a place to the
place one period later cannot be heard. Where nothing repeats (consonants), sound is left alone
unless it is quiet; so no sound of speech vanishes. The idea is WSOLA's and that of NetEQ. Pure.
Does not know why or how much: see playout.py.
"""

import math
from typing import NamedTuple

import numpy as np

from ptt.media.frames import Samples, Wave, saturated

# Implementation
MIN_PERIOD = 120  # samples, 2.5 ms: 400 Hz
MAX_PERIOD = 720  # samples, 15 ms: 67 Hz
WINDOW = 2 * MAX_PERIOD  # samples that must be there to look for any period
_COARSE = 6  # periods are looked for at 8 kHz and then refined
_QUIET = 60.0  # root mean square of samples, -55 dBFS: a fade over anything goes unnoticed
_TINY = 1e-3


class Period(NamedTuple):
    """A length in samples after which the sound resembles itself, and how much (-1 to 1)."""

    samples: int
    likeness: float


def find_period(sound: Samples, longest: int = MAX_PERIOD) -> Period:
    """The period at the beginning of `sound`, of `longest` samples at most.

    Needs twice as many samples as the longest period; quiet sound resembles itself anywhere.
    """
    longest = min(longest, MAX_PERIOD, len(sound) // 2)
    if longest < MIN_PERIOD:
        return Period(0, -1.0)
    wave = sound[: 2 * longest].astype(np.float32)
    if float(np.dot(wave, wave)) < _QUIET**2 * len(wave):
        return Period(longest, 1.0)
    coarse = _coarse_period(wave, longest)
    around = range(max(MIN_PERIOD, coarse - _COARSE + 1), min(longest, coarse + _COARSE - 1) + 1)
    return max((Period(lag, _likeness(wave, lag)) for lag in around), key=lambda p: p.likeness)


def shorten(sound: Samples, period: int) -> Samples:
    """`sound` without one period at its beginning; needs two periods."""
    faded = _fade(sound[:period], sound[period : 2 * period])
    return np.concatenate((faded, sound[2 * period :]))


def lengthen(sound: Samples, period: int) -> Samples:
    """`sound` with the first period once more; needs two periods."""
    faded = _fade(sound[period : 2 * period], sound[:period])
    return np.concatenate((sound[:period], faded, sound[period:]))


def _fade(before: Samples, after: Samples) -> Samples:
    rising = np.linspace(0.0, 1.0, len(before), dtype=np.float32)
    old, new = before.astype(np.float32), after.astype(np.float32)
    return saturated(old + (new - old) * rising)


def _coarse_period(wave: Wave, longest: int) -> int:
    """The best period at an eighth of the work: every lag, at 8 kHz."""
    slow = wave[: len(wave) // _COARSE * _COARSE].reshape(-1, _COARSE).mean(axis=1)
    least, most = MIN_PERIOD // _COARSE, longest // _COARSE
    window = len(slow) - most
    head = slow[:window]
    products = np.correlate(slow[least : most + window], head, mode="valid")
    energy = np.concatenate(([0.0], np.cumsum(slow * slow)))
    lags = np.arange(least, most + 1)
    power = energy[lags + window] - energy[lags]
    likeness = products / np.sqrt(power * energy[window] + _TINY)
    return int(lags[int(np.argmax(likeness))]) * _COARSE


def _likeness(wave: Wave, lag: int) -> float:
    """Correlation of the two stretches that would be faded into each other."""
    before, after = wave[:lag], wave[lag : 2 * lag]
    power = float(np.dot(before, before)) * float(np.dot(after, after))
    return float(np.dot(before, after)) / math.sqrt(power + _TINY)
