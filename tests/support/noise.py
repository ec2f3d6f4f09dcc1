"""A quiet room as a WAV file: noise, since no real microphone gives digital silence."""

import wave
from pathlib import Path

import numpy as np

from ptt.media.frames import SAMPLE_RATE

SEED = 5


def write_noise(path: Path, seconds: float, dbfs: float = -60.0) -> Path:
    """White noise of that level, 48 kHz mono; returns the path."""
    rng = np.random.default_rng(SEED)
    wave_form = rng.normal(0, 32768 * 10 ** (dbfs / 20), round(seconds * SAMPLE_RATE))
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(np.clip(wave_form, -32768, 32767).astype(np.int16).tobytes())
    return path
