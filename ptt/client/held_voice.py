"""Voice that came before what is needed to hear it: a key, or the announcement of its burst.

Bounded twice: nothing is kept for longer than a second, and no more than 64 packets of one kind.
Sealed datagrams cannot be opened yet; strangers are open and authentic, of a burst that nobody
announced.
"""

from collections import deque

from ptt.wire.rtp import RtpPacket

# Implementation
HOLD_SECONDS = 1.0  # what is older is history, not speech
HOLD_PACKETS = 64  # 1.28 s of frames of 20 ms
MAX_STRANGERS = 4  # bursts of one channel that may wait at the same time

_Sealed = deque[tuple[float, bytes]]
_Opened = deque[tuple[float, RtpPacket]]


class HeldVoice:
    """Packets with the time of their arrival."""

    def __init__(self) -> None:
        self._sealed: _Sealed = deque(maxlen=HOLD_PACKETS)
        self._strangers: dict[tuple[int, int], _Opened] = {}

    def add_sealed(self, datagram: bytes, now: float) -> None:
        """Keep a datagram whose key is not known; the oldest makes room."""
        self._sealed.append((now, datagram))

    def take_sealed(self, now: float) -> list[tuple[float, bytes]]:
        """All that are young enough, in the order in which they came; none is left."""
        taken = [one for one in self._sealed if one[0] >= now - HOLD_SECONDS]
        self._sealed.clear()
        return taken

    def add_stranger(self, channel: int, packet: RtpPacket, now: float) -> None:
        """Keep a packet of a burst that was not announced in `channel`."""
        packets = self._strangers.get((channel, packet.ssrc))
        if packets is None:
            self._make_room(channel, now)
            packets = self._strangers[channel, packet.ssrc] = deque(maxlen=HOLD_PACKETS)
        packets.append((now, packet))

    def take_stranger(self, channel: int, ssrc: int, now: float) -> list[tuple[float, RtpPacket]]:
        """What was kept of the burst and is young enough."""
        packets = self._strangers.pop((channel, ssrc), ())
        return [one for one in packets if one[0] >= now - HOLD_SECONDS]

    def drop_strangers(self, channel: int) -> None:
        """Forget what was kept for the channel."""
        for known in [key for key in self._strangers if key[0] == channel]:
            del self._strangers[known]

    def _make_room(self, channel: int, now: float) -> None:
        """Forget what is too old in all channels, and in this one the oldest beyond the limit."""
        for key, packets in list(self._strangers.items()):
            if packets[-1][0] < now - HOLD_SECONDS:
                del self._strangers[key]
        same = [key for key in self._strangers if key[0] == channel]
        for key in same[: max(len(same) + 1 - MAX_STRANGERS, 0)]:
            del self._strangers[key]
