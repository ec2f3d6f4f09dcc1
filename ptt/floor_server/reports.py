"""How badly the worst listener of a channel hears: what the talker needs to choose his copies.

    listeners' receiver reports --> worst fraction lost in the last 5 s --> the talker's report

The reports of a former burst count on for their five seconds: the network of a listener does not
change with the talker, and a talk burst is often over before it could learn anything. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from ptt.floor.actions import ParticipantId
from ptt.wire.rtcp import ReceiverReport, ReportBlock

# Implementation
KEPT_SECONDS = 5.0
REPORT_EVERY = 1.0  # s, to the talker


@dataclass(frozen=True, slots=True)
class _Heard:
    """The worst recent report of one listener."""

    block: ReportBlock
    at: float


class LossReports:
    """The listeners' reports of one channel."""

    def __init__(self) -> None:
        self._heard: dict[ParticipantId, _Heard] = {}
        self._bursts: tuple[int, int] = (-1, -1)

    def begin(self, burst: int) -> None:
        """Another burst runs; late reports about the one before still count."""
        self._bursts = (self._bursts[1], burst)

    def note(self, listener: ParticipantId, blocks: Iterable[ReportBlock], now: float) -> None:
        """Take a listener's report; blocks about other bursts do not count."""
        for block in blocks:
            if block.ssrc in self._bursts:
                self._note(listener, block, now)

    def forget(self, listener: ParticipantId) -> None:
        """The listener has left."""
        self._heard.pop(listener, None)

    def for_talker(
        self, talker: ParticipantId, burst: int, ssrc: int, now: float
    ) -> ReceiverReport | None:
        """What to tell the talker of `burst` in the name of the channel's `ssrc`.

        None if nobody else has reported lately.
        """
        blocks = [
            heard.block
            for listener, heard in self._heard.items()
            if listener != talker and heard.at > now - KEPT_SECONDS
        ]
        if not blocks:
            return None
        worst = max(blocks, key=lambda block: block.fraction_lost)
        if worst.ssrc != burst:  # only the shares say something about another burst
            worst = ReportBlock(burst, worst.fraction_lost, 0, 0, worst.jitter_ticks)
        return ReceiverReport(ssrc, (worst,))

    def _note(self, listener: ParticipantId, block: ReportBlock, now: float) -> None:
        """A better report does not make a worse one unsaid before its time is over."""
        former = self._heard.get(listener)
        if (
            former is None
            or former.at <= now - KEPT_SECONDS
            or block.fraction_lost >= former.block.fraction_lost
        ):
            self._heard[listener] = _Heard(block, now)
