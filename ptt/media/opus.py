"""The one door to libopus: encode and decode one talk burst (RFC 6716).

opuslib finds the library, makes the states and names the errors. Its classes stay outside:
they copy each sample through a Python list, some of their settings do nothing, and their
variadic calls pass the value in the wrong place on macOS arm64. So the three calls that matter
have their own prototypes here. Does not know RTP, loss or time: see playout.py.
"""

import ctypes
import importlib
import warnings
import weakref
from functools import cache
from typing import Any

from ptt.errors import LocalProtocolError, MalformedPacketError, PttError
from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE
from ptt.media.opus_packet import MAX_PACKET_SAMPLES

# Specification (opus_defines.h)
_APPLICATION_VOIP = 2048
_APPLICATION_LOW_DELAY = 2051  # looks 2.5 ms ahead instead of 6.5, and knows no voice model
_SET_BITRATE = 4002
_SET_MAX_BANDWIDTH = 4004
_WIDEBAND = 1103  # up to 8 kHz
_SET_VBR = 4006
_SET_COMPLEXITY = 4010
_SET_SIGNAL = 4024
_SIGNAL_VOICE = 3001
_CONCEALMENT_STEP = 120  # samples; libopus conceals multiples of 2.5 ms
FRAME_LENGTHS = (480, 960, 1920, 2880)  # samples; those that VOIP encodes well

# Implementation
DEFAULT_BITRATE = 24_000  # bit/s
LOW_DELAY_BITRATE = 48_000  # bit/s
DEFAULT_COMPLEXITY = 10  # twice the time of 5, for 0.3 PESQ; one talker encodes, and only one
_FULL_BAND_FROM = 32_000  # bit/s; below that, sound above 8 kHz costs more than it is worth
_MAX_PACKET = 1275  # octets, RFC 6716 3.2.1: one frame is never longer


class OpusEncoder:
    """The encoder of one talk burst.

    `bitrate` in bit/s, `complexity` 0 to 10, `frame_samples` one of FRAME_LENGTHS. The bit rate
    is constant: the length of encrypted packets would tell what is said (RFC 6562). `low_delay`:
    4 ms less, for which it needs LOW_DELAY_BITRATE to sound as well.
    Raises PttError if libopus is missing, LocalProtocolError for values that Opus does not take.
    """

    def __init__(
        self,
        bitrate: int = DEFAULT_BITRATE,
        complexity: int = DEFAULT_COMPLEXITY,
        frame_samples: int = FRAME_SAMPLES,
        *,
        low_delay: bool = False,
    ) -> None:
        if frame_samples not in FRAME_LENGTHS:
            raise LocalProtocolError(f"Opus has no frame of {frame_samples} samples.")
        self.frame_samples = frame_samples
        self._state = _new_encoder_state(_APPLICATION_LOW_DELAY if low_delay else _APPLICATION_VOIP)
        weakref.finalize(self, _opus().encoder.destroy, self._state)
        self._packet = ctypes.create_string_buffer(_MAX_PACKET)
        self._encode = _encode_function()
        self._set(_SET_BITRATE, bitrate)
        self._set(_SET_COMPLEXITY, complexity)
        self._set(_SET_SIGNAL, _SIGNAL_VOICE)
        self._set(_SET_VBR, 0)
        if bitrate < _FULL_BAND_FROM:
            self._set(_SET_MAX_BANDWIDTH, _WIDEBAND)

    def encode(self, pcm: bytes) -> bytes:
        """One Opus packet of exactly `frame_samples` samples of `pcm`.

        Raises LocalProtocolError for any other length, since libopus would read past the end.
        """
        if len(pcm) != 2 * self.frame_samples:
            raise LocalProtocolError(f"{len(pcm)} octets are not {self.frame_samples} samples.")
        length = self._encode(self._state, pcm, self.frame_samples, self._packet, _MAX_PACKET)
        if length < 0:
            raise LocalProtocolError(f"Opus does not encode: {_reason(length)}.")
        return ctypes.string_at(self._packet, length)

    def _set(self, request: int, value: int) -> None:
        result = _encoder_ctl_function()(self._state, request, ctypes.c_int(value))
        if result < 0:
            raise LocalProtocolError(f"Opus does not take the value {value}: {_reason(result)}.")


class OpusDecoder:
    """The decoder of one talk burst; raises PttError if libopus is missing."""

    def __init__(self) -> None:
        decoder = _opus().decoder
        self._state = decoder.create_state(SAMPLE_RATE, 1)
        weakref.finalize(self, decoder.destroy, self._state)
        self._pcm = (ctypes.c_int16 * MAX_PACKET_SAMPLES)()
        self._decode = _decode_function()

    def decode(self, packet: bytes) -> bytes:
        """The sound of `packet`, 2.5 to 120 ms of it; raises MalformedPacketError.

        After an error the decoder goes on with the next packet.
        """
        if not packet:  # libopus would take this for a loss
            raise MalformedPacketError("An Opus packet is empty.")
        return self._call(packet, MAX_PACKET_SAMPLES)

    def conceal(self, samples: int) -> bytes:
        """Invent `samples` in place of a packet that did not come; fades out when repeated."""
        if samples % _CONCEALMENT_STEP or not 0 < samples <= MAX_PACKET_SAMPLES:
            raise LocalProtocolError(f"Opus does not conceal {samples} samples.")
        return self._call(None, samples)

    def _call(self, packet: bytes | None, room: int) -> bytes:
        length = 0 if packet is None else len(packet)
        samples = self._decode(self._state, packet, length, self._pcm, room, 0)
        if samples < 0:
            raise MalformedPacketError(f"An Opus packet does not decode: {_reason(samples)}.")
        return ctypes.string_at(self._pcm, 2 * samples)


def _new_encoder_state(application: int) -> Any:  # noqa: ANN401 - a foreign pointer
    return _opus().encoder.create_state(SAMPLE_RATE, 1, application)


@cache
def _opus() -> Any:  # noqa: ANN401 - opuslib has no types
    """The modules of opuslib; raises PttError if there is no libopus."""
    try:
        with warnings.catch_warnings():
            # opuslib compares numbers by `is not`; Python says so at each first import.
            warnings.simplefilter("ignore", SyntaxWarning)
            for module in ("encoder", "decoder", "info"):
                importlib.import_module(f"opuslib.api.{module}")
            return importlib.import_module("opuslib.api")
    except Exception as exc:  # opuslib raises a bare Exception
        raise PttError(
            "The Opus library is missing: install libopus0 (Debian, Ubuntu) or opus (others)."
        ) from exc


# Fresh function objects, so that the prototypes set here are nobody else's.


@cache
def _encode_function() -> Any:  # noqa: ANN401
    function = _opus().libopus["opus_encode"]
    pcm, packet = ctypes.c_char_p, ctypes.c_char_p
    state = _opus().encoder.EncoderPointer
    function.argtypes = (state, pcm, ctypes.c_int, packet, ctypes.c_int32)
    function.restype = ctypes.c_int32
    return function


@cache
def _decode_function() -> Any:  # noqa: ANN401
    function = _opus().libopus["opus_decode"]
    pcm = ctypes.POINTER(ctypes.c_int16)
    state = _opus().decoder.DecoderPointer
    function.argtypes = (state, ctypes.c_char_p, ctypes.c_int32, pcm, ctypes.c_int, ctypes.c_int)
    function.restype = ctypes.c_int
    return function


@cache
def _encoder_ctl_function() -> Any:  # noqa: ANN401
    """The variadic call: only the fixed arguments have types, as ctypes asks for macOS arm64."""
    function = _opus().libopus["opus_encoder_ctl"]
    function.argtypes = (_opus().encoder.EncoderPointer, ctypes.c_int)
    function.restype = ctypes.c_int
    return function


def _reason(code: int) -> str:
    return str(_opus().info.strerror(code).decode())
