"""Several frames at once become one: channels and tones on their way to the loudspeaker."""

from collections.abc import Sequence

import numpy as np

from ptt.media.frames import SILENCE, samples_of


def mix(frames: Sequence[bytes]) -> bytes:
    """The sum of `frames`, all of one length; too loud stays at full scale; none: silence."""
    if not frames:
        return SILENCE
    if len(frames) == 1:
        return frames[0]
    total = np.zeros(len(frames[0]) // 2, dtype=np.int32)
    for frame in frames:
        total += samples_of(frame)
    return np.clip(total, -32768, 32767).astype(np.int16).tobytes()
