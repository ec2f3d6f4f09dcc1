"""Sound of a device that does not offer 48 kHz mono, piece by piece (soxr, mixdown).

    device format --ToFrames--> 48 kHz mono    48 kHz mono --FromFrames--> device format

All sound is signed 16 bit in the machine's byte order, channels interleaved. Keeps the filter's
state from piece to piece; knows nothing of devices.
"""

from dataclasses import dataclass

import numpy as np
import soxr

from ptt.client.audio_ports import SAMPLE_RATE

# Implementation
QUALITY = "LQ"  # 0.5 ms of delay and steady pieces; MQ has 6 ms in pieces of 20, HQ 14 ms


@dataclass(frozen=True, slots=True)
class StreamFormat:
    """How a device wants its sound: rate in Hz."""

    rate: int = SAMPLE_RATE
    channels: int = 1
    blocks_per_second: int = 100

    @property
    def block_samples(self) -> int:
        """Samples of each channel in a block."""
        return self.rate // self.blocks_per_second

    @property
    def block_octets(self) -> int:
        """Octets of all channels in a block."""
        return 2 * self.channels * self.block_samples


NATIVE = StreamFormat()


def formats_to_try(channels: int, rate: int, blocks_per_second: int = 100) -> list[StreamFormat]:
    """Formats for a device that has at most `channels` and prefers `rate`, best first."""
    wanted = [(r, c) for r in (SAMPLE_RATE, rate) for c in (1, 2, channels) if c <= channels]
    return [StreamFormat(r, c, blocks_per_second) for r, c in dict.fromkeys(wanted)]


class ToFrames:
    """From a microphone's format."""

    def __init__(self, source: StreamFormat) -> None:
        self._channels = source.channels
        self._resampler = _resampler(source.rate, SAMPLE_RATE)

    def convert(self, pcm: bytes) -> bytes:
        """The next piece: whole samples of all channels in, 48 kHz mono out."""
        if self._channels == 1 and self._resampler is None:
            return pcm
        sound = np.frombuffer(pcm, dtype=np.int16)
        if self._channels > 1:
            sound = sound.reshape(-1, self._channels).mean(axis=1).astype(np.int16)
        if self._resampler is not None:
            sound = self._resampler.resample_chunk(sound)
        return sound.tobytes()


class FromFrames:
    """To a loudspeaker's format."""

    def __init__(self, sink: StreamFormat) -> None:
        self._channels = sink.channels
        self._resampler = _resampler(SAMPLE_RATE, sink.rate)

    def convert(self, pcm: bytes) -> bytes:
        """The next piece: 48 kHz mono in, the same sound on every channel out."""
        if self._channels == 1 and self._resampler is None:
            return pcm
        sound = np.frombuffer(pcm, dtype=np.int16)
        if self._resampler is not None:
            sound = self._resampler.resample_chunk(sound)
        return np.repeat(sound, self._channels).tobytes()


def _resampler(source: int, sink: int) -> soxr.ResampleStream | None:
    if source == sink:
        return None
    return soxr.ResampleStream(source, sink, 1, dtype="int16", quality=QUALITY)
