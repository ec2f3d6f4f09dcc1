"""Decides, each 20 ms (or 10, see target_delay.py), which sound of a burst comes next.

    jitter buffer --packet at `position`--> DecodedSound --> frame

    packet there                     decode it
    nothing there at all             invent sound, stay in place: it is late, not lost
    a later one there, time not up   the same: the network has become slower, delay grows
    a later one there, time is up    it is lost: invent sound, go on
    after waiting                    what was invented counts for what is missing: no gap twice
    more delay than the target       leave out pitch periods: up to a quarter faster
    less delay than the target       say pitch periods twice

So a pre-roll is heard to the last word, faster until the burst is live; an outage costs only its
own length; and delay follows target_delay.py both ways without a word being dropped. Pure.
"""

from dataclasses import dataclass
from math import copysign

from ptt.errors import MalformedPacketError
from ptt.media.acceleration import WINDOW
from ptt.media.decoded_sound import DecodedSound
from ptt.media.frames import FRAME_SAMPLES, ticks_of
from ptt.media.jitter_buffer import JitterBuffer
from ptt.media.target_delay import TargetDelay

# Implementation
_MARGIN = 0.005  # s that delay may leave the band [target - one step, target]
_FASTER = 4  # of so many samples one may be left out: 25 %
_LIKENESS = 0.8  # least likeness of two periods that one of them may vanish
_LIKENESS_BACKLOG = 0.6  # the same while far behind
_BACKLOG = 0.100  # s above the target: far behind
_MOST_INVENTED = 5 * FRAME_SAMPLES  # samples; after that Opus has faded out and silence is cheaper


@dataclass(slots=True)
class PlayoutCounters:
    """Samples, apart from two lines. All of it was or was not heard since the start."""

    played: int = 0
    repaired_frames: int = 0  # packets of which only a copy came in time
    malformed: int = 0  # packets that Opus does not decode
    concealed: int = 0  # invented
    left_out: int = 0  # to become faster
    repeated: int = 0  # to become slower


class Playout:
    """The playing side of one reception.

    `delay`: seconds between the undisturbed arrival of the last frame and when it was played; at
    first 0.
    """

    def __init__(self, buffer: JitterBuffer, target: TargetDelay) -> None:
        self.counters = PlayoutCounters()
        self._buffer = buffer
        self._target = target
        self._step = ticks_of(target.step)
        self._sound = DecodedSound()
        self._position: int | None = None  # of the next sample to be decoded; None: not started
        self._waited = 0  # samples invented since the last packet
        self._spare = 0  # samples that may be left out now
        self._speed = 0.0  # 1: faster, -1: slower, until delay is in the middle of its band
        self._ended = False
        self.finished = False
        self.delay = 0.0

    @property
    def position(self) -> int | None:
        """What lies before this is too late; None before the start."""
        return self._position

    def end(self) -> None:
        """No further packet is expected: play what is there, then finish."""
        self._ended = True

    def play(self, now: float, first_received: int) -> bytes | None:
        """The next frame; None before the start and after the end.

        `first_received` is the smallest position of a packet (not a copy) that came so far.
        """
        if self._position is None:
            self._start(now, first_received)
        if self._position is None or self.finished:
            return None
        self._adjust_speed(now)
        while len(self._sound) < self._step and self._fill(now):
            pass
        self.delay = self._target.delay(self._position - len(self._sound), now)
        return self._take()

    def _slack(self, now: float) -> float:
        """How late the next packet may come: less than the delay by what remains decoded."""
        steps = len(self._sound) // self._step
        return self._target.delay(self._here, now + steps * self._target.step)

    def _start(self, now: float, first_received: int) -> None:
        if self._buffer.first is None:
            self.finished = self._ended
            return
        begin = self._buffer.start_of_run(first_received)
        target = self._target.target(now)
        if self._ended or self._target.delay(begin, now) >= target - self._target.step:
            self._position = begin
            self._buffer.drop_before(begin)

    def _take(self) -> bytes | None:
        if self._ended and not self._buffer and len(self._sound) <= self._step:
            self.finished = True
            if not len(self._sound):
                return None
            self.counters.played += self._step
            return self._sound.take_last(self._step)
        self.counters.played += self._step
        return self._sound.take(self._step)

    def _fill(self, now: float) -> bool:
        """One step towards a full frame; False when there is nothing more to come."""
        first = self._buffer.first
        if first is None:
            if not self._ended:
                self._wait()
            return not self._ended
        hole = first - self._here
        if hole > 0:
            self._cross(hole, now)
        else:
            self._decode(now)
        return True

    def _decode(self, now: float) -> None:
        packet = self._buffer.pop_first()
        try:
            samples = self._sound.decode(packet.opus)
        except MalformedPacketError:
            self.counters.malformed += 1
            samples = self._conceal(packet.samples)
        if packet.copied:
            self.counters.repaired_frames += 1
            self._target.note_repair(now)
        self._waited = 0
        self._go_on(samples)

    def _cross(self, hole: int, now: float) -> None:
        """`hole` samples are missing, and something after them is there."""
        overdue = self._slack(now) - self._target.patience()
        if self._waited:
            self._go_on(max(0, min(hole, self._waited, ticks_of(overdue))))
            self._waited = 0
        elif overdue < 0 and not self._ended:
            self._conceal(self._step)
        else:
            self._target.note_repair(now)
            self._go_on(self._conceal(min(hole, self._step)))

    def _wait(self) -> None:
        if self._waited < _MOST_INVENTED:
            self._conceal(self._step)
        else:
            self._sound.add_silence(self._step)
        self._waited += self._step

    def _conceal(self, samples: int) -> int:
        self.counters.concealed += samples
        return self._sound.conceal(samples)

    def _go_on(self, samples: int) -> None:
        self._position = self._here + samples
        self._buffer.drop_before(self._position)

    def _adjust_speed(self, now: float) -> None:
        """Outside the band, go back to its middle and stop there."""
        half = self._target.step / 2
        excess = self._slack(now) - self._target.target(now) + half
        if abs(excess) > half + _MARGIN:
            self._speed = copysign(1.0, excess)
        elif excess * self._speed <= 0:
            self._speed = 0.0
        if self._speed > 0:
            self._hurry(now, excess)
        elif self._speed < 0 and not self._ended:
            self._look_ahead(now)
            self.counters.repeated += self._sound.lengthen(_LIKENESS)

    def _look_ahead(self, now: float) -> None:
        """Decode as much as it takes to see a period, if it is there."""
        while len(self._sound) < WINDOW and self._buffer.first == self._here:
            self._decode(now)

    def _hurry(self, now: float, excess: float) -> None:
        self._spare = min(self._spare + self._step // _FASTER, WINDOW // 2)
        self._look_ahead(now)
        likeness = _LIKENESS_BACKLOG if excess > _BACKLOG else _LIKENESS
        longest = min(self._spare, ticks_of(excess + self._target.step / 2))
        left_out = self._sound.shorten(longest, likeness)
        self._spare -= left_out
        self.counters.left_out += left_out

    @property
    def _here(self) -> int:
        assert self._position is not None
        return self._position
