"""Whether somebody who tries the microphone is heard well. Pure."""

from collections.abc import Iterable
from enum import Enum, auto

from ptt.media.level import level_dbfs

# Implementation
SOFT, LOUD = -45.0, -6.0  # dBFS of the loudest 20 ms of somebody who speaks


class Loudness(Enum):
    """How loud the loudest frame was."""

    SOFT = auto()
    WELL = auto()
    LOUD = auto()


def judged(frames: Iterable[bytes]) -> tuple[Loudness, float]:
    """Of a short recording; and the level of its loudest frame, dBFS."""
    loudest = max(level_dbfs(frame) for frame in frames)
    if loudest < SOFT:
        return Loudness.SOFT, loudest
    return (Loudness.LOUD if loudest > LOUD else Loudness.WELL), loudest
