r"""The own voice, from the key to the packets: what is kept, what is sent, when it ends.

    IDLE --key down--> ASKING --granted--> TALKING --key up--> FINISHING --last frame--> IDLE
                         |                    ^  \--cut, silence, limit--> IDLE
                         +-----> QUEUED ------+

While ASKING every frame is kept (preroll.py) and sent at once with the grant; a grant from the
queue starts fresh. Pure: frames, decisions of the floor and time go in, orders come out. Does
not ask for the floor: see floor/participant.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from math import inf
from random import Random

from ptt.client.settings import Settings
from ptt.media.frames import FRAME_OCTETS, FRAME_SAMPLES, FRAME_SECONDS, SILENCE
from ptt.media.level import SILENCE_DBFS, level_dbfs
from ptt.media.opus import LOW_DELAY_BITRATE, OpusEncoder
from ptt.media.preroll import PreRoll, PreRollLevel
from ptt.media.talk_burst import TalkBurst
from ptt.wire.rtp import RtpPacket

# Implementation
LONGEST_BACKLOG = 1.0  # s of sound kept while the floor is asked for
TAIL_PATIENCE = 0.100  # s beyond the tail until a microphone that gives nothing is not waited for
_SEQUENCE_STARTS = 1 << 12  # so that 61 440 packets follow: ten minutes at 100/s, and a preroll
_LAST_PACKETS = 8  # of the sequence; more than a frame, the rest of one and the copies take
_TIMESTAMPS = 1 << 32


class Phase(Enum):
    """Where a press of the key has come to."""

    IDLE = auto()
    ASKING = auto()
    QUEUED = auto()
    TALKING = auto()
    FINISHING = auto()


@dataclass(frozen=True, slots=True)
class SendVoice:
    """Send this packet."""

    packet: RtpPacket


@dataclass(frozen=True, slots=True)
class GiveBack:
    """Everything that was said has been sent: release the floor."""


@dataclass(frozen=True, slots=True)
class WarnOfLimit:
    """The talk limit comes in `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class WarnOfSilence:
    """The key is down and nobody speaks: the floor goes back in `seconds`."""

    seconds: float


TalkOrder = SendVoice | GiveBack | WarnOfLimit | WarnOfSilence


class Talker:
    """One person's voice, press after press; talks in one channel at a time.

    `level` is that of the last frame in dBFS, -100 when the microphone is closed.
    """

    def __init__(self, settings: Settings, rng: Random) -> None:
        self._settings = settings
        self._rng = rng
        self._preroll = PreRoll(settings.preroll, limit_seconds=LONGEST_BACKLOG)
        self._outgoing: _Outgoing | None = None
        self._limit_at = self._silent_at = self._finish_at = inf
        self._warned_of_silence = False
        self._kept_open = False
        self._tail = 0.0
        self.phase = Phase.IDLE
        self.level = SILENCE_DBFS

    @property
    def wants_microphone(self) -> bool:
        """Whether the microphone has to be open now."""
        return self.phase is not Phase.IDLE or self._preroll.level is PreRollLevel.ALWAYS_WARM

    @property
    def sends_halves(self) -> bool:
        """Whether half a frame can be sent at once."""
        return self._outgoing is not None and self._outgoing.frame_samples < FRAME_SAMPLES

    @property
    def preroll_seconds(self) -> float:
        """How much sound is kept for the permit at this moment."""
        return self._preroll.seconds

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return min(self._limit_at, self._silent_at, self._finish_at)

    def change(self, settings: Settings) -> None:
        """What is said from now on follows these; a running burst keeps its encoder."""
        self._settings = settings
        self._keep_warm()

    def keep_open(self, kept: bool) -> None:
        """Whether the microphone is open and warm without a key, for a voice that may begin."""
        self._kept_open = kept
        self._keep_warm()

    def keep_waiting_voice(self, speaking: bool) -> None:
        """Somebody speaks but the floor must not be asked for yet: keep it as after a key."""
        if self.phase is not Phase.IDLE or speaking == self._preroll.begun:
            return
        if speaking:
            self._preroll.begin()
        else:
            self._preroll.clear()

    def key_down(self) -> None:
        """Keep what the microphone gives from now on; a burst that is finishing goes on."""
        match self.phase:
            case Phase.IDLE:
                self.phase = Phase.ASKING
                self._preroll.begin()
            case Phase.FINISHING:
                self.phase, self._finish_at = Phase.TALKING, inf
            case _:
                pass

    def key_up(self, now: float) -> list[TalkOrder]:
        """End after the last frames; without the floor, give up at once."""
        match self.phase:
            case Phase.TALKING:
                self.phase = Phase.FINISHING
                self._tail = self._settings.tail_frames
                self._finish_at = now + self._tail * FRAME_SECONDS + TAIL_PATIENCE
                return [] if self._tail else self._finish()
            case Phase.ASKING | Phase.QUEUED:
                self.cut()
                return [GiveBack()]
            case _:
                return []

    def queued(self) -> None:
        """The floor comes later: what was said until now is void."""
        if self.phase is Phase.ASKING:
            self.phase = Phase.QUEUED
            self._preroll.clear()

    def granted(
        self,
        burst: int,
        duration: float,
        now: float,
        *,
        frames_per_packet: int = 1,
        copies: tuple[int, ...] = (),
    ) -> list[TalkOrder]:
        """The floor is ours for `duration` seconds, with `burst` as the SSRC."""
        if self.phase not in (Phase.ASKING, Phase.QUEUED):
            return []
        backlog = self._preroll.take()
        self.phase = Phase.TALKING
        self._outgoing = self._new_outgoing(burst, frames_per_packet)
        self._outgoing.burst.copies = copies
        self._limit_at = now + max(duration - self._settings.limit_warning, 0.0)
        self._hear_somebody(now)
        return self._outgoing.send(backlog)

    def handle_frame(self, frame: bytes, now: float) -> list[TalkOrder]:
        """The microphone gave a frame."""
        self.level = level_dbfs(frame)
        match self.phase:
            case Phase.TALKING:
                return self._send(frame, now)
            case Phase.FINISHING:
                orders = self._send(frame, now)
                self._tail -= len(frame) / FRAME_OCTETS
                ends = self._tail <= 0 and self._outgoing is not None
                return orders + self._finish() if ends else orders
            case Phase.QUEUED:
                return []
            case _:
                self._preroll.add(frame)
                return []

    def handle_deadline(self, now: float) -> list[TalkOrder]:
        """Warnings, the end of an open microphone, the end of a tail that does not come."""
        orders: list[TalkOrder] = []
        if now >= self._limit_at:
            self._limit_at = inf
            orders.append(WarnOfLimit(self._settings.limit_warning))
        if now >= self._finish_at:
            return orders + self._finish()
        if now >= self._silent_at:
            orders += self._handle_silence(now)
        return orders

    def cut(self) -> None:
        """Stop at once: denied, revoked, or the connection is gone."""
        self._preroll.clear()
        self._outgoing = None
        self._limit_at = self._silent_at = self._finish_at = inf
        self.phase = Phase.IDLE
        if not self.wants_microphone:
            self.level = SILENCE_DBFS

    def set_copies(self, copies: tuple[int, ...]) -> None:
        """Repeat the frames that many packets back in each packet (RFC 2198)."""
        if self._outgoing is not None:
            self._outgoing.burst.copies = copies

    def _keep_warm(self) -> None:
        level = PreRollLevel.ALWAYS_WARM if self._kept_open else self._settings.preroll
        if level is self._preroll.level:
            return
        self._preroll.level = level
        if self.phase is Phase.IDLE:
            self._preroll.clear()
            self.level = SILENCE_DBFS

    def _send(self, frame: bytes, now: float) -> list[TalkOrder]:
        if self._outgoing is None:
            return []
        if self.level >= self._settings.silence_dbfs:
            self._hear_somebody(now)
        orders = self._outgoing.send([frame])
        if self._outgoing.burst.packets_left > _LAST_PACKETS:
            return orders
        return orders + self._finish()  # the SRTP roll-over counter stays 0 for all bursts

    def _finish(self) -> list[TalkOrder]:
        rest = self._outgoing.flush() if self._outgoing else []
        self.cut()
        return [*rest, GiveBack()]

    def _hear_somebody(self, now: float) -> None:
        self._warned_of_silence = False
        self._silent_at = now + self._settings.open_microphone_after

    def _handle_silence(self, now: float) -> list[TalkOrder]:
        if self._warned_of_silence or self.phase is not Phase.TALKING:
            return self._finish()
        self._warned_of_silence = True
        self._silent_at = now + self._settings.open_microphone_grace
        return [WarnOfSilence(self._settings.open_microphone_grace)]

    def _new_outgoing(self, burst: int, frames_per_packet: int) -> "_Outgoing":
        low_delay = self._settings.low_delay and frames_per_packet == 1
        encoder = OpusEncoder(
            max(self._settings.bitrate, LOW_DELAY_BITRATE if low_delay else 0),
            self._settings.complexity,
            self._settings.step_samples if low_delay else frames_per_packet * FRAME_SAMPLES,
            low_delay=low_delay,
        )
        sequence = self._rng.randrange(_SEQUENCE_STARTS)
        return _Outgoing(encoder, TalkBurst(burst, sequence, self._rng.randrange(_TIMESTAMPS)))


class _Outgoing:
    """Frames of 20 ms, or halves, on their way into packets of `frame_samples`."""

    def __init__(self, encoder: OpusEncoder, burst: TalkBurst) -> None:
        self.burst = burst
        self._encoder = encoder
        self.frame_samples = encoder.frame_samples
        self._pcm = b""

    def send(self, frames: Iterable[bytes]) -> list[TalkOrder]:
        orders: list[TalkOrder] = []
        size = 2 * self.frame_samples
        for frame in frames:
            self._pcm += frame
            while len(self._pcm) >= size:
                opus = self._encoder.encode(self._pcm[:size])
                orders.append(SendVoice(self.burst.packet(opus)))
                self._pcm = self._pcm[size:]
        return orders

    def flush(self) -> list[TalkOrder]:
        """The last packet, filled up with silence, and copies of the last words."""
        missing = -len(self._pcm) % (2 * self.frame_samples)
        orders = self.send([SILENCE] * (missing // FRAME_OCTETS))
        return orders + [SendVoice(packet) for packet in self.burst.closing()]
