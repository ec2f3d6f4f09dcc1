"""Says whether somebody speaks into the microphone, for talking without a key.

    the detector says speech                  } a voiced frame;  100 of 160 ms: speech begins
    and 6 dB above the noise of the room      }                  none for 0.5 s: it is over
    and 6 dB above the own loudspeaker's echo }

What sounds like a voice: speech_detector.py. What the echo is: echo_gate.py. The price of certainty
is that the onset is noticed some 200 ms late: hence the pre-roll (preroll.py). Counts frames
instead of time. Pure.
"""

from collections import deque
from dataclasses import dataclass

from ptt.errors import ConfigError
from ptt.media.echo_gate import EchoGate
from ptt.media.frames import FRAME_SECONDS
from ptt.media.level import level_dbfs
from ptt.media.speech_detector import SpeechDetector, WebRtcDetector

# Implementation
_FIRST_FLOOR = -50.0  # dBFS; a room is not expected to be louder until it is heard to be
_FIRST_FRAMES = 15  # 0.3 s, the softest of which is taken for the room at first
_DEAD = -90.0  # dBFS; a device that does not give sound yet, or is muted: not a quiet room
_FLOOR_FALLS = 0.1  # of the distance, each frame
_FLOOR_RISES = 0.06  # dB a frame, 3 dB a second; a syllable lifts it by less than one
_FLOOR_RISES_BY_VOICES = 0.01  # dB a frame

RANGES = {
    "onset": (0.06, 0.4),  # s; beyond 0.4 s the pre-roll would not hold the first syllable
    "minimum_speech": (0.06, 0.4),  # s
    "hang_over": (0.1, 3.0),  # s
    "above_noise": (0.0, 30.0),  # dB
    "least_level": (-90.0, -10.0),  # dBFS
    "echo_tail": (0.0, 1.0),  # s
    "above_echo": (0.0, 30.0),  # dB
}


@dataclass(frozen=True, slots=True)
class VoiceActivitySettings:
    """What the user may change; RANGES says within which limits, else ConfigError.

    onset: seconds within which speech must show itself.
    minimum_speech: seconds of voice within the onset that begin speech; not above it.
    hang_over: seconds without voice that end it.
    above_noise: dB that speech must be above the noise of the room.
    least_level: dBFS below which nothing is speech.
    echo_tail: seconds for which the own loudspeaker still counts after it fell silent.
    above_echo: dB that speech must be above the loudspeaker as the microphone hears it.
    """

    onset: float = 0.16
    minimum_speech: float = 0.1
    hang_over: float = 0.5
    above_noise: float = 6.0
    least_level: float = -50.0
    echo_tail: float = 0.3
    above_echo: float = 6.0

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(
                    f"{name} of voice activation is {value:g}: "
                    f"choose a number from {low:g} to {high:g}."
                )
        if self.minimum_speech > self.onset:
            raise ConfigError(
                f"minimum_speech of voice activation is {self.minimum_speech:g} s but the onset "
                f"only {self.onset:g} s: make the onset at least as long."
            )


class VoiceActivity:
    """One microphone; give it every frame of it, and every frame of voice that was played."""

    def __init__(
        self,
        settings: VoiceActivitySettings | None = None,
        detector: SpeechDetector | None = None,
    ) -> None:
        self._settings = settings or VoiceActivitySettings()
        self._detector = detector or WebRtcDetector()
        self._echo = EchoGate(self._settings.echo_tail)
        self._recent: deque[bool] = deque(maxlen=_frames_of(self._settings.onset))
        self._quiet_frames = 0
        self._floor = _FIRST_FLOOR
        self._unlearned = _FIRST_FRAMES
        self._threshold = max(self._settings.least_level, _FIRST_FLOOR)
        self.speaking = False

    @property
    def noise_dbfs(self) -> float:
        """The noise of the room."""
        return self._floor

    @property
    def threshold_dbfs(self) -> float:
        """The level from which a voice counted as one in the latest frame."""
        return self._threshold

    def note_played(self, frame: bytes) -> None:
        """The own loudspeaker was given this frame of voices, 20 ms."""
        self._echo.note_played(frame)

    def handle_frame(self, frame: bytes) -> bool:
        """Whether somebody speaks, after this frame of the microphone."""
        level = level_dbfs(frame)
        echo = self._echo.handle_level(level)
        self._threshold = max(
            self._settings.least_level,
            self._floor + self._settings.above_noise,
            echo + self._settings.above_echo,
        )
        speech = self._detector.is_speech(frame)
        voiced = speech and level >= self._threshold
        self._follow_noise(level, speech or self.speaking or echo > self._floor)
        self._recent.append(voiced)
        self._quiet_frames = 0 if voiced else self._quiet_frames + 1
        self.speaking = self._goes_on if self.speaking else self._begins
        return self.speaking

    @property
    def _begins(self) -> bool:
        least = self._settings.minimum_speech - self._detector.hindsight
        return not self._unlearned and sum(self._recent) >= _frames_of(least)

    @property
    def _goes_on(self) -> bool:
        return self._quiet_frames * FRAME_SECONDS < self._settings.hang_over

    def _follow_noise(self, level: float, voices: bool) -> None:
        """Down fast, up slowly: pauses between words show the room, words do not."""
        if level <= _DEAD:
            return
        if self._unlearned:
            first = self._unlearned == _FIRST_FRAMES
            self._unlearned -= 1
            self._floor = level if first else min(level, self._floor)
        elif level < self._floor:
            self._floor += _FLOOR_FALLS * (level - self._floor)
        else:
            rise = _FLOOR_RISES_BY_VOICES if voices else _FLOOR_RISES
            self._floor = min(level, self._floor + rise)


def _frames_of(seconds: float) -> int:
    return max(1, round(seconds / FRAME_SECONDS))
