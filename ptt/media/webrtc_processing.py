"""The one door to LiveKit's build of WebRTC's audio processing: importing it needs [noise]."""

from livekit.rtc.apm import AudioProcessingModule
from livekit.rtc.audio_frame import AudioFrame

from ptt.media.frames import SAMPLE_RATE


class WebRtcModule:
    """Pieces of 10 ms in, the same out, improved."""

    def __init__(self, noise_suppression: bool, gain_control: bool) -> None:
        self._module = AudioProcessingModule(
            noise_suppression=noise_suppression,
            auto_gain_control=gain_control,
            high_pass_filter=noise_suppression,  # hum and handling, below any voice
        )

    def improve(self, piece: bytes) -> bytes:
        """16-bit samples at 48 kHz, 10 ms."""
        frame = AudioFrame(piece, SAMPLE_RATE, 1, len(piece) // 2)
        self._module.process_stream(frame)
        return frame.data.tobytes()
