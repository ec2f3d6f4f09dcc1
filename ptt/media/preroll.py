"""The microphone's last moments, so that nothing said before the grant is lost.

    off            nothing is kept; the talker speaks after the permit tone
    from key-down  frames since the key went down
    always warm    also the 400 ms before that: voice activation is sure only 200 ms after the
                   first syllable, and a quick tongue is faster than a finger

Frames live in memory only, are bounded, and are gone when taken or cleared.
"""

from collections import deque
from enum import Enum

from ptt.media.frames import FRAME_SECONDS

# Implementation
WARM_SECONDS = 0.4  # onset of the voice gate takes up to 225 ms; and the breath before it
LIMIT_SECONDS = 2.0  # what listeners can catch up in ten seconds


class PreRollLevel(Enum):
    """How much is kept."""

    OFF = "off"
    FROM_KEY_DOWN = "from-key-down"
    ALWAYS_WARM = "always-warm"


class PreRoll:
    """Frames between the first word and the grant.

    `begin` when the key goes down or speech starts, `add` each frame of the open microphone,
    `take` at the grant, `clear` when there will be none. While not begun only ALWAYS_WARM
    keeps anything, the last `warm_seconds`; afterwards at most `limit_seconds`, newest kept.
    `level` may be changed at any time.
    """

    def __init__(
        self,
        level: PreRollLevel = PreRollLevel.FROM_KEY_DOWN,
        *,
        warm_seconds: float = WARM_SECONDS,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self.level = level
        self.begun = False
        self._warm = round(warm_seconds / FRAME_SECONDS)
        self._frames: deque[bytes] = deque(maxlen=round(limit_seconds / FRAME_SECONDS))

    def begin(self) -> None:
        """Keep everything from here on."""
        self.begun = True

    def add(self, frame: bytes) -> None:
        """Remember the frame that the microphone just gave, if the level wants it."""
        if self.begun and self.level is not PreRollLevel.OFF:
            self._frames.append(frame)
        elif self.level is PreRollLevel.ALWAYS_WARM:
            self._keep_warm(frame)

    def take(self) -> list[bytes]:
        """What was kept, oldest first; the buffer is empty afterwards and no longer begun."""
        frames = list(self._frames)
        self.clear()
        return frames

    def clear(self) -> None:
        """Forget everything."""
        self.begun = False
        self._frames.clear()

    @property
    def seconds(self) -> float:
        """How much sound is held at this moment, for the face to show."""
        return len(self._frames) * FRAME_SECONDS

    def _keep_warm(self, frame: bytes) -> None:
        self._frames.append(frame)
        while len(self._frames) > self._warm:
            self._frames.popleft()
