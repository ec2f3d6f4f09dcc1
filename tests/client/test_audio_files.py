"""Microphones and loudspeakers made of files, under a virtual clock."""

import wave
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.audio_files import (
    SILENCE,
    SilentLoudspeaker,
    SilentMicrophone,
    WavLoudspeaker,
    WavMicrophone,
    read_wav,
)
from ptt.client.audio_ports import FRAME_OCTETS, FRAME_SAMPLES
from ptt.errors import AudioDeviceError

Clock = trio.testing.MockClock
RAMP = np.arange(1, 3 * FRAME_SAMPLES + 1, dtype=np.int16)


def write_wav(path: Path, octets: bytes, *, rate: int, width: int, channels: int) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setparams((channels, width, rate, 0, "NONE", ""))
        file.writeframes(octets)
    return path


async def test_a_microphone_is_silent_before_and_after_its_sound(autojump_clock: Clock) -> None:
    microphone = WavMicrophone(RAMP)
    async with microphone.open() as source:
        before = await source.read()
        microphone.start()
        heard = [await source.read() for _ in range(4)]

    assert before == SILENCE
    assert b"".join(heard) == RAMP.tobytes() + SILENCE


async def test_a_frame_can_be_read_when_it_is_over(autojump_clock: Clock) -> None:
    began = trio.current_time()
    async with WavMicrophone(RAMP).open() as source:
        for _ in range(50):
            await source.read()

    assert trio.current_time() - began == pytest.approx(1.0)


async def test_a_late_reader_catches_up(autojump_clock: Clock) -> None:
    async with WavMicrophone(RAMP).open() as source:
        await trio.sleep(0.5)
        began = trio.current_time()
        for _ in range(25):
            await source.read()

    assert trio.current_time() == pytest.approx(began)


async def test_the_world_goes_on_while_the_microphone_is_closed(autojump_clock: Clock) -> None:
    microphone = WavMicrophone(RAMP)
    microphone.start()
    await trio.sleep(0.030)
    async with microphone.open() as source:
        frame = await source.read()

    assert frame == RAMP[1440:2400].tobytes()


async def test_a_sound_that_begins_within_a_frame_is_not_cut(autojump_clock: Clock) -> None:
    microphone = WavMicrophone(RAMP)
    async with microphone.open() as source:
        await trio.sleep(0.005)
        microphone.start()
        frame = await source.read()

    assert frame == bytes(480) + RAMP[:720].tobytes()


async def test_saying_something_takes_as_long_as_it_is(autojump_clock: Clock) -> None:
    began = trio.current_time()
    microphone = SilentMicrophone()

    await microphone.say(RAMP)

    assert trio.current_time() - began == pytest.approx(0.060)


async def test_a_loudspeaker_writes_what_was_played_when(
    tmp_path: Path, autojump_clock: Clock
) -> None:
    loudspeaker = WavLoudspeaker(tmp_path / "out.wav")
    await trio.sleep(3.0)
    began = trio.current_time()
    async with loudspeaker.open() as sink:
        for at in range(3):
            await sink.wanted()
            assert trio.current_time() == pytest.approx(began + 0.02 * at)
            sink.write(RAMP[at * FRAME_SAMPLES : (at + 1) * FRAME_SAMPLES].tobytes())

    assert loudspeaker.started_at == began
    assert read_wav(tmp_path / "out.wav").tobytes() == RAMP.tobytes()


async def test_a_loudspeaker_opened_again_keeps_its_time_line(
    tmp_path: Path, autojump_clock: Clock
) -> None:
    loudspeaker = WavLoudspeaker(tmp_path / "out.wav")
    for _ in range(2):
        async with loudspeaker.open() as sink:
            await sink.wanted()
            sink.write(b"\x01\x00" * FRAME_SAMPLES)
        await trio.sleep(0.1)

    heard = read_wav(tmp_path / "out.wav")
    assert list(np.flatnonzero(np.diff(heard != 0))) == [959, 4799]


async def test_a_silent_loudspeaker_keeps_time(autojump_clock: Clock) -> None:
    began = trio.current_time()
    async with SilentLoudspeaker().open() as sink:
        for _ in range(51):
            await sink.wanted()
            sink.write(bytes(FRAME_OCTETS))

    assert trio.current_time() - began == pytest.approx(1.0)


@pytest.mark.parametrize("rate", [8_000, 16_000, 44_100, 48_000])
def test_a_file_of_any_rate_is_heard_at_the_right_speed(tmp_path: Path, rate: int) -> None:
    tone = 10_000 * np.sin(2 * np.pi * 400 * np.arange(rate) / rate)
    path = write_wav(
        tmp_path / "in.wav", tone.astype("<i2").tobytes(), rate=rate, width=2, channels=1
    )

    sound = read_wav(path)

    spectrum = np.abs(np.fft.rfft(sound[:48_000]))
    assert abs(len(sound) - 48_000) <= 2
    assert int(np.argmax(spectrum)) == 400


@pytest.mark.parametrize(
    ("width", "octets"),
    [(1, b"\xc0"), (2, b"\x00\x40"), (3, b"\x00\x00\x40"), (4, b"\x00\x00\x00\x40")],
)
def test_samples_of_every_width_are_read(tmp_path: Path, width: int, octets: bytes) -> None:
    path = write_wav(tmp_path / "in.wav", 10 * octets, rate=48_000, width=width, channels=1)

    assert list(read_wav(path)) == 10 * [0x4000]


def test_a_stereo_file_is_mixed(tmp_path: Path) -> None:
    octets = np.array([1000, 3000] * 5, dtype="<i2").tobytes()
    path = write_wav(tmp_path / "in.wav", octets, rate=48_000, width=2, channels=2)

    assert list(read_wav(path)) == 5 * [2000]


@pytest.mark.parametrize("content", [None, b"", b"RIFF nonsense of some length"])
def test_a_file_that_is_no_wav_is_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "in.wav"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(AudioDeviceError, match="is not a readable WAV file"):
        WavMicrophone(path)


async def test_a_file_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(AudioDeviceError, match="cannot be written"):
        async with WavLoudspeaker(tmp_path / "no" / "out.wav").open():
            pass
