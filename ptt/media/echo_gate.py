"""How loud the own loudspeaker is heard by the own microphone.

First cut: takes the loudspeaker to be heard as loud as it plays, for the tail. Pure.
"""

from collections import deque

from ptt.media.frames import FRAME_SECONDS
from ptt.media.level import SILENCE_DBFS, level_dbfs


class EchoGate:
    """One loudspeaker and one microphone; give it every frame of both."""

    def __init__(self, tail: float = 0.3) -> None:
        self._pending: deque[float] = deque(maxlen=25)
        self._played: deque[float] = deque(maxlen=1 + round(tail / FRAME_SECONDS))

    def note_played(self, frame: bytes) -> None:
        """A frame was given to the loudspeaker."""
        self._pending.append(level_dbfs(frame))

    def handle_level(self, level: float) -> float:
        """What the echo in a microphone's frame of `level` dBFS has at most, dBFS."""
        self._played.append(self._pending.popleft() if self._pending else SILENCE_DBFS)
        return max(self._played)
