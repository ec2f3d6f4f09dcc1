"""A desk with a loudspeaker: what the microphone gets of it, and in which order both are served."""

import numpy as np
import numpy.typing as npt

from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE
from ptt.media.voice_activity import VoiceActivity
from tests.support import speech

Sound = npt.NDArray[np.float64]  # in the range of int16
OFTEN = 0.02  # chance of a frame that the lag jumps


def conversation(seconds: float, seed: int = 1) -> Sound:
    """Different voices one after another, with pauses of different length."""
    rng = np.random.default_rng(seed)
    parts: list[Sound] = []
    while sum(map(len, parts)) < seconds * SAMPLE_RATE:
        spoken = speech.voice(rng.uniform(0.4, 2.0), pitch=rng.uniform(90, 220), seed=seed)
        fade = np.minimum(1, np.arange(len(spoken)) / 960) * rng.uniform(0.4, 1.0)
        parts += [spoken * fade, np.zeros(round(rng.uniform(0.1, 0.7) * SAMPLE_RATE))]
    return np.concatenate(parts)[: round(seconds * SAMPLE_RATE)]


def echo(played: Sound, coupling: float, lag: float, seed: int = 1) -> Sound:
    """`played` through a room: `coupling` in dB, `lag` in seconds, and 0.4 s until -60 dB."""
    rng = np.random.default_rng(seed)
    time = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    answer = rng.standard_normal(len(time)) * 10 ** (-3 * time / 0.4)
    answer *= 0.5 / np.sqrt((answer**2).sum())
    answer[0] = 1.0
    late = np.concatenate([np.zeros(round(lag * SAMPLE_RATE)), played])[: len(played)]
    size = len(late) + len(answer)
    heard = np.fft.irfft(np.fft.rfft(late, size) * np.fft.rfft(answer, size), size)[: len(late)]
    return np.asarray(heard * 10 ** (coupling / 20))


def room(seconds: float, dbfs: float = -65.0, seed: int = 1) -> Sound:
    """The noise of a quiet office."""
    rng = np.random.default_rng(seed)
    return rng.standard_normal(round(seconds * SAMPLE_RATE)) * 32768 * 10 ** (dbfs / 20)


def listen(
    activity: VoiceActivity, played: Sound, microphone: Sound, seed: int | None = None
) -> list[bool]:
    """Whether somebody speaks, frame by frame; with a seed the lag jumps by a frame at times."""
    rng = np.random.default_rng(seed)
    waiting, ahead, heard = _frames(played)[::-1], False, []
    for frame in _frames(microphone):
        jump = seed is not None and rng.random() < OFTEN
        for _ in range((0 if ahead else 2) if jump else 1):
            if waiting:
                activity.note_played(waiting.pop())
        ahead ^= jump
        heard.append(activity.handle_frame(frame))
    return heard


def _frames(sound: Sound) -> list[bytes]:
    whole = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES]
    return speech.frames(np.clip(whole, -32768, 32767).astype(np.int16))
