"""What a person may choose about the engine; the defaults are those of the design."""

from dataclasses import dataclass, field

from ptt.media.preroll import PreRollLevel
from ptt.media.tones import Tone


@dataclass(frozen=True, slots=True)
class Settings:
    """One value for the life of a client.

    preroll: how much of what is said before the permit is kept, in memory only.
    tones: which tones are mixed into the own loudspeaker; empty for none.
    bitrate: of the own voice, bit/s; complexity: of the Opus encoder, 0 to 10.
    silence_dbfs: below this level nobody is taken to be speaking.
    open_microphone_after: seconds of silence with the key down until the warning.
    open_microphone_grace: seconds from that warning until the floor goes back.
    limit_warning: seconds before the end of the talk limit when TalkLimitNear comes.
    tail_frames: frames of 20 ms that are read and sent after the key went up, so that the
        last syllable, still on its way through the sound device, is not lost.
    software: what this client calls itself towards the server.
    """

    preroll: PreRollLevel = PreRollLevel.FROM_KEY_DOWN
    tones: frozenset[Tone] = field(default_factory=lambda: frozenset(Tone))
    bitrate: int = 24_000
    complexity: int = 10
    silence_dbfs: float = -50.0
    open_microphone_after: float = 10.0
    open_microphone_grace: float = 2.0
    limit_warning: float = 5.0
    tail_frames: int = 2
    software: str = "ptt"
