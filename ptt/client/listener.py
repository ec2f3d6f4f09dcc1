"""Which voice may be heard: bursts that were announced, under keys that are known.

    datagram --MKI--> key --unprotect--> announced? --yes--> Reception --play()--> frame
                |                            |
                unknown: held                no: held, the floor is asked for (AskFloor)

What cannot be heard yet is held (held_voice.py) and heard when the key or the Floor Taken
comes; so a lost Floor Taken costs a round trip, not a burst. Pure. Knows no names, sends nothing.
"""

from dataclasses import dataclass, field
from math import inf

from ptt.client.held_voice import HeldVoice
from ptt.client.kept_bursts import KeptBursts
from ptt.client.loudness import Loudness, Source
from ptt.client.two_senders import TwoSenders
from ptt.client.voice_keys import VoiceKey, VoiceKeys
from ptt.errors import AuthenticationError, MalformedPacketError
from ptt.media.delay_memory import DelayMemory
from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE
from ptt.media.reception import Reception
from ptt.media.target_delay import LearnedDelay
from ptt.wire.datagram import DatagramKind, peek_ssrc
from ptt.wire.rtcp import ReportBlock
from ptt.wire.rtp import RtpPacket

# Implementation
ASK_FLOOR_AGAIN = 0.150  # s between two stray Floor Releases
ASK_KEY_AGAIN = 1.0  # s, what the switchboard allows
REPORT_EVERY = 1.0  # s, a receiver report for each burst that is heard
BEGINS_WITHIN = 0.5  # s from a burst's announcement until its voice is not waited for any more
REMEMBER_SECONDS = 2.0  # after its end, and once it was heard out, a burst is still known
LATE_AFTER_END = 0.1  # s; voice later than this after the end means that it is not over


@dataclass(frozen=True, slots=True)
class AskFloor:
    """Somebody talks here and nobody said who: send a Floor Release without burst."""

    channel: int


@dataclass(frozen=True, slots=True)
class AskKey:
    """Voice of this channel came with an epoch that is not known."""

    channel: int


@dataclass(frozen=True, slots=True)
class Report:
    """How a burst of this channel arrives: for the server, in a receiver report."""

    channel: int
    block: ReportBlock


@dataclass(frozen=True, slots=True)
class Heard:
    """An authentic packet of an announced burst came."""

    channel: int


@dataclass(frozen=True, slots=True)
class Doubted:
    """A burst of this channel has two senders: somebody forges the talker's voice."""

    channel: int


ListenOrder = AskFloor | AskKey | Report | Heard | Doubted


@dataclass(frozen=True, slots=True)
class Hearing:
    """How a channel is heard, over the last second of voice; delays in seconds."""

    loss: float = 0.0  # share of packets, 0 to 1, before any repair
    jitter: float = 0.0
    playout_delay: float = 0.0


@dataclass(slots=True)
class Burst:
    """One announced burst of another person; `ended_at` is infinite while it runs."""

    source: Source
    ssrc: int
    talker: str
    reception: Reception
    report_at: float
    ended_at: float = inf
    heard: bool = False
    is_over: bool = False  # to the ear as well
    senders: TwoSenders = field(default_factory=TwoSenders)

    @property
    def channel(self) -> int:
        """The number of its channel."""
        return self.source.channel


class Listener:
    """All voice that comes to one client.

    Counters: `heard` packets of announced bursts; `early` ones that came before their key;
    `refused` datagrams that proved nothing. A few of those are normal; many mean that somebody
    else sends in the server's name, or that the network doubles packets. `doubted` bursts had
    two senders. `epochs`: keys told.

    `loudness` says how loud voices are beside each other, `kept` what may be heard again.
    """

    def __init__(self, step_samples: int = FRAME_SAMPLES) -> None:
        self.step_samples = step_samples
        self.heard = 0
        self.early = 0
        self.refused = 0
        self.doubted = 0
        self.epochs = 0
        self.loudness = Loudness()
        self.kept = KeptBursts()
        self._keys = VoiceKeys()
        self._held = HeldVoice()
        self._bursts: dict[int, Burst] = {}
        self._delays = DelayMemory()
        self._hearing: dict[int, Hearing] = {}
        self._over: list[int] = []
        self._floor_asked: dict[int, float] = {}
        self._key_asked: dict[int, float] = {}

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        reports = min((burst.report_at for burst in self._bursts.values()), default=inf)
        return min(reports, self._keys.deadline)

    def hearing(self, channel: int) -> Hearing:
        """As of the last report about this channel."""
        return self._hearing.get(channel, Hearing())

    @property
    def expecting(self) -> set[int]:
        """The channels in which a burst runs, so that packets must come."""
        return {burst.channel for burst in self._bursts.values() if burst.ended_at == inf}

    @property
    def is_silent(self) -> bool:
        """Whether there is no burst, nor was one a moment ago."""
        return not self._bursts

    def is_about_to_sound(self, now: float) -> bool:
        """Whether a burst has just been announced, and no burst sounds."""
        running = [burst for burst in self._bursts.values() if burst.ended_at == inf]
        if any(burst.reception.begun for burst in running):
            return False
        return any(now < burst.report_at - REPORT_EVERY + BEGINS_WITHIN for burst in running)

    def add_key(
        self, channel: int, epoch: int, key: bytes, profile: str, now: float
    ) -> list[ListenOrder]:
        """A new epoch; what was held for it is heard."""
        self.epochs += 1
        self._keys.add(channel, epoch, key, profile)
        return self._retry_sealed(now)

    def drop_channel(self, channel: int) -> None:
        """Hear nothing of the channel any more, at once."""
        self._keys.drop(channel)
        self._held.drop_strangers(channel)
        for ssrc in [burst.ssrc for burst in self._bursts.values() if burst.channel == channel]:
            del self._bursts[ssrc]

    def announce(
        self,
        channel: int,
        ssrc: int,
        now: float,
        *,
        talker: str = "",
        person: str = "",
        emergency: bool = False,
    ) -> list[ListenOrder]:
        """An authentic Floor Taken named this burst and its talker (a URI): play it.

        `person` is the talker's name.
        """
        known = self._bursts.get(ssrc)
        if known is not None and known.ended_at == inf:
            return []
        orders = self.end(channel, now)
        reception = self._reception(ssrc, self._delays.expected(talker, now))
        source = Source(channel, person, now, emergency)
        burst = Burst(source, ssrc, talker, reception, report_at=now + REPORT_EVERY)
        self._bursts[ssrc] = burst
        for arrived, packet in self._held.take_stranger(channel, ssrc, now):
            self._hear(burst, packet, arrived)
        return orders + self._retry_sealed(now)

    def end(self, channel: int, now: float) -> list[ListenOrder]:
        """Nobody talks there any more: what has come is heard to its end."""
        orders: list[ListenOrder] = []
        for burst in self._bursts.values():
            if burst.channel == channel and burst.ended_at == inf:
                orders += self._report(burst, now)
                burst.ended_at, burst.report_at = now, inf
                burst.reception.end()
                self._delays.remember(burst.talker, burst.reception.learned(now), now)
        return orders

    def receive(self, datagram: bytes, now: float) -> list[ListenOrder]:
        """Take an RTP datagram that came from the server's address."""
        try:
            ssrc = peek_ssrc(datagram, DatagramKind.RTP)
            return self._receive(datagram, ssrc, now)
        except (AuthenticationError, MalformedPacketError):
            self.refused += 1
            return self._note_refused(datagram)

    def play(self, now: float) -> list[bytes]:
        """The next step of every burst that has sound for it."""
        heard = []
        for burst in list(self._bursts.values()):
            frame = burst.reception.play(now)
            if frame is not None:
                heard.append((burst.source, frame))
            elif burst.reception.finished:
                self._finish(burst, now)
        return self.loudness.balance(heard)

    def take_over(self) -> list[int]:
        """The channels of bursts that were heard to their end since the last call; each once."""
        over, self._over = self._over, []
        return over

    def handle_deadline(self, now: float) -> list[ListenOrder]:
        """The reports that are due; former keys are forgotten."""
        self._keys.handle_deadline(now)
        orders: list[ListenOrder] = []
        for burst in self._bursts.values():
            if now >= burst.report_at:
                burst.report_at = now + REPORT_EVERY
                orders += self._report(burst, now)
        return orders

    def forget_sound(self) -> None:
        """The machine slept: what was to be played then is history."""
        self._held = HeldVoice()
        for burst in self._bursts.values():
            burst.reception = self._reception(burst.ssrc)
            if burst.ended_at != inf:
                burst.is_over = True
                burst.reception.end()

    def _reception(self, ssrc: int, learned: LearnedDelay | None = None) -> Reception:
        return Reception(ssrc, learned, self.step_samples)

    def _finish(self, burst: Burst, now: float) -> None:
        if burst.heard and not burst.is_over:
            self._over.append(burst.channel)
        burst.is_over = True
        if now >= burst.ended_at + REMEMBER_SECONDS:
            del self._bursts[burst.ssrc]

    def _retry_sealed(self, now: float) -> list[ListenOrder]:
        orders: list[ListenOrder] = []
        for arrived, datagram in self._held.take_sealed(now):
            orders += self.receive(datagram, arrived)
        return orders

    def _receive(self, datagram: bytes, ssrc: int, now: float) -> list[ListenOrder]:
        burst = self._bursts.get(ssrc)
        keys = self._keys.candidates(datagram, burst.channel if burst else None)
        if not keys:
            return self._hold_sealed(burst, datagram, now)
        key, packet = _open_untrusted(keys, datagram)
        self._keys.note_use(key, now)
        if burst is None or now >= burst.ended_at + REMEMBER_SECONDS:
            self._held.add_stranger(key.channel, packet, now)
            return self._ask_floor(key.channel, now)
        if burst.channel != key.channel:
            raise AuthenticationError("a burst of one channel under the key of another")
        self._hear(burst, packet, now)
        doubts = self._doubt(burst) if burst.senders.note_opened(datagram) else []
        if now > burst.ended_at:
            late = now > burst.ended_at + LATE_AFTER_END
            return doubts + (self._ask_floor(burst.channel, now) if late else [])
        return [*doubts, Heard(burst.channel)]

    def _note_refused(self, datagram: bytes) -> list[ListenOrder]:
        burst = self._bursts.get(peek_ssrc(datagram, DatagramKind.RTP))
        if burst is None or not burst.senders.note_refused(datagram):
            return []
        return self._doubt(burst)

    def _doubt(self, burst: Burst) -> list[ListenOrder]:
        self.doubted += 1
        return [Doubted(burst.channel)]

    def _hear(self, burst: Burst, packet: RtpPacket, now: float) -> None:
        self.heard += 1
        burst.heard = True
        self.kept.add(burst.channel, burst.source.person, packet, now)
        if burst.reception.finished:  # it was believed to be over, for nothing came
            burst.reception = self._reception(burst.ssrc, self._delays.expected(burst.talker, now))
            burst.reception.end()
        burst.reception.receive(packet, now)

    def _report(self, burst: Burst, now: float) -> list[ListenOrder]:
        if not burst.heard:
            return []
        block = burst.reception.report()
        delay = burst.reception.statistics(now).delay
        jitter = block.jitter_ticks / SAMPLE_RATE
        self._hearing[burst.channel] = Hearing(block.fraction_lost, jitter, delay)
        return [Report(burst.channel, block)]

    def _hold_sealed(self, burst: Burst | None, datagram: bytes, now: float) -> list[ListenOrder]:
        self.early += 1
        self._held.add_sealed(datagram, now)
        if burst is not None:
            return self._ask_key(burst.channel, now)
        orders: list[ListenOrder] = []
        for channel in self._keys.interop_channels():
            orders += self._ask_floor(channel, now)
        return orders

    def _ask_floor(self, channel: int, now: float) -> list[ListenOrder]:
        if now < self._floor_asked.get(channel, -inf) + ASK_FLOOR_AGAIN:
            return []
        self._floor_asked[channel] = now
        return [AskFloor(channel)]

    def _ask_key(self, channel: int, now: float) -> list[ListenOrder]:
        if now < self._key_asked.get(channel, -inf) + ASK_KEY_AGAIN:
            return []
        self._key_asked[channel] = now
        return [AskKey(channel)]


def _open_untrusted(keys: list[VoiceKey], datagram: bytes) -> tuple[VoiceKey, RtpPacket]:
    """Raises what the last key raises."""
    for key in keys[:-1]:
        try:
            return key, key.open_untrusted(datagram)
        except AuthenticationError:
            continue
    return keys[-1], keys[-1].open_untrusted(datagram)
