"""Sound that resembles speech, made by arithmetic: the same on every machine."""

import numpy as np
import numpy.typing as npt

from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE

Samples = npt.NDArray[np.int16]


def voice(seconds: float, *, pitch: float = 120.0, seed: int = 1) -> Samples:
    """Syllables of a gliding voice: harmonics under two formants, a hiss before each, pauses."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    frequency = pitch * (1 + 0.15 * np.sin(2 * np.pi * 0.7 * time))
    phase = 2 * np.pi * np.cumsum(frequency) / SAMPLE_RATE
    wave = np.zeros_like(time)
    for harmonic in range(1, 25):
        at = harmonic * pitch
        weight = np.exp(-(((at - 500) / 250) ** 2)) + 0.5 * np.exp(-(((at - 1500) / 400) ** 2))
        wave += (weight + 0.02) * np.sin(harmonic * phase)
    syllable = np.clip(np.sin(2 * np.pi * 3.5 * time) + 0.4, 0, 1)
    hiss = np.clip(-np.sin(2 * np.pi * 3.5 * time + 0.6) - 0.7, 0, 1) * rng.standard_normal(
        len(time)
    )
    wave = wave * syllable + 0.4 * hiss
    return np.asarray(wave / np.abs(wave).max() * 16000, dtype=np.int16)


def frames(sound: Samples) -> list[bytes]:
    """Whole frames of 20 ms."""
    count = len(sound) // FRAME_SAMPLES
    return [sound[n * FRAME_SAMPLES :][:FRAME_SAMPLES].tobytes() for n in range(count)]


def samples(pcm: bytes) -> Samples:
    """Back to numbers."""
    return np.frombuffer(pcm, dtype=np.int16)


def likeness(said: Samples, heard: Samples) -> tuple[float, int]:
    """How alike (0 to 1), and where in `heard` the beginning of `said` is."""
    size = 1 << (len(said) + len(heard)).bit_length()
    a, b = said.astype(np.float64), heard.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    lag = int(np.argmax(products[: len(heard)]))
    piece = b[lag : lag + len(a)]
    return float(products[lag] / np.sqrt(np.sum(a**2) * np.sum(piece**2))), lag
