"""The tones of this client, one after another, as the person wants them. Pure.

Tones that come in quick succession wait for each other, but none begins more than a second late:
then what is before it is cut off. They go into the own loudspeaker behind everything that is
sent, kept or recorded.
"""

from collections import deque

import numpy as np

from ptt.client.settings import Settings
from ptt.media.frames import SAMPLE_RATE, samples_of, saturated
from ptt.media.gain import amplified
from ptt.media.tones import Tone, frames_of, tone_frames

# Implementation
MOST_BEHIND = 1.0  # s that a tone may come after what it tells

Frames = tuple[bytes, ...]


class TonePlayer:
    """Which tones sound, how loud, and by which sounds they are replaced: `Settings`."""

    def __init__(self, settings: Settings) -> None:
        self._waiting: deque[Tone] = deque()
        self._frames: deque[bytes] = deque()
        self._step_samples = settings.step_samples
        self.change(settings)

    def change(self, settings: Settings) -> None:
        """From now on these settings hold; a tone that sounds already goes on."""
        self._sounds = {
            tone: _frames(tone, settings, self._step_samples) for tone in settings.tones
        }
        self._waiting = deque(tone for tone in self._waiting if tone in self._sounds)

    def play(self, tone: Tone) -> None:
        """Play it after those before it, unless it waits already or was switched off."""
        if tone not in self._sounds or tone in self._waiting:
            return
        if self._seconds_before > MOST_BEHIND:
            self._cut()
        self._waiting.append(tone)

    def next_frame(self) -> list[bytes]:
        """The next step, or nothing."""
        if not self._frames and self._waiting:
            self._frames.extend(self._sounds[self._waiting.popleft()])
        return [self._frames.popleft()] if self._frames else []

    @property
    def sounding(self) -> bool:
        """Whether there is a next step."""
        return bool(self._frames or self._waiting)

    @property
    def _seconds_before(self) -> float:
        frames = sum(len(self._sounds[tone]) for tone in self._waiting)
        return (len(self._frames) + frames) * self._step_samples / SAMPLE_RATE

    def _cut(self) -> None:
        """End what sounds within a frame, so that it does not click, and forget what waits."""
        self._waiting.clear()
        if self._frames:
            rest = samples_of(self._frames[0])
            fade = np.linspace(1.0, 0.0, len(rest), dtype=np.float32)
            self._frames = deque([saturated(rest * fade).tobytes()])


def _frames(tone: Tone, settings: Settings, step_samples: int) -> Frames:
    sound = settings.tone_sounds.get(tone)
    whole = b"".join(tone_frames(tone) if sound is None else frames_of(samples_of(sound)))
    pieces = (whole[at : at + 2 * step_samples] for at in range(0, len(whole), 2 * step_samples))
    return tuple(amplified(piece, settings.tone_volume) for piece in pieces)
