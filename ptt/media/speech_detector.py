"""Tells a voice from other sounds by their shape, whatever their level.

    WebRtcDetector   webrtcvad says speech, and the sound lasted: the default, 30 us a frame
    SileroDetector   silero_detector.py, by the extra [silero]: better in noise at 5 dB and babble

webrtcvad alone takes every keyboard for speech. A stroke dies out within 30 ms, at least above
1 kHz, where the desk does not ring; vowels last 60 ms and longer. So the middle frequencies,
emphasised by 6 dB an octave, must stay within 12 dB for 60 ms. Measured with benchmarks/
voice_activity.py: at 15 dB some keyboards open twice a minute, at 10 dB soft first syllables in
noise are lost. Harmonicity by autocorrelation was tried instead: a desk that rings at 200 Hz is as
periodic as a vowel, with the threshold at 0.7 it still opened 12 times a minute and lost 5 percent
of the speech.
"""

from collections import deque
from typing import Protocol

import numpy as np
import webrtcvad

from ptt.media.frames import SAMPLE_RATE, samples_of

# Implementation
_STRICTEST = 3  # of webrtcvad's modes 0 to 3
_DECIMATION = 6  # to 8 kHz
_SLICES = 2  # of 10 ms, a pitch period of the deepest voice
_STEADY_SLICES = 6
_STEADY_RATIO = 10 ** (12 / 10)  # of powers


class SpeechDetector(Protocol):
    """Gets every frame of one microphone in order."""

    hindsight: float  # seconds before a frame of speech that were speech too, it says

    def is_speech(self, frame: bytes) -> bool:
        """Whether the latest frame, 20 ms at 48 kHz, is part of a voice."""


class WebRtcDetector:
    """The detector of WebRTC in its strictest mode, and a test for steadiness."""

    hindsight = 0.04

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(_STRICTEST)
        self._last = np.float32(0)
        self._powers: deque[float] = deque([0.0], maxlen=_STEADY_SLICES)

    def is_speech(self, frame: bytes) -> bool:
        """Voice-like and steady since `hindsight` before the frame."""
        self._powers.extend(self._slice_powers(frame))
        speech = bool(self._vad.is_speech(frame, SAMPLE_RATE))
        return speech and max(self._powers) <= _STEADY_RATIO * min(self._powers)

    def _slice_powers(self, frame: bytes) -> list[float]:
        """Power of each slice at 8 kHz after the difference of neighbours."""
        wave = samples_of(frame).astype(np.float32).reshape(-1, _DECIMATION) @ _MEAN
        emphasised = np.empty_like(wave)
        np.subtract(wave[1:], wave[:-1], out=emphasised[1:])
        emphasised[0] = wave[0] - self._last
        self._last = wave[-1]
        slices = emphasised.reshape(_SLICES, -1)
        powers: list[float] = np.einsum("st,st->s", slices, slices).tolist()
        return powers


_MEAN = np.full(_DECIMATION, 1 / _DECIMATION, dtype=np.float32)
