"""Takes noise out of the microphone's sound, and makes soft and loud talkers alike.

The audio processing module of WebRTC at 48 kHz, by the extra [noise]: LiveKit's SDK, of which
nothing else is used; it connects to nothing. Imported only when something is switched on. It
delays sound by 7 ms. Does not cancel echo: echo_gate.py says why not.

    noise: steady noise 14 dB softer        gain: speech of -46 dBFS to -26 within two seconds

Other wheels were looked at: webrtc-noise-gain knows only 16 kHz and has no Windows, speexdsp-ns
only Linux, pyrnnoise no macOS and needs matplotlib.
"""

from typing import Protocol

from ptt.errors import ConfigError
from ptt.media.frames import SAMPLE_RATE

# Specification: WebRTC's audio processing works in pieces of 10 ms
_PIECE_SAMPLES = SAMPLE_RATE // 100
_PIECE_OCTETS = 2 * _PIECE_SAMPLES


class _Module(Protocol):
    """What we need of WebRTC's module."""

    def improve(self, piece: bytes) -> bytes:
        """The next 10 ms, improved."""


class VoiceProcessing:
    """One microphone; give it every frame. Raises ConfigError where the extra is missing."""

    def __init__(self, noise_suppression: bool, gain_control: bool) -> None:
        self._module: _Module | None = None
        if noise_suppression or gain_control:
            self._module = _module(noise_suppression, gain_control)

    def process(self, frame: bytes) -> bytes:
        """The frame, or half of one, improved and 7 ms late; itself when nothing is switched on."""
        if self._module is None:
            return frame
        starts = range(0, len(frame), _PIECE_OCTETS)
        return b"".join(self._module.improve(frame[at : at + _PIECE_OCTETS]) for at in starts)


def _module(noise_suppression: bool, gain_control: bool) -> _Module:
    try:
        from ptt.media.webrtc_processing import WebRtcModule
    except ImportError as missing:
        raise ConfigError(
            "Noise suppression and gain control are not installed: "
            "run pip install 'ptt[noise]', or switch both off."
        ) from missing
    return WebRtcModule(noise_suppression, gain_control)
