"""Says whether somebody speaks into the microphone, for talking without a key.

    the detector says speech                 } a voiced frame;  120 of 160 ms: speech begins
    and 6 dB above the noise of the room     }                  none for 0.5 s: it is over
    and 6 dB above the own loudspeaker's echo}

webrtcvad alone takes music from the street and every keyboard for speech; the level gate alone
takes a slammed door. The price is that the onset is noticed some 200 ms late: hence the pre-roll
(preroll.py). What the echo is: echo_gate.py. Counts frames instead of time. Pure.
"""

from collections import deque
from dataclasses import dataclass, fields
from typing import Protocol

import webrtcvad

from ptt.errors import ConfigError
from ptt.media.echo_gate import EchoGate
from ptt.media.frames import FRAME_SECONDS, SAMPLE_RATE
from ptt.media.level import level_dbfs

# Implementation
_STRICTEST = 3  # of webrtcvad's modes 0 to 3
_FIRST_FLOOR = -50.0  # dBFS; a room is not expected to be louder until it is heard to be
_FLOOR_FALLS = 0.3  # of the distance, each frame
_FLOOR_RISES = 0.06  # dB a frame, 3 dB a second; a syllable lifts it by less than one
_FLOOR_RISES_IN_SPEECH = 0.01  # dB a frame

RANGES = {
    "onset": (0.06, 0.4),  # s; beyond 0.4 s the pre-roll would not hold the first syllable
    "minimum_speech": (0.04, 0.4),  # s
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
    minimum_speech: float = 0.12
    hang_over: float = 0.5
    above_noise: float = 6.0
    least_level: float = -50.0
    echo_tail: float = 0.3
    above_echo: float = 6.0

    def __post_init__(self) -> None:
        for field in fields(self):
            low, high = RANGES[field.name]
            value = getattr(self, field.name)
            if not low <= value <= high:
                raise ConfigError(
                    f"{field.name} of voice activation is {value:g}: "
                    f"choose a number from {low:g} to {high:g}."
                )
        if self.minimum_speech > self.onset:
            raise ConfigError(
                f"minimum_speech of voice activation is {self.minimum_speech:g} s but the onset "
                f"only {self.onset:g} s: make the onset at least as long."
            )


class SpeechDetector(Protocol):
    """Tells the sound of a voice from other sounds, whatever their level."""

    def is_speech(self, frame: bytes) -> bool:
        """Whether the microphone's latest frame, 20 ms, sounds like a voice."""


class WebRtcDetector:
    """The detector of WebRTC in its strictest mode."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(_STRICTEST)

    def is_speech(self, frame: bytes) -> bool:
        """By Gaussian mixtures over six bands; takes much noise for speech."""
        return bool(self._vad.is_speech(frame, SAMPLE_RATE))


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
        self._threshold = max(
            self._settings.least_level,
            self._floor + self._settings.above_noise,
            self._echo.handle_level(level) + self._settings.above_echo,
        )
        speech = self._detector.is_speech(frame)
        voiced = speech and level >= self._threshold
        self._follow_noise(level, speech)
        self._recent.append(voiced)
        self._quiet_frames = 0 if voiced else self._quiet_frames + 1
        self.speaking = self._goes_on if self.speaking else self._begins
        return self.speaking

    @property
    def _begins(self) -> bool:
        return sum(self._recent) >= _frames_of(self._settings.minimum_speech)

    @property
    def _goes_on(self) -> bool:
        return self._quiet_frames * FRAME_SECONDS < self._settings.hang_over

    def _follow_noise(self, level: float, speech: bool) -> None:
        """Down fast, up slowly: pauses between words show the room, words do not."""
        if level < self._floor:
            self._floor += _FLOOR_FALLS * (level - self._floor)
        else:
            rise = _FLOOR_RISES_IN_SPEECH if speech else _FLOOR_RISES
            self._floor = min(level, self._floor + rise)


def _frames_of(seconds: float) -> int:
    return max(1, round(seconds / FRAME_SECONDS))
