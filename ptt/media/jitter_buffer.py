"""Turns Opus packets in any order into Opus packets in playing order.

Keyed by position: the RTP timestamp, unwrapped, so that a RED copy and its original are the same
thing. Pure storage. Does not know time or delay (target_delay.py) and does not decode
(playout.py).
"""

from bisect import insort
from typing import NamedTuple

from ptt.media.frames import SAMPLE_RATE

# Implementation
MAX_AHEAD = 10 * SAMPLE_RATE  # ticks; five times the longest pre-roll; more is a broken clock
MAX_PACKETS = 1000  # as many frames of 10 ms


class BufferedPacket(NamedTuple):
    """One Opus packet; `position` and `samples` in ticks, `copied` if only a copy came."""

    position: int
    opus: bytes
    samples: int
    copied: bool

    @property
    def end(self) -> int:
        """The position after its last sample."""
        return self.position + self.samples


class JitterBuffer:
    """The packets of one burst that came and were not played yet."""

    def __init__(self) -> None:
        self._packets: dict[int, BufferedPacket] = {}
        self._order: list[int] = []  # positions, ascending

    def __len__(self) -> int:
        return len(self._order)

    def insert(self, packet: BufferedPacket) -> bool:
        """Keep `packet`; False if it is there already or the buffer is full.

        An original takes the place of its copy.
        """
        known = self._packets.get(packet.position)
        if known is None and len(self) < MAX_PACKETS:
            insort(self._order, packet.position)
        elif known is None or packet.copied or not known.copied:
            return False
        self._packets[packet.position] = packet
        return True

    @property
    def first(self) -> int | None:
        """The position of the earliest packet."""
        return self._order[0] if self._order else None

    def pop_first(self) -> BufferedPacket:
        """Take out the earliest packet; raises IndexError if there is none."""
        return self._packets.pop(self._order.pop(0))

    def drop_before(self, position: int) -> None:
        """Throw away what begins before `position`: its time has passed."""
        while self._order and self._order[0] < position:
            self.pop_first()

    def start_of_run(self, position: int) -> int:
        """Where the unbroken run of packets begins that leads up to `position`."""
        begins = {packet.end: at for at, packet in self._packets.items()}
        while position in begins:
            position = begins[position]
        return position
