"""Sound of one burst that was decoded and not yet played; made longer or shorter in here.

    packet -> Opus -> [ samples | samples | ... ] -> frames of 20 ms
                        ^ a period less or more

Does not decide anything: see playout.py.
"""

import numpy as np

from ptt.media.acceleration import MAX_PERIOD, find_period, lengthen, shorten
from ptt.media.frames import FRAME_SAMPLES, Samples, samples_of
from ptt.media.opus import OpusDecoder

# Implementation
_OPUS_STEP = 120  # samples; the shortest that Opus conceals
_END_FADE = 240  # samples, 5 ms: a burst that stops at once clicks
_EMPTY: Samples = np.zeros(0, dtype=np.int16)


class DecodedSound:
    """A queue of samples behind an Opus decoder."""

    def __init__(self) -> None:
        self._decoder = OpusDecoder()
        self._samples = _EMPTY

    def __len__(self) -> int:
        return len(self._samples)

    def decode(self, opus: bytes) -> int:
        """Append what `opus` sounds like; samples of it; raises MalformedPacketError."""
        return self._append(samples_of(self._decoder.decode(opus)))

    def conceal(self, samples: int) -> int:
        """Append `samples` of invented sound, at most 120 ms."""
        whole = -(-samples // _OPUS_STEP) * _OPUS_STEP
        return self._append(samples_of(self._decoder.conceal(whole))[:samples])

    def add_silence(self, samples: int) -> int:
        """Append silence."""
        return self._append(np.zeros(samples, dtype=np.int16))

    def shorten(self, longest: int, least_likeness: float) -> int:
        """Leave out one period of `longest` samples at most; how many were left out, or 0."""
        period = find_period(self._samples, longest)
        if period.likeness < least_likeness:
            return 0
        self._samples = shorten(self._samples, period.samples)
        return period.samples

    def lengthen(self, least_likeness: float) -> int:
        """Say one period twice; how many samples more that are, or 0."""
        period = find_period(self._samples, MAX_PERIOD)
        if period.likeness < least_likeness:
            return 0
        self._samples = lengthen(self._samples, period.samples)
        return period.samples

    def take(self, samples: int = FRAME_SAMPLES) -> bytes:
        """So many samples; there must be as many."""
        frame, self._samples = self._samples[:samples], self._samples[samples:]
        return frame.tobytes()

    def take_last(self, samples: int = FRAME_SAMPLES) -> bytes:
        """The rest, as so many samples: faded out, filled with silence."""
        rest, self._samples = self._samples[:samples].astype(np.float32), _EMPTY
        fade = min(_END_FADE, len(rest))
        rest[len(rest) - fade :] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
        frame = np.zeros(samples, dtype=np.int16)
        frame[: len(rest)] = rest.astype(np.int16)
        return frame.tobytes()

    def _append(self, samples: Samples) -> int:
        self._samples = np.concatenate((self._samples, samples)) if len(self) else samples
        return len(samples)
