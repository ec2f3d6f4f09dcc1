r"""Hands-free talk in one channel: when a voice is to ask for the floor, and when it is not.

    voice --> wants the floor --grant, words, hang-over--> over
                 |                                          \--hardly any voice--> pause
                 +--denied, revoked--> not before this voice fell silent

A door that slams may look like a word. What turns out to have been no speech makes the next one
wait, each time twice as long, until somebody speaks for real. A voice that waits is kept, and asks
when the pause is over: a short "yes" costs the next word a moment, not a syllable. Pure.
"""

from ptt.media.frames import FRAME_OCTETS
from ptt.media.voice_activity import VoiceActivity, VoiceActivitySettings

# Implementation
REAL_SPEECH = 0.3  # s of voice beyond the onset; whoever says so much is no door
FIRST_PAUSE = 0.5  # s
LONGEST_PAUSE = 4.0  # s


class HandsFree:
    """One microphone and one channel; `channel` is its name."""

    def __init__(self, channel: str, settings: VoiceActivitySettings) -> None:
        self.channel = channel
        self.activity = VoiceActivity(settings)
        self._hang_over = settings.hang_over
        self._spoke_since = 0.0
        self._refused = False
        self._pause = FIRST_PAUSE
        self._not_before = 0.0
        self._played = b""

    @property
    def speaking(self) -> bool:
        """Whether somebody speaks, hang-over included."""
        return self.activity.speaking

    def handle_frame(self, frame: bytes, now: float) -> None:
        """The microphone gave 20 ms, before any processing."""
        before = self.activity.speaking
        speaking = self.activity.handle_frame(frame)
        if speaking and not before:
            self._spoke_since = now
        if not speaking:
            self._refused = False

    def note_played(self, sound: bytes) -> None:
        """The loudspeaker was given this frame, or half of one, of voices."""
        self._played += sound
        if len(self._played) >= FRAME_OCTETS:
            self.activity.note_played(self._played)
            self._played = b""

    def wants_floor(self, now: float) -> bool:
        """Whether to ask for the floor now."""
        return self.speaking and not self._refused and now >= self._not_before

    def note_end(self, now: float) -> None:
        """The voice that had asked fell silent."""
        if now - self._spoke_since - self._hang_over >= REAL_SPEECH:
            self._pause = FIRST_PAUSE
        else:
            self._not_before = now + self._pause
            self._pause = min(2 * self._pause, LONGEST_PAUSE)

    def note_refusal(self) -> None:
        """The floor was denied or taken away: this voice asks no more."""
        self._refused = True
