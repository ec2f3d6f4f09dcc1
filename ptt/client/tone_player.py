"""The tones of this client, one after another, as the person wants them. Pure.

Tones that come in quick succession wait for each other, but none begins more than a second late:
then what is before it is cut off. They go into the own loudspeaker behind everything that is
sent, kept or recorded.
"""

from collections import deque

import numpy as np

from ptt.client.settings import Settings
from ptt.media.frames import FRAME_SAMPLES, FRAME_SECONDS, samples_of, saturated
from ptt.media.gain import amplified
from ptt.media.tones import Tone, frames_of, tone_frames

# Implementation
MOST_BEHIND = 1.0  # s that a tone may come after what it tells
_FADE = np.linspace(1.0, 0.0, FRAME_SAMPLES, dtype=np.float32)

Frames = tuple[bytes, ...]


class TonePlayer:
    """Which tones sound, how loud, and by which sounds they are replaced: `Settings`."""

    def __init__(self, settings: Settings) -> None:
        self._waiting: deque[Tone] = deque()
        self._frames: deque[bytes] = deque()
        self.change(settings)

    def change(self, settings: Settings) -> None:
        """From now on these settings hold; a tone that sounds already goes on."""
        self._sounds = {tone: _frames(tone, settings) for tone in settings.tones}
        self._waiting = deque(tone for tone in self._waiting if tone in self._sounds)

    def play(self, tone: Tone) -> None:
        """Play it after those before it, unless it waits already or was switched off."""
        if tone not in self._sounds or tone in self._waiting:
            return
        if self._seconds_before > MOST_BEHIND:
            self._cut()
        self._waiting.append(tone)

    def next_frame(self) -> list[bytes]:
        """The next 20 ms, or nothing."""
        if not self._frames and self._waiting:
            self._frames.extend(self._sounds[self._waiting.popleft()])
        return [self._frames.popleft()] if self._frames else []

    @property
    def _seconds_before(self) -> float:
        frames = sum(len(self._sounds[tone]) for tone in self._waiting)
        return (len(self._frames) + frames) * FRAME_SECONDS

    def _cut(self) -> None:
        """End what sounds within a frame, so that it does not click, and forget what waits."""
        self._waiting.clear()
        if self._frames:
            self._frames = deque([saturated(samples_of(self._frames[0]) * _FADE).tobytes()])


def _frames(tone: Tone, settings: Settings) -> Frames:
    sound = settings.tone_sounds.get(tone)
    frames = tone_frames(tone) if sound is None else frames_of(samples_of(sound))
    return tuple(amplified(frame, settings.tone_volume) for frame in frames)
