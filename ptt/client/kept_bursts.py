"""The last minute of each channel's bursts, to be heard again: Opus in memory, never on disk.

Only of channels whose description permits it, only what was authentic and announced, and the own
bursts as well. Counts sound, not time: the last burst is there also after an hour of silence. Of
what is longer than a minute the beginning goes. Pure. Does not play: see replay.py.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ptt.errors import MalformedPacketError
from ptt.media.frames import SAMPLE_RATE
from ptt.media.jitter_buffer import MAX_AHEAD
from ptt.media.opus_packet import opus_samples_untrusted
from ptt.media.reception import blocks_untrusted
from ptt.wire.rtp import RtpPacket
from ptt.wire.sequence import TIMESTAMP_BITS, extend

# Implementation
LONGEST_KEPT = 60.0  # s of sound in each channel
_MOST_SAMPLES = round(LONGEST_KEPT * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class KeptPacket:
    """One Opus packet and how long it sounds."""

    opus: bytes
    samples: int


@dataclass(eq=False, slots=True)
class KeptBurst:
    """One burst: who talked, when it began by the clock of arrivals, and its packets.

    `packets` are by position, the unwrapped RTP timestamp, in the order in which they came.
    """

    ssrc: int
    talker: str
    began: float
    newest: int  # position
    packets: dict[int, KeptPacket] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it sounds."""
        return sum(packet.samples for packet in self.packets.values()) / SAMPLE_RATE


class KeptBursts:
    """Of all channels, by their numbers; nothing is kept where it is not permitted."""

    def __init__(self) -> None:
        self._channels: dict[int, _Kept] = {}

    def permit(self, channels: Iterable[int]) -> None:
        """Keep bursts of these channels from now on; forget those of all others."""
        self._channels = {number: self._channels.get(number, _Kept()) for number in channels}

    def forget(self, channel: int) -> None:
        """Forget all that was kept of the channel."""
        if channel in self._channels:
            self._channels[channel] = _Kept()

    def bursts(self, channel: int) -> Sequence[KeptBurst]:
        """What is there, oldest first."""
        kept = self._channels.get(channel)
        return kept.bursts if kept else ()

    def add(self, channel: int, talker: str, packet: RtpPacket, now: float) -> None:
        """Keep what this packet of an announced burst says, unless it is there already."""
        kept = self._channels.get(channel)
        if kept is None:
            return
        try:
            kept.add(talker, packet, now)
        except MalformedPacketError:
            return  # counted by the reception


class _Kept:
    """One channel."""

    def __init__(self) -> None:
        self.bursts: deque[KeptBurst] = deque()
        self._samples = 0

    def add(self, talker: str, packet: RtpPacket, now: float) -> None:
        blocks = blocks_untrusted(packet)
        lengths = [opus_samples_untrusted(block.payload) for block in blocks]
        burst = self._burst(talker, packet, now)
        position = extend(packet.timestamp, burst.newest, TIMESTAMP_BITS)
        if abs(position - burst.newest) > MAX_AHEAD:
            return
        burst.newest = max(burst.newest, position)
        for block, samples in zip(blocks, lengths, strict=True):
            self._put(burst, position - block.offset_ticks, KeptPacket(block.payload, samples))
        self._make_room()

    def _burst(self, talker: str, packet: RtpPacket, now: float) -> KeptBurst:
        for burst in reversed(self.bursts):
            if burst.ssrc == packet.ssrc:
                return burst
        self.bursts.append(KeptBurst(packet.ssrc, talker, now, packet.timestamp))
        return self.bursts[-1]

    def _put(self, burst: KeptBurst, position: int, packet: KeptPacket) -> None:
        if position not in burst.packets:
            burst.packets[position] = packet
            self._samples += packet.samples

    def _make_room(self) -> None:
        while self._samples > _MOST_SAMPLES:
            oldest = self.bursts[0]
            first = oldest.packets.pop(next(iter(oldest.packets)))
            self._samples -= first.samples
            if not oldest.packets:
                self.bursts.popleft()
