"""All that went wrong with sound, in one call: for doctor, benchmark and status."""

from dataclasses import dataclass

from ptt_devices.loudspeaker import PlaybackStatistics, PortAudioLoudspeaker
from ptt_devices.microphone import CaptureStatistics, PortAudioMicrophone
from ptt_devices.portaudio import SoundSystem, SystemStatistics


@dataclass(frozen=True, slots=True)
class SoundStatistics:
    """Counters since the program began; see each for what non-zero means."""

    microphone: CaptureStatistics
    loudspeaker: PlaybackStatistics
    system: SystemStatistics


def sound_statistics(
    microphone: PortAudioMicrophone, loudspeaker: PortAudioLoudspeaker, system: SoundSystem
) -> SoundStatistics:
    """Of these two devices, and of what they share."""
    return SoundStatistics(microphone.statistics(), loudspeaker.statistics(), system.statistics())
