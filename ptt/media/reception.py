r"""One incoming talk burst, from packets to frames.

    RtpPacket --> RED --> jitter buffer --> playout --> frame of 20 ms
         \--> report (RFC 3550)   \--> target delay --^

Each burst has its own reception, since each has its own SSRC and its own Opus state; what the
network taught goes from one to the next through `learned` (see delay_memory.py). Pure. Does not
know who talks nor whether he may: see the listener of the client.
"""

from dataclasses import dataclass

from ptt.errors import MalformedPacketError
from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE
from ptt.media.jitter_buffer import MAX_AHEAD, BufferedPacket, JitterBuffer
from ptt.media.opus_packet import opus_samples_untrusted
from ptt.media.playout import Playout
from ptt.media.reception_report import ReceptionReport
from ptt.media.talk_burst import OPUS_PAYLOAD_TYPE, RED_PAYLOAD_TYPE
from ptt.media.target_delay import LearnedDelay, TargetDelay
from ptt.wire.redundancy import RedBlock, parse_red_untrusted
from ptt.wire.rtcp import ReportBlock
from ptt.wire.rtp import RtpPacket
from ptt.wire.sequence import TIMESTAMP_BITS, extend


@dataclass(frozen=True, slots=True)
class ReceptionStatistics:
    """How a burst was heard; shares are of all frames played (0 to 1), delays in seconds."""

    packets: int  # received, each once
    lost: int  # never came
    duplicates: int  # not zero: the network repeats, or two senders use one burst
    late: int  # came after their time had passed
    malformed: int  # not zero: the talker's program is broken
    played: int  # frames
    concealed: float  # frames invented; the figure that listeners suffer from
    repaired: int  # packets of which a copy was played
    left_out: float  # seconds skipped to become live again, period by period
    repeated: float  # seconds said twice to gain delay
    delay: float
    target: float

    @property
    def concealed_share(self) -> float:
        """Frames invented of frames played."""
        return self.concealed / self.played if self.played else 0.0


class Reception:
    """Receives and plays one burst.

    `receive` each packet with the time at which it came from the network, `play` every
    `step_samples`, `end` when the floor says that the burst is over; throw away when `finished`.
    """

    def __init__(
        self, ssrc: int, learned: LearnedDelay | None = None, step_samples: int = FRAME_SAMPLES
    ) -> None:
        self.ssrc = ssrc
        self._buffer = JitterBuffer()
        self._target = TargetDelay(learned, step_samples)
        self._playout = Playout(self._buffer, self._target)
        self._report = ReceptionReport()
        self._newest: int | None = None  # position
        self._first_received = 0  # position
        self._late = 0
        self._malformed = 0

    def receive(self, packet: RtpPacket, now: float) -> None:
        """Take in a packet; what is malformed, repeated or too late is counted and dropped."""
        try:
            blocks = blocks_untrusted(packet)
            samples = [opus_samples_untrusted(block.payload) for block in blocks]
        except MalformedPacketError:
            self._malformed += 1
            return
        if not self._report.note(packet, now):
            return
        newest = packet.timestamp if self._newest is None else self._newest
        position = extend(packet.timestamp, newest, TIMESTAMP_BITS)
        if abs(position - newest) > MAX_AHEAD:
            self._malformed += 1
            return
        self._note_time(position, now, samples[-1])
        self._target.note_copies(max(block.offset_ticks for block in blocks))
        for block, length in zip(blocks, samples, strict=True):
            self._insert(position - block.offset_ticks, block, length)

    def play(self, now: float) -> bytes | None:
        """The next frame, or step of less delay; None: nothing to play yet, or no more."""
        return self._playout.play(now, self._first_received)

    def end(self) -> None:
        """The talker stopped: play what is there to the last syllable, then finish.

        Packets that still come in time are played as well.
        """
        self._playout.end()

    @property
    def begun(self) -> bool:
        """Something of it was played."""
        return self._playout.position is not None

    @property
    def finished(self) -> bool:
        """Everything was played after the end."""
        return self._playout.finished

    def report(self) -> ReportBlock:
        """For a receiver report: what happened since the last one."""
        return self._report.block(self.ssrc)

    def learned(self, now: float) -> LearnedDelay:
        """For the next burst."""
        return self._target.learned(now)

    def statistics(self, now: float) -> ReceptionStatistics:
        """How it went so far."""
        counters = self._playout.counters
        return ReceptionStatistics(
            packets=self._report.received,
            lost=self._report.lost,
            duplicates=self._report.duplicates,
            late=self._late,
            malformed=self._malformed + counters.malformed,
            played=counters.played // FRAME_SAMPLES,
            concealed=counters.concealed / FRAME_SAMPLES,
            repaired=counters.repaired_frames,
            left_out=counters.left_out / SAMPLE_RATE,
            repeated=counters.repeated / SAMPLE_RATE,
            delay=self._playout.delay,
            target=self._target.target(now),
        )

    def _note_time(self, position: int, now: float, samples: int) -> None:
        if self._newest is None:
            self._newest = self._first_received = position
        self._first_received = min(self._first_received, position)
        self._newest = max(self._newest, position)
        self._target.note_arrival(position, now, samples)

    def _insert(self, position: int, block: RedBlock, samples: int) -> None:
        copied = block.offset_ticks > 0
        if self._playout.position is not None and position < self._playout.position:
            self._late += not copied
            return
        self._buffer.insert(BufferedPacket(position, block.payload, samples, copied))


def blocks_untrusted(packet: RtpPacket) -> list[RedBlock]:
    """The Opus packets in a voice packet, its own last; raises only MalformedPacketError."""
    match packet.payload_type:
        case _ if packet.payload_type == OPUS_PAYLOAD_TYPE:
            return [RedBlock(0, packet.payload)]
        case _ if packet.payload_type == RED_PAYLOAD_TYPE:
            return parse_red_untrusted(packet.payload)
        case unknown:
            raise MalformedPacketError(f"Nobody agreed on payload type {unknown}.")
