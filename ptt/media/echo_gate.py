"""Learns how loud, and how late, the own loudspeaker is heard by the own microphone.

    played frames --delayed by the lag--> + coupling --> what the echo is at most, dBFS

Both levels, a frame each, are a curve. Where the microphone's follows the loudspeaker's, some lag
up to 400 ms makes them alike (correlation in dB); the difference at that lag is the coupling. Where
it does not follow, as with headphones or while the person talks too, the microphone still says how
loud the echo cannot be: the coupling then only falls. Before anything was heard the coupling is
taken for 0 dB.

Curves instead of waveforms, because rooms and small loudspeakers change the wave beyond recognition
and a lag that jumps by a frame would have to be learned anew. It does not cancel the echo: in half
duplex it is enough to know that it is not the person. Pure.
"""

from collections import deque

import numpy as np
import numpy.typing as npt

from ptt.media.frames import FRAME_SECONDS
from ptt.media.level import SILENCE_DBFS, level_dbfs

Levels = npt.NDArray[np.float64]  # dBFS of consecutive frames

# Implementation, in frames of 20 ms unless it says otherwise
_LONGEST_LAG = 20  # 400 ms: sound servers and Bluetooth
_HISTORY = 150
_LEARN_EVERY = 5
_ENOUGH = 25  # loud frames to learn from
_LONGEST_WAIT = 25  # frames between note_played and their turn, when both clocks differ
_HEARD = -70.0  # dBFS; what is played softer is silence
_LOUD = 12.0  # dB below the loudest that was played: frames to compare
_DEPTH = 30.0  # dB below the loudest that curves are followed down
_ALIKE = 0.75  # correlation from which the microphone follows the loudspeaker
_SURE = 3  # times in a row at one lag, before the coupling may rise
_SURER = 10  # before another lag is believed: two people's pauses can coincide for a while
_UNKNOWN_COUPLING = 0.0  # dB
_DIES_OUT = 2.5  # dB a frame, -60 dB in 0.48 s: an office


class EchoGate:
    """One loudspeaker and one microphone.

    Call note_played for each frame of the one, handle_level for each frame of the other; frames
    played take their turn with those of the microphone, so it does not matter in which order the
    calls of one instant come.
    """

    def __init__(self, tail: float = 0.3) -> None:
        self._tail = round(tail / FRAME_SECONDS)
        self._waiting: deque[float] = deque(maxlen=_LONGEST_WAIT)
        self._played: deque[float] = deque(
            [SILENCE_DBFS] * (_LONGEST_LAG + 1), maxlen=_HISTORY + _LONGEST_LAG
        )
        self._heard: deque[float] = deque(maxlen=_HISTORY)
        self._silent = _LONGEST_LAG + self._tail  # frames since something was played
        self._until_learning = _LEARN_EVERY
        self._alike_at: deque[int] = deque(maxlen=_SURER)
        self.coupling = _UNKNOWN_COUPLING  # dB
        self.lag: int | None = None  # frames

    def note_played(self, frame: bytes) -> None:
        """The loudspeaker was given this frame of 20 ms."""
        self._waiting.append(level_dbfs(frame))

    def handle_level(self, level: float) -> float:
        """What the echo in a frame of the microphone that has `level` dBFS is at most, dBFS."""
        played = self._waiting.popleft() if self._waiting else SILENCE_DBFS
        self._silent = 0 if played > _HEARD else self._silent + 1
        if self._silent > _LONGEST_LAG + self._tail:
            return SILENCE_DBFS
        self._played.append(played)
        self._heard.append(level)
        self._learn_now_and_then()
        return self._expected

    @property
    def _expected(self) -> float:
        """The loudest that may arrive now, by the lag give or take a frame, or dies out."""
        first, last = self._lags
        levels = np.array(self._played)[::-1][first : last + self._tail + 1]
        faded = np.maximum(np.arange(first, first + len(levels)) - last, 0) * _DIES_OUT
        loudest = float((levels - faded).max())
        return loudest + self.coupling if loudest > _HEARD else SILENCE_DBFS

    @property
    def _lags(self) -> tuple[int, int]:
        """The least and the most frames that a sound may need back into the microphone."""
        if self.lag is None:
            return 0, _LONGEST_LAG
        return max(0, self.lag - 1), self.lag + 1

    def _learn_now_and_then(self) -> None:
        self._until_learning -= 1
        if self._until_learning <= 0 and len(self._heard) >= _ENOUGH:
            self._until_learning = _LEARN_EVERY
            self._learn()

    def _learn(self) -> None:
        heard = np.array(self._heard)
        played = _delayed(np.array(self._played), len(heard))
        likeness = _likeness(played, heard)
        lag = int(likeness.argmax())
        if likeness[lag] < _ALIKE:
            self._alike_at.clear()
            self._lower(heard, played)
        else:
            self._alike_at.append(lag)
            self._adopt(lag, heard - played[lag], played[lag])

    def _adopt(self, lag: int, differences: Levels, played: Levels) -> None:
        """The microphone follows the loudspeaker."""
        loud = played > played.max() - _LOUD
        if loud.sum() < _ENOUGH or not self._plausible(lag):
            return
        coupling = float(np.percentile(differences[loud], 75))
        if self._alike_for(_SURE):
            self.lag = lag
            self.coupling += 0.5 * (coupling - self.coupling)
        else:
            self.coupling = min(self.coupling, coupling)

    def _plausible(self, lag: int) -> bool:
        """Not a sudden other lag."""
        return self.lag is None or abs(lag - self.lag) <= 1 or self._alike_for(_SURER)

    def _alike_for(self, times: int) -> bool:
        """Whether one lag, give or take a frame, was the best that many times in a row."""
        latest = list(self._alike_at)[-times:]
        return len(latest) == times and max(latest) - min(latest) <= 1

    def _lower(self, heard: Levels, played: Levels) -> None:
        """It does not follow: so loud the echo is not."""
        first, last = self._lags
        loudest = played[first : last + 1].max(axis=0)
        loud = loudest > max(loudest.max() - _LOUD, _HEARD)
        if loud.sum() >= _ENOUGH:
            self.coupling = min(self.coupling, float(np.median((heard - loudest)[loud])))


def _delayed(played: Levels, count: int) -> Levels:
    """The latest `count` levels, once for each lag: rows 0 to _LONGEST_LAG."""
    padded = np.concatenate([np.full(_LONGEST_LAG, SILENCE_DBFS), played])
    rows = np.lib.stride_tricks.sliding_window_view(padded[-(count + _LONGEST_LAG) :], count)
    return rows[::-1]


def _likeness(played: Levels, heard: Levels) -> Levels:
    """Correlation of the microphone's curve with that of the loudspeaker at each lag, -1 to 1."""
    curves = np.maximum(played, played.max() - _DEPTH)
    curves = curves - curves.mean(axis=1, keepdims=True)
    curve = np.maximum(heard, heard.max() - _DEPTH)
    curve = curve - curve.mean()
    size = np.sqrt(np.einsum("lt,lt->l", curves, curves) * (curve @ curve))
    likeness: Levels = curves @ curve / np.maximum(size, 1e-9)
    return likeness
