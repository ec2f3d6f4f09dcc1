"""One outgoing talk burst: Opus packets become RTP packets, with copies of former ones.

    opus n --> RED{n-6, n-3, n-1, n} --> RtpPacket(sequence, timestamp, ssrc)

RFC 7587 (Opus over RTP), RFC 2198 (copies). Without copies, and as long as there is nothing to
copy, the payload is plain Opus. Does not encode (opus.py) and does not choose the copies
(redundancy_policy.py). The random starts are arguments.
"""

from collections import deque
from typing import NamedTuple

from ptt.errors import LocalProtocolError
from ptt.media.opus_packet import opus_samples_untrusted
from ptt.wire.redundancy import MAX_COPY_OCTETS, MAX_OFFSET_TICKS, encode_red
from ptt.wire.rtp import RtpPacket

# Specification
OPUS_PAYLOAD_TYPE = 111  # dynamic; the number that everybody uses
RED_PAYLOAD_TYPE = 112
_SEQUENCES = 1 << 16
_TIMESTAMPS = 1 << 32

# Implementation
_MAX_PAYLOAD = 1200  # octets with all copies; with headers and tag far below one Ethernet frame
_FARTHEST_COPY = 16  # packets


class _Sent(NamedTuple):
    timestamp: int
    opus: bytes


class TalkBurst:
    """The packets of one burst, in order.

    `copies`: how many packets back the copies are taken from, for instance (1, 4); may be set
    at any time. `sequence` should start below 2^15: the burst must end before it wraps, so that
    the SRTP roll-over counter stays 0.
    """

    def __init__(
        self, ssrc: int, sequence: int, timestamp: int, copies: tuple[int, ...] = ()
    ) -> None:
        self.ssrc = ssrc
        self.copies = copies
        self._sequence = sequence
        self._timestamp = timestamp
        self._sent: deque[_Sent] = deque(maxlen=_FARTHEST_COPY)
        self._fresh = True

    @property
    def packets_left(self) -> int:
        """How many packets may follow."""
        return _SEQUENCES - self._sequence

    def packet(self, opus: bytes) -> RtpPacket:
        """The next packet; raises LocalProtocolError when the burst is too long."""
        sent = _Sent(self._timestamp, opus)
        self._timestamp = (self._timestamp + opus_samples_untrusted(opus)) % _TIMESTAMPS
        packet = self._number(sent, self._copied(sent, self.copies))
        self._sent.append(sent)
        return packet

    def closing(self) -> list[RtpPacket]:
        """What to send after the last word: nothing, or its last frames once more.

        The last frames of a burst have no successors that could carry their copies. So with
        copies on, one packet more says the last frame again, under its own timestamp, with
        the frames before it. Receivers that have them ignore it.
        """
        if not self.copies or not self._sent:
            return []
        *_, last = self._sent
        before = tuple(range(1, max(self.copies) + 1))
        return [self._number(last, self._copied(last, before, newest=1))]

    def _number(self, primary: _Sent, copies: list[tuple[int, bytes]]) -> RtpPacket:
        if not self.packets_left:
            raise LocalProtocolError("A talk burst must end before its sequence numbers wrap.")
        packet = RtpPacket(
            payload_type=RED_PAYLOAD_TYPE if copies else OPUS_PAYLOAD_TYPE,
            sequence=self._sequence,
            timestamp=primary.timestamp,
            ssrc=self.ssrc,
            payload=encode_red(primary.opus, copies) if copies else primary.opus,
            marker=self._fresh,
        )
        self._sequence += 1
        self._fresh = False
        return packet

    def _copied(
        self, primary: _Sent, distances: tuple[int, ...], newest: int = 0
    ) -> list[tuple[int, bytes]]:
        """Copies as (offset in ticks, Opus packet), farthest first; only those that fit.

        `newest` is how many of the newest sent packets are not to be counted.
        """
        chosen: list[tuple[int, bytes]] = []
        room = _MAX_PAYLOAD - len(primary.opus)
        for distance in sorted(distances):
            at = len(self._sent) - newest - distance
            if at < 0:
                break
            offset = (primary.timestamp - self._sent[at].timestamp) % _TIMESTAMPS
            opus = self._sent[at].opus
            room -= len(opus)
            if room < 0 or offset > MAX_OFFSET_TICKS or len(opus) > MAX_COPY_OCTETS:
                break
            chosen.append((offset, opus))
        return chosen[::-1]
