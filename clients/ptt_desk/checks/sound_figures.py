"""Figures about recorded sound, and the tone that a loudspeaker is tried with. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from ptt.media.frames import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, samples_of, saturated
from ptt.media.level import FULL_SCALE, SILENCE_DBFS, level_dbfs

# Implementation
TONE_HZ = 1000.0  # 20 whole periods a frame: no window is needed to tell it from its neighbours
TONE_SECONDS = 0.6
TONE_DBFS = -26.0  # of its peak: clear in a quiet room, below the tones of the floor
_SOFT = 0.01  # s at both ends
_NEARLY_FULL = 32_700  # a converter at its end does not always reach 32767
_QUIETEST_SHARE = 10  # per cent of the frames: what sounds when nobody speaks


@dataclass(frozen=True, slots=True)
class SoundFigures:
    """Of one recording: levels in dBFS, `clipped` the share of samples at full scale.

    level: of all of it; noise: of its quietest tenth; peak: of its loudest sample; dead: not one
    sample differs from the others, which no real microphone does.
    """

    level: float
    noise: float
    peak: float
    clipped: float
    dead: bool


def figures_of(frames: Sequence[bytes]) -> SoundFigures:
    """Of frames of 20 ms; at least one."""
    sound = b"".join(frames)
    samples = samples_of(sound).astype(np.int32)
    peak = int(np.abs(samples).max())
    return SoundFigures(
        level=level_dbfs(sound),
        noise=float(np.percentile([level_dbfs(frame) for frame in frames], _QUIETEST_SHARE)),
        peak=_dbfs(peak / FULL_SCALE),
        clipped=float(np.mean(np.abs(samples) >= _NEARLY_FULL)),
        dead=bool((samples == samples[0]).all()),
    )


@cache
def tone() -> tuple[bytes, ...]:
    """The tone, as frames."""
    samples = np.arange(round(TONE_SECONDS * SAMPLE_RATE))
    ends = np.minimum(samples, samples[::-1]) / (_SOFT * SAMPLE_RATE)
    wave = np.sin(2 * np.pi * TONE_HZ * samples / SAMPLE_RATE) * np.minimum(1.0, ends)
    loud = saturated((wave * FULL_SCALE * 10 ** (TONE_DBFS / 20)).astype(np.float32))
    return tuple(part.tobytes() for part in loud.reshape(-1, FRAME_SAMPLES))


def tone_above_noise(before: Sequence[bytes], while_playing: Sequence[bytes]) -> float:
    """How much louder the tone's frequency is while it plays than before, in dB.

    For at least half of the tone's length, so that a knock on the desk is none; at most 100.
    """
    half = round(TONE_SECONDS / FRAME_SECONDS / 2)
    loudest = sorted((_tone_dbfs(frame) for frame in while_playing), reverse=True)[:half]
    quiet = max((_tone_dbfs(frame) for frame in before), default=SILENCE_DBFS)
    return loudest[-1] - quiet if len(loudest) == half else 0.0


def _tone_dbfs(frame: bytes) -> float:
    """Amplitude of the tone in the frame, by Goertzel's sum."""
    wave = samples_of(frame).astype(np.float64)
    turns = np.exp(-2j * np.pi * TONE_HZ / SAMPLE_RATE * np.arange(len(wave)))
    return _dbfs(2 * abs(np.dot(wave, turns)) / len(wave) / FULL_SCALE)


def _dbfs(share: float) -> float:
    return max(SILENCE_DBFS, float(20 * np.log10(share))) if share > 0 else SILENCE_DBFS
