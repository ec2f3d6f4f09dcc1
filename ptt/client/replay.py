"""Plays a kept burst once more; asked again, the one before.

    KeptBurst --in order of position--> Opus --> frames of 20 ms

At the pace at which it was said. What never came is invented for a tenth of a second and then left
out: nobody needs to sit through an outage twice. Pure. Does not know who talks now: see
playback.py.
"""

from collections import deque
from collections.abc import Sequence
from math import inf

from ptt.client.kept_bursts import KeptBurst, KeptBursts, KeptPacket
from ptt.errors import MalformedPacketError
from ptt.media.decoded_sound import DecodedSound
from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE

# Implementation
BEFORE_WITHIN = 3.0  # s after the end of a replay in which asking again means the one before
_MOST_INVENTED = SAMPLE_RATE // 10  # samples of one gap


class Replay:
    """One burst at a time. `channel`: of which channel one plays now."""

    def __init__(self, kept: KeptBursts, step_samples: int = FRAME_SAMPLES) -> None:
        self.channel: int | None = None
        self._step_samples = step_samples
        self._kept = kept
        self._burst: KeptBurst | None = None
        self._newest: KeptBurst | None = None
        self._sound: _Sound | None = None
        self._ended_at = -inf

    def start(self, channel: int, now: float) -> KeptBurst | None:
        """Play the last burst, or the one before; what begins to play, None if nothing is kept.

        The one before: if one of this channel plays, or was heard out a moment ago, and nobody
        has talked there since. At the oldest one it stays.
        """
        bursts = self._kept.bursts(channel)
        if not bursts:
            return None
        self._burst = self._choose(bursts, now)
        self._newest = bursts[-1]
        self._sound = _Sound(self._burst, self._step_samples)
        self.channel = channel
        return self._burst

    def play(self) -> bytes | None:
        """The next frame; None: it was played to its end, or there was none."""
        return self._sound.next_frame() if self._sound else None

    def stop(self, heard_out_at: float = -inf) -> None:
        """Play no more: it was heard out at this time, or interrupted."""
        self.channel, self._sound, self._ended_at = None, None, heard_out_at

    def _choose(self, bursts: Sequence[KeptBurst], now: float) -> KeptBurst:
        again = self.channel is not None or now < self._ended_at + BEFORE_WITHIN
        if not again or self._burst not in bursts or bursts[-1] is not self._newest:
            return bursts[-1]
        return bursts[max(bursts.index(self._burst) - 1, 0)]


class _Sound:
    """A kept burst on its way to the loudspeaker."""

    def __init__(self, burst: KeptBurst, step_samples: int) -> None:
        self._step = step_samples
        self._packets: deque[tuple[int, KeptPacket]] = deque(sorted(burst.packets.items()))
        self._position = self._packets[0][0]
        self._decoded = DecodedSound()

    def next_frame(self) -> bytes | None:
        while len(self._decoded) <= self._step and self._packets:
            self._fill()
        if not len(self._decoded):
            return None
        if self._packets or self._more:
            return self._decoded.take(self._step)
        return self._decoded.take_last(self._step)

    @property
    def _more(self) -> bool:
        return len(self._decoded) > self._step

    def _fill(self) -> None:
        position, packet = self._packets[0]
        hole = position - self._position
        if hole > 0:
            self._decoded.conceal(min(hole, _MOST_INVENTED))
            self._position = position
            return
        self._packets.popleft()
        self._position = position + packet.samples
        try:
            self._decoded.decode(packet.opus)
        except MalformedPacketError:
            self._decoded.conceal(packet.samples)
