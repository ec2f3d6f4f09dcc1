"""How late, and how like the original, is what somebody heard? Pure; numpy only.

Speech is cut into windows; each is looked for in the recording by normalised cross-correlation
(NIST IR 8206 measures mouth-to-ear delay the same way). Sound is float, -1 to 1, one channel.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float64]

SPEECH_RMS = 0.01  # quieter windows (-40 dBFS) are pauses and say nothing about delay


@dataclass(frozen=True, slots=True)
class Window:
    """One piece of what was said: `at` and `delay` in seconds, `likeness` 0 to 1."""

    at: float
    delay: float
    likeness: float


def find(piece: Sound, within: Sound) -> tuple[int, float]:
    """Where `piece` fits best in `within` (in samples), and how well (correlation, 0 to 1)."""
    if len(within) < len(piece):
        return 0, 0.0
    size = 1 << (len(within) + len(piece) - 1).bit_length()
    spectrum = np.fft.rfft(within, size) * np.conj(np.fft.rfft(piece, size))
    products = np.fft.irfft(spectrum, size)[: len(within) - len(piece) + 1]
    energy = np.cumsum(np.concatenate(([0.0], within**2)))
    norms = np.sqrt((energy[len(piece) :] - energy[: -len(piece)]) * np.sum(piece**2))
    likeness = products / np.maximum(norms, 1e-9)
    best = int(np.argmax(likeness))
    return best, float(likeness[best])


def windows(
    said: Sound, heard: Sound, rate: int, *, length: float = 0.4, latest: float = 0.6
) -> list[Window]:
    """Delay of each window of speech. Sample 0 of both sounds is the same instant."""
    size = int(length * rate)
    found = []
    for start in range(0, len(said) - size + 1, size):
        piece = said[start : start + size]
        if np.sqrt(np.mean(piece**2)) < SPEECH_RMS:
            continue
        lag, likeness = find(piece, heard[start : start + size + int(latest * rate)])
        found.append(Window(start / rate, lag / rate, likeness))
    return found


def loudness(sound: Sound, rate: int, step: float = 0.05) -> Sound:
    """RMS of each `step` seconds, in dBFS, silence as -60."""
    size = int(step * rate)
    rows = sound[: len(sound) // size * size].reshape(-1, size)
    rms = np.sqrt(np.mean(rows**2, axis=1))
    return np.asarray(20 * np.log10(np.maximum(rms, 1e-3)), dtype=np.float64)
