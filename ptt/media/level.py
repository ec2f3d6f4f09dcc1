"""How loud a frame is (dBFS), for meters, gates and the open-microphone guard."""

import math

import numpy as np

from ptt.media.frames import samples_of

FULL_SCALE = 32768.0
SILENCE_DBFS = -100.0  # what digital silence is called, so that no infinity reaches a meter


def level_dbfs(pcm: bytes) -> float:
    """Root mean square of `pcm` in dB below full scale: -100 (silence) to 0 (square wave)."""
    wave = samples_of(pcm).astype(np.float32)
    if not len(wave):
        return SILENCE_DBFS
    power = float(np.dot(wave, wave)) / len(wave) / FULL_SCALE**2
    return max(SILENCE_DBFS, 10 * math.log10(power)) if power > 0 else SILENCE_DBFS
