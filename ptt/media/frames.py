"""What a frame of sound is, as numbers, and the step from octets to samples and back.

A frame is 20 ms: 960 samples, 48 kHz, one channel, signed 16 bit in the machine's byte order.
One tick of the RTP clock is one sample, so positions in ticks and counts of samples may be mixed.
"""

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 48_000  # Hz; also the RTP clock of Opus, RFC 7587 4.1
FRAME_SAMPLES = 960
FRAME_OCTETS = 2 * FRAME_SAMPLES
FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE
SILENCE = bytes(FRAME_OCTETS)

Samples = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float32]  # samples in the range of int16, or sums of them


def samples_of(pcm: bytes) -> Samples:
    """The samples of `pcm`; not writable, they share its memory."""
    return np.frombuffer(pcm, dtype=np.int16)


def saturated(wave: Wave) -> Samples:
    """Round to samples; what is too loud stays at full scale instead of wrapping round."""
    return np.clip(np.rint(wave), -32768, 32767).astype(np.int16)


def ticks_of(seconds: float) -> int:
    """A span of time on the RTP clock."""
    return round(seconds * SAMPLE_RATE)
