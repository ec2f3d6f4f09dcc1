"""What a person may choose about the engine; the defaults are those of the design."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ptt.media.frames import FRAME_SAMPLES
from ptt.media.preroll import PreRollLevel
from ptt.media.tones import Tone
from ptt.media.voice_activity import VoiceActivitySettings


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole; `Client.change` puts another one into its place.

    preroll: how much of what is said before the permit is kept, in memory only.
    voice: what counts as speech when there is no key.
    noise_suppression, gain_control: of the own voice, before it is sent.
    tones: which tones are mixed into the own loudspeaker; empty for none.
    tone_volume: dB; tone_sounds: sounds in place of tones, PCM of 48 kHz, mono, 16 bit.
    volumes: dB by which a person is heard louder, by name.
    muted: names of channels whose voices are not played; a replay that was asked for is.
    ducking: dB by which other channels are lowered while several are heard; 0 for not at all.
    bitrate: of the own voice, bit/s; complexity: of the Opus encoder, 0 to 10.
    silence_dbfs: below this level nobody is taken to be speaking.
    open_microphone_after: seconds of silence with the key down until the warning.
    open_microphone_grace: seconds from that warning until the floor goes back.
    limit_warning: seconds before the end of the talk limit when TalkLimitNear comes.
    tail_frames: frames of 20 ms that are read and sent after the key went up, so that the
        last syllable, still on its way through the sound device, is not lost.
    low_delay: sound goes in steps of 10 ms instead of 20, from microphone to loudspeaker, and is
        kept back for less long: up to 20 ms earlier, for twice the packets and more CPU time.
        What it is when the client begins holds to its end. A channel's own longer packets, and
        voice without a key, keep their steps of 20 ms on the way out.
    software: what this client calls itself towards the server.
    """

    preroll: PreRollLevel = PreRollLevel.FROM_KEY_DOWN
    voice: VoiceActivitySettings = field(default_factory=VoiceActivitySettings)
    noise_suppression: bool = False
    gain_control: bool = False
    tones: frozenset[Tone] = field(default_factory=lambda: frozenset(Tone))
    tone_volume: float = 0.0
    tone_sounds: Mapping[Tone, bytes] = field(default_factory=dict)
    volumes: Mapping[str, float] = field(default_factory=dict)
    muted: frozenset[str] = frozenset()
    ducking: float = 0.0
    bitrate: int = 24_000
    complexity: int = 10
    silence_dbfs: float = -50.0
    open_microphone_after: float = 10.0
    open_microphone_grace: float = 2.0
    limit_warning: float = 5.0
    tail_frames: int = 2
    low_delay: bool = False
    software: str = "ptt"

    @property
    def step_samples(self) -> int:
        """How much sound goes on at a time."""
        return FRAME_SAMPLES // 2 if self.low_delay else FRAME_SAMPLES
