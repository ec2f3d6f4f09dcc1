"""Notices that two send one burst: the server, and somebody who has the channel's key.

Every member has that key, so nothing that is under it proves that the server sent it. But one
sender sends each sequence number once and in order. Either the forger's numbers are those that
the server uses as well, and of two packets with one number the second differs; or they are so far
ahead that those of the server seem to be late by most of a second. What a network does - repeats
a packet, lets some overtake others - is neither. Pure. Cannot say which of the two is the server.
"""

from ptt.wire.sequence import ahead

# Implementation
FAR_BEHIND = 40  # packets, 0.8 s; a network that reorders does it within some ten
EVIDENCE = 3  # packets until it is said
REMEMBERED = 128  # packets; a number that is further back is far behind anyway
_SEQUENCE = slice(2, 4)  # RFC 3550, 5.1
_END = 20  # octets: the tag and the epoch, which no two packets have in common


class TwoSenders:
    """Of one burst that was announced. Both methods say True once, when there is no more doubt."""

    def __init__(self) -> None:
        self._ends: dict[int, bytes] = {}  # by sequence number, in the order of arrival
        self._newest: int | None = None
        self._evidence = 0

    def note_opened(self, datagram: bytes) -> bool:
        """A datagram that was authentic and new."""
        sequence = int.from_bytes(datagram[_SEQUENCE], "big")
        self._ends[sequence] = datagram[-_END:]
        if len(self._ends) > REMEMBERED:
            del self._ends[next(iter(self._ends))]
        if self._newest is None or ahead(sequence, self._newest) > 0:
            self._newest = sequence
        return self._count(self._is_far_behind(sequence))

    def note_refused(self, datagram: bytes) -> bool:
        """A datagram that was not; only what the server may have sent counts."""
        sequence = int.from_bytes(datagram[_SEQUENCE], "big")
        known = self._ends.get(sequence)
        if known is not None:
            return self._count(known != datagram[-_END:])
        return self._count(self._is_far_behind(sequence))

    def _is_far_behind(self, sequence: int) -> bool:
        return self._newest is not None and ahead(self._newest, sequence) >= FAR_BEHIND

    def _count(self, suspicious: bool) -> bool:
        self._evidence += suspicious
        return suspicious and self._evidence == EVIDENCE
