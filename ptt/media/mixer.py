"""Several frames at once become one: channels and tones on their way to the loudspeaker."""

from collections.abc import Sequence

import numpy as np

from ptt.media.frames import FRAME_OCTETS, SILENCE, samples_of


def mix(frames: Sequence[bytes]) -> bytes:
    """The sum of `frames`, each 20 ms; too loud stays at full scale; none is silence."""
    if not frames:
        return SILENCE
    if len(frames) == 1:
        return frames[0]
    total = np.zeros(FRAME_OCTETS // 2, dtype=np.int32)
    for frame in frames:
        total += samples_of(frame)
    return np.clip(total, -32768, 32767).astype(np.int16).tobytes()
