"""Says whether somebody speaks into the microphone, for talking without a key.

    webrtcvad says speech                    } a voiced frame;  6 of the last 8: speech begins
    and 6 dB above the noise of the room     }                  none for 0.5 s:  it is over
    and louder than the own loudspeaker      }

webrtcvad alone takes music from the street and every keyboard for speech; the level gate alone
takes a slammed door. Together, with 120 of 160 ms, they took none of white and pink noise and 3
percent of a keyboard for speech (measured beforehand on recordings). The price is that the onset
is noticed some 200 ms late: hence the pre-roll (preroll.py). Counts frames instead of time. Pure.
"""

from collections import deque
from dataclasses import dataclass

import webrtcvad

from ptt.media.frames import FRAME_SECONDS, SAMPLE_RATE
from ptt.media.level import SILENCE_DBFS, level_dbfs

# Implementation
_STRICTEST = 3  # of webrtcvad's modes 0 to 3
_FIRST_FLOOR = -50.0  # dBFS; a room is not expected to be louder until it is heard to be
_FLOOR_FALLS = 0.3  # of the distance, each frame
_FLOOR_RISES = 0.06  # dB a frame, 3 dB a second; a syllable lifts it by less than one
_FLOOR_RISES_IN_SPEECH = 0.01  # dB a frame


@dataclass(frozen=True, slots=True)
class VoiceActivitySettings:
    """What the user may change.

    onset_frames, onset_window: so many voiced frames of so many begin speech.
    hang_over: seconds without a voiced frame that end it.
    above_noise: dB that speech must be above the noise of the room.
    least_level: dBFS below which nothing is speech.
    echo_tail: seconds for which the own loudspeaker still counts after it fell silent.
    above_echo: dB that speech must be above what the loudspeaker plays or just played.
    """

    onset_frames: int = 6
    onset_window: int = 8
    hang_over: float = 0.5
    above_noise: float = 6.0
    least_level: float = -50.0
    echo_tail: float = 0.3
    above_echo: float = 6.0


class VoiceActivity:
    """One microphone; give it every frame."""

    def __init__(self, settings: VoiceActivitySettings | None = None) -> None:
        self._settings = settings or VoiceActivitySettings()
        self._vad = webrtcvad.Vad(_STRICTEST)
        self._recent: deque[bool] = deque(maxlen=self._settings.onset_window)
        tail = 1 + round(self._settings.echo_tail / FRAME_SECONDS)
        self._loudspeaker: deque[float] = deque(maxlen=tail)
        self._quiet_frames = 0
        self._floor = _FIRST_FLOOR
        self.speaking = False

    @property
    def noise_dbfs(self) -> float:
        """The noise of the room."""
        return self._floor

    def handle_frame(self, frame: bytes, loudspeaker_dbfs: float = SILENCE_DBFS) -> bool:
        """Whether somebody speaks, after this frame.

        `loudspeaker_dbfs` is the level of the voices that the loudspeaker plays now.
        """
        level = level_dbfs(frame)
        self._loudspeaker.append(loudspeaker_dbfs)
        speech = bool(self._vad.is_speech(frame, SAMPLE_RATE))
        voiced = speech and level >= self._threshold
        self._follow_noise(level, speech)
        self._recent.append(voiced)
        self._quiet_frames = 0 if voiced else self._quiet_frames + 1
        self.speaking = self._goes_on if self.speaking else self._begins
        return self.speaking

    @property
    def _threshold(self) -> float:
        """dBFS that a voiced frame must have."""
        settings = self._settings
        room = max(settings.least_level, self._floor + settings.above_noise)
        echo = max(self._loudspeaker, default=SILENCE_DBFS)
        return room if echo <= SILENCE_DBFS else max(room, echo + settings.above_echo)

    @property
    def _begins(self) -> bool:
        return sum(self._recent) >= self._settings.onset_frames

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
