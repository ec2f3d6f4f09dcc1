"""Sound of devices that are not 48 kHz mono."""

import numpy as np
import pytest

from ptt_devices.conversion import (
    NATIVE,
    FromFrames,
    StreamFormat,
    ToFrames,
    formats_to_try,
)

TONE = 440.0  # Hz
SECONDS = 0.5


def tone(rate: int, channels: int = 1) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """A sine on every channel, interleaved."""
    time = np.arange(round(SECONDS * rate)) / rate
    return np.repeat((10_000 * np.sin(2 * np.pi * TONE * time)).astype(np.int16), channels)


def in_blocks(pcm: bytes, size: int) -> list[bytes]:
    return [pcm[at : at + size] for at in range(0, len(pcm), size)]


def pitch_and_loudness(pcm: bytes, rate: int) -> tuple[float, float]:
    """The strongest frequency in Hz, and the peak, of the middle of the sound."""
    sound = np.frombuffer(pcm, dtype=np.int16)[rate // 10 : rate // 10 + rate // 5]
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 18))
    return float(np.argmax(spectrum)) * rate / (1 << 18), float(np.max(np.abs(sound)))


OTHERS = [StreamFormat(44_100, 1), StreamFormat(16_000, 1), StreamFormat(48_000, 2)]
OTHERS += [StreamFormat(44_100, 2), StreamFormat(96_000, 6)]


@pytest.mark.parametrize("other", OTHERS)
def test_a_tone_keeps_pitch_and_loudness_on_its_way_in(other: StreamFormat) -> None:
    converter = ToFrames(other)
    device_sound = tone(other.rate, other.channels).tobytes()

    pieces = [converter.convert(block) for block in in_blocks(device_sound, other.block_octets)]

    pitch, loudness = pitch_and_loudness(b"".join(pieces), NATIVE.rate)
    assert pitch == pytest.approx(TONE, abs=1)
    assert loudness == pytest.approx(10_000, rel=0.02)


@pytest.mark.parametrize("other", OTHERS)
def test_a_tone_keeps_pitch_and_loudness_on_its_way_out(other: StreamFormat) -> None:
    converter = FromFrames(other)

    pieces = [converter.convert(frame) for frame in in_blocks(tone(48_000).tobytes(), 1920)]

    interleaved = np.frombuffer(b"".join(pieces), dtype=np.int16).reshape(-1, other.channels)
    assert np.array_equal(interleaved.min(axis=1), interleaved.max(axis=1))
    pitch, loudness = pitch_and_loudness(interleaved[:, 0].tobytes(), other.rate)
    assert pitch == pytest.approx(TONE, abs=1)
    assert loudness == pytest.approx(10_000, rel=0.02)


@pytest.mark.parametrize("other", OTHERS)
def test_no_more_than_two_blocks_are_held_back(other: StreamFormat) -> None:
    converter = ToFrames(other)
    blocks = in_blocks(tone(other.rate, other.channels).tobytes(), other.block_octets)

    octets = sum(len(converter.convert(block)) for block in blocks)

    assert len(blocks) * NATIVE.block_octets - octets <= 2 * NATIVE.block_octets


def test_native_sound_is_not_touched() -> None:
    pcm = tone(48_000).tobytes()

    assert ToFrames(NATIVE).convert(pcm) is pcm
    assert FromFrames(NATIVE).convert(pcm) is pcm


def test_two_loud_channels_do_not_overflow() -> None:
    loudest = np.full(960, 32_767, dtype=np.int16).tobytes()

    mixed = np.frombuffer(ToFrames(StreamFormat(48_000, 2)).convert(loudest), dtype=np.int16)

    assert set(mixed.tolist()) == {32_767}


def test_48_khz_mono_is_tried_first_and_what_the_device_likes_last() -> None:
    tried = [(found.rate, found.channels) for found in formats_to_try(6, 44_100)]

    assert tried == [
        *((48_000, 1), (48_000, 2), (48_000, 6)),
        *((44_100, 1), (44_100, 2), (44_100, 6)),
    ]


def test_a_plain_device_is_asked_once() -> None:
    assert formats_to_try(1, 48_000) == [NATIVE]
