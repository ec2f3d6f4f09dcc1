"""libopus behind its door: what goes in comes out, and what does not belong is named."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError, MalformedPacketError, PttError
from ptt.media import opus
from ptt.media.level import level_dbfs
from ptt.media.opus import OpusDecoder, OpusEncoder
from ptt.media.opus_packet import opus_samples_untrusted
from tests.support import speech

LOOK_AHEAD = 312  # samples that libopus 1.3 keeps back


def test_speech_comes_out_as_it_went_in() -> None:
    sound = speech.voice(1.0)
    encoder, decoder = OpusEncoder(), OpusDecoder()

    heard = b"".join(decoder.decode(encoder.encode(f)) for f in speech.frames(sound))

    shifted = speech.samples(heard)[LOOK_AHEAD:].astype(float)
    likeness = np.corrcoef(sound[: len(shifted)].astype(float), shifted)[0, 1]
    assert likeness > 0.9


@pytest.mark.parametrize("frame_samples", [480, 960, 1920, 2880])
def test_a_packet_says_how_long_it_sounds(frame_samples: int) -> None:
    packet = OpusEncoder(frame_samples=frame_samples).encode(bytes(2 * frame_samples))

    assert opus_samples_untrusted(packet) == frame_samples
    assert len(OpusDecoder().decode(packet)) == 2 * frame_samples


def test_packets_of_silence_and_of_speech_are_equally_long() -> None:
    encoder = OpusEncoder(bitrate=24_000)
    frames = [bytes(1920)] * 5 + speech.frames(speech.voice(0.5))

    assert {len(encoder.encode(frame)) for frame in frames} == {60}


def test_a_short_buffer_is_refused_before_opus_reads_past_it() -> None:
    with pytest.raises(LocalProtocolError):
        OpusEncoder().encode(bytes(1918))


@pytest.mark.parametrize("wrong", [{"bitrate": 0}, {"complexity": 11}, {"frame_samples": 961}])
def test_settings_that_opus_does_not_take_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(LocalProtocolError):
        OpusEncoder(**wrong)


def test_concealment_goes_on_with_the_voice_and_fades() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()
    for frame in speech.frames(speech.voice(0.3)):
        decoder.decode(encoder.encode(frame))

    invented = [level_dbfs(decoder.conceal(960)) for _ in range(20)]

    assert invented[0] > -30
    assert invented[-1] < invented[0] - 30


@pytest.mark.parametrize("samples", [0, 1, 961, 5880])
def test_lengths_that_cannot_be_concealed_are_refused(samples: int) -> None:
    with pytest.raises(LocalProtocolError):
        OpusDecoder().conceal(samples)


def test_an_empty_packet_is_malformed_and_not_a_loss() -> None:
    with pytest.raises(MalformedPacketError):
        OpusDecoder().decode(b"")


def test_the_decoder_goes_on_after_rubbish() -> None:
    encoder, decoder = OpusEncoder(), OpusDecoder()

    with pytest.raises(MalformedPacketError):
        decoder.decode(b"\xff\xff")

    assert len(decoder.decode(encoder.encode(bytes(1920)))) == 1920


@given(st.binary(max_size=1500))
def test_no_octets_break_the_decoder(octets: bytes) -> None:
    try:
        heard = OpusDecoder().decode(octets)
    except MalformedPacketError:
        return

    assert len(heard) == 2 * opus_samples_untrusted(octets)


@given(st.binary(max_size=8))
def test_any_octets_have_a_length_or_are_malformed(octets: bytes) -> None:
    try:
        samples = opus_samples_untrusted(octets)
    except MalformedPacketError:
        return

    assert 0 < samples <= 5760
    assert samples % 120 == 0


def test_a_missing_library_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise Exception("Could not find Opus library. Make sure it is installed.")

    opus._opus.cache_clear()
    monkeypatch.setattr(opus.importlib, "import_module", fail)

    with pytest.raises(PttError, match="libopus0"):
        OpusDecoder()


def test_the_variadic_call_names_its_fixed_arguments_only() -> None:
    # ctypes passes what follows them as variadic, which macOS arm64 needs.
    assert len(opus._encoder_ctl_function().argtypes) == 2
