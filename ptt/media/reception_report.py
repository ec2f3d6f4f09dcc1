"""Counts the packets of one burst as RFC 3550 wants them reported (6.4.1, A.3, A.8).

What copies repaired is lost here all the same: the report steers the copies, and must not say
that they are no longer needed because they work. Pure.
"""

from ptt.media.frames import SAMPLE_RATE
from ptt.wire.rtcp import ReportBlock
from ptt.wire.rtp import RtpPacket
from ptt.wire.sequence import extend

# Specification
_SMOOTHING = 16  # RFC 3550 A.8

# Implementation
_WINDOW = 1024  # sequence numbers; as wide as the replay window of SRTP


class ReceptionReport:
    """The statistics of one SSRC."""

    def __init__(self) -> None:
        self.received = 0
        self.duplicates = 0
        self._first = self._highest = 0
        self._seen = 0  # bit n: highest - n was received
        self._transit = 0.0
        self._jitter = 0.0
        self._expected_before = self._received_before = 0

    def note(self, packet: RtpPacket, now: float) -> bool:
        """Count a packet; False if it was received before."""
        if not self.received:
            self._first = self._highest = packet.sequence
        sequence = extend(packet.sequence, self._highest)
        if not self._mark(sequence):
            self.duplicates += 1
            return False
        self._first = min(self._first, sequence)
        self.received += 1
        self._measure_jitter(packet.timestamp, now)
        return True

    @property
    def lost(self) -> int:
        """Packets that did not come, up to the highest that did."""
        return self._expected - self.received

    def block(self, ssrc: int) -> ReportBlock:
        """The report since the last one."""
        expected = self._expected - self._expected_before
        received = self.received - self._received_before
        self._expected_before, self._received_before = self._expected, self.received
        return ReportBlock(
            ssrc=ssrc,
            fraction_lost=max(0.0, (expected - received) / expected) if expected else 0.0,
            cumulative_lost=max(0, self.lost),
            highest_sequence=self._highest,
            jitter_ticks=int(self._jitter),
        )

    @property
    def _expected(self) -> int:
        return self._highest - self._first + 1 if self.received else 0

    def _mark(self, sequence: int) -> bool:
        ahead = sequence - self._highest
        if ahead > 0:
            self._seen = (self._seen << ahead) & ((1 << _WINDOW) - 1)
            self._highest = sequence
        bit = 1 << max(0, -ahead)
        fresh = -ahead < _WINDOW and not self._seen & bit
        self._seen |= bit if fresh else 0
        return fresh

    def _measure_jitter(self, timestamp: int, now: float) -> None:
        transit = now * SAMPLE_RATE - timestamp
        if self.received > 1:
            change = abs(transit - self._transit)
            # The timestamp may have wrapped in between: 24 hours.
            self._jitter += (min(change, SAMPLE_RATE) - self._jitter) / _SMOOTHING
        self._transit = transit
