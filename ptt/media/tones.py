"""Short tones that tell the talker what the floor did; mixed in locally, never sent.

    granted      two notes upwards, 120 ms: speak
    denied       two low notes: no
    queued       one soft note: wait
    your turn    three notes upwards: the floor came out of the queue
    limit near   two quick high notes: finish
    ended        one short falling step: somebody's burst is over, or the own one was cut off
    lost         three falling notes: no connection
    back         down and up again: there is a connection once more

A tone that ends higher than it began is good news and one that ends lower bad, so that eyes are
not needed. No two have the same contour or length. Each note is a sine with its octave, softened
at both ends so that it does not click.
"""

from enum import Enum
from functools import cache

import numpy as np

from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE, Samples, Wave, saturated

# Implementation
_AMPLITUDE = 4000.0  # -18 dBFS: clear beside speech, not above it
_SOFT = 0.005  # s at both ends of a note
_PAUSE = 0.0


class Tone(Enum):
    """What is told, as notes: (Hz, seconds); 0 Hz is a pause."""

    GRANTED = ((660.0, 0.05), (880.0, 0.07))
    DENIED = ((220.0, 0.14), (_PAUSE, 0.04), (185.0, 0.22))
    QUEUED = ((440.0, 0.10),)
    YOUR_TURN = ((523.0, 0.06), (659.0, 0.06), (784.0, 0.10))
    LIMIT_NEAR = ((988.0, 0.06), (_PAUSE, 0.06), (988.0, 0.06))
    ENDED = ((587.0, 0.03), (440.0, 0.05))
    LOST = ((440.0, 0.12), (349.0, 0.12), (262.0, 0.24))
    BACK = ((349.0, 0.07), (262.0, 0.07), (523.0, 0.16))


@cache
def tone_frames(tone: Tone) -> tuple[bytes, ...]:
    """The tone as frames of 20 ms, the last filled up with silence; the same on every call."""
    return frames_of(saturated(np.concatenate([_note(*note) for note in tone.value])))


def frames_of(sound: Samples) -> tuple[bytes, ...]:
    """Any sound as frames of 20 ms, the last filled up with silence."""
    sound = np.pad(sound, (0, -len(sound) % FRAME_SAMPLES))
    return tuple(part.tobytes() for part in sound.reshape(-1, FRAME_SAMPLES))


def _note(frequency: float, seconds: float) -> Wave:
    samples = round(seconds * SAMPLE_RATE)
    phase = 2 * np.pi * frequency * np.arange(samples) / SAMPLE_RATE
    soft = np.minimum(
        1.0, np.minimum(np.arange(samples), np.arange(samples)[::-1]) / SAMPLE_RATE / _SOFT
    )
    wave = (0.8 * np.sin(phase) + 0.2 * np.sin(2 * phase)) * soft * _AMPLITUDE
    return wave.astype(np.float32)
