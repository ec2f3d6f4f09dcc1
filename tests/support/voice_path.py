"""A talk burst over a bad network into a reception, in virtual time, without a socket.

The talker sends at n x 20 ms, the loudspeaker asks every 20 ms at another phase; both clocks
are numbers. `sent` decides for each packet when it arrives: several times, once or never.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from ptt.media.frames import FRAME_SAMPLES, FRAME_SECONDS
from ptt.media.opus import OpusEncoder
from ptt.media.reception import Reception
from ptt.media.redundancy_policy import RedundancyPolicy
from ptt.media.talk_burst import TalkBurst
from ptt.wire.rtp import RtpPacket

SSRC = 0x80000001
START = 100.0  # s, of every burst
PHASE = 0.007  # s between a packet's undisturbed arrival and the next frame wanted
REPORT_PACKETS = 50  # a report each second
END_AFTER = 0.005  # s between the last packet and the end of the burst

Delays = Callable[[int], Sequence[float]]  # seconds of the packet with this number


@dataclass
class Heard:
    """What came out: frames with the time at which they were played."""

    reception: Reception
    frames: list[bytes] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)
    targets: list[float] = field(default_factory=list)

    @property
    def pcm(self) -> bytes:
        return b"".join(self.frames)


def encode(frames: Sequence[bytes], per_packet: int = 1) -> list[bytes]:
    """Opus packets of so many frames each."""
    encoder = OpusEncoder(complexity=0, frame_samples=per_packet * FRAME_SAMPLES)
    whole = len(frames) // per_packet * per_packet
    groups = (frames[n : n + per_packet] for n in range(0, whole, per_packet))
    return [encoder.encode(b"".join(group)) for group in groups]


def talk(opus: Sequence[bytes], copies: tuple[int, ...] = ()) -> list[RtpPacket]:
    """The packets of one burst, whose timestamps wrap after a moment."""
    burst = TalkBurst(SSRC, sequence=1000, timestamp=(1 << 32) - 5000, copies=copies)
    return [burst.packet(packet) for packet in opus] + burst.closing()


def on_time(packets: Sequence[RtpPacket], *, backlog: float = 0.0) -> list[tuple[float, RtpPacket]]:
    """When the packets leave: at their time, the first `backlog` seconds as a lump."""
    start = packets[0].timestamp
    due = [((p.timestamp - start) % (1 << 32)) / 48_000 - backlog for p in packets]
    return [(max(0.0, at), packet) for at, packet in zip(due, packets, strict=True)]


def lossy(share: float, seed: int) -> Delays:
    """Loses that share of the packets."""
    rng = Random(seed)
    return lambda _: [] if rng.random() < share else [0.0]


def in_spells(share: float, length: int, seed: int) -> Delays:
    """Loses that share of the packets, in spells of `length`."""
    rng = Random(seed)
    begins = share / (length - (length - 1) * share)
    left = 0

    def delays(_: int) -> Sequence[float]:
        nonlocal left
        if left == 0 and rng.random() < begins:
            left = length
        if left == 0:
            return [0.0]
        left -= 1
        return []

    return delays


def carry(
    sent: Sequence[tuple[float, RtpPacket]],
    delays: Delays = lambda _: [0.0],
    *,
    reception: Reception | None = None,
    start: float = START,
) -> Heard:
    """Bring the packets over, play until the end, which is told just after the last one."""
    heard = Heard(reception or Reception(SSRC))
    arrivals = [(start + at + d, n, p) for n, (at, p) in enumerate(sent) for d in delays(n)]
    arrivals.sort(key=lambda arrival: arrival[:2])
    over = start + sent[-1][0] + END_AFTER
    now, ended = start + PHASE, False
    while not heard.reception.finished and now < over + 60.0:
        if now >= over and not ended:
            heard.reception.end()
            ended = True
        _listen(heard, arrivals, now)
        now += FRAME_SECONDS
    return heard


def reported(opus: Sequence[bytes], delays: Delays, policy: RedundancyPolicy) -> Heard:
    """A burst whose talker is told each second what the listener misses, and copies by that."""
    burst = TalkBurst(SSRC, sequence=1000, timestamp=0)
    heard, arrivals = Heard(Reception(SSRC)), list[tuple[float, int, RtpPacket]]()
    now = START
    for n, coded in enumerate(opus):
        now = START + n * FRAME_SECONDS
        if n % REPORT_PACKETS == REPORT_PACKETS - 1:
            lost = heard.reception.report().fraction_lost
            burst.copies = policy.handle_loss(lost, now)
        packets = [burst.packet(coded), *(burst.closing() if n == len(opus) - 1 else [])]
        arrivals += [(now + d, p.sequence, p) for p in packets for d in delays(n)]
        arrivals.sort(key=lambda arrival: arrival[:2])
        _listen(heard, arrivals, now + PHASE)
    heard.reception.end()
    while not heard.reception.finished:
        now += FRAME_SECONDS
        _listen(heard, arrivals, now + PHASE)
    return heard


def _listen(heard: Heard, arrivals: list[tuple[float, int, RtpPacket]], now: float) -> None:
    while arrivals and arrivals[0][0] <= now:
        at, _, packet = arrivals.pop(0)
        heard.reception.receive(packet, at)
    _play(heard, now)


def _play(heard: Heard, now: float) -> None:
    frame = heard.reception.play(now)
    if frame is None:
        return
    statistics = heard.reception.statistics(now)
    heard.frames.append(frame)
    heard.times.append(now)
    heard.delays.append(statistics.delay)
    heard.targets.append(statistics.target)
