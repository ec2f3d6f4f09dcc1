"""Louder or softer, in decibels, without a click when the wish changes and without wrapping round.

What is to stay as it is goes through untouched: no gain costs no time. Pure.
"""

import numpy as np

from ptt.media.frames import Wave, samples_of, saturated

LOWEST, HIGHEST = -40.0, 12.0  # dB; what a person may ask for, the rest is held to it


def factor_of(decibels: float) -> float:
    """What samples are multiplied by; `decibels` beyond LOWEST and HIGHEST count as those."""
    return float(10.0 ** (min(max(decibels, LOWEST), HIGHEST) / 20.0))


def amplified(pcm: bytes, decibels: float) -> bytes:
    """All of `pcm` at once; the same octets for 0 dB."""
    if not decibels:
        return pcm
    return saturated(samples_of(pcm) * np.float32(factor_of(decibels))).tobytes()


class Gain:
    """The gain of one sound, frame after frame; it glides to another value within a frame."""

    def __init__(self) -> None:
        self._decibels: float | None = None

    def apply(self, frame: bytes, decibels: float) -> bytes:
        """This frame of 20 ms so much louder; the first one does not glide."""
        before, self._decibels = self._decibels, decibels
        if before is None or before == decibels:
            return amplified(frame, decibels)
        glide = np.linspace(
            factor_of(before), factor_of(decibels), len(frame) // 2, dtype=np.float32
        )
        wave: Wave = samples_of(frame) * glide
        return saturated(wave).tobytes()
