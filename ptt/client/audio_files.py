"""Microphones and loudspeakers made of files, for bots, tests and machines without sound.

    WAV or PCM --soxr--> 48 kHz --WavMicrophone--> engine --WavLoudspeaker--> WAV

Both keep time by Trio's clock with absolute deadlines, so a virtual clock works and a late task
catches up as a real device's buffer lets it. A microphone's sound goes on while it is closed:
what it says at an instant depends on the clock alone.
"""

import wave
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import BinaryIO, Literal, Protocol

import numpy as np
import numpy.typing as npt
import soxr
import trio

from ptt.client.audio_ports import (
    FRAME_OCTETS,
    FRAME_SAMPLES,
    FRAME_SECONDS,
    SAMPLE_RATE,
    AudioSink,
    AudioSource,
)
from ptt.errors import AudioDeviceError

Pcm = npt.NDArray[np.int16]
Wave = npt.NDArray[np.float32]
SILENCE = bytes(FRAME_OCTETS)


def read_wav(path: Path | str) -> Pcm:
    """The file's sound as 48 kHz mono samples. Raises AudioDeviceError with a sentence."""
    try:
        with wave.open(str(path), "rb") as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            octets = file.readframes(file.getnframes())
    except (OSError, EOFError, wave.Error) as error:
        reason = (error.strerror if isinstance(error, OSError) else str(error)) or "it is cut off"
        raise AudioDeviceError(
            f"{path} is not a readable WAV file ({reason}): name another one."
        ) from error
    samples = _samples(octets, width).reshape(-1, channels).mean(axis=1)
    return resample(samples.astype(np.float32), rate)


def resample(samples: Wave, rate: int) -> Pcm:
    """Samples between -1 and 1 at `rate` Hz as 48 kHz 16-bit samples."""
    if rate != SAMPLE_RATE:
        samples = soxr.resample(samples, rate, SAMPLE_RATE)
    return np.asarray(np.clip(np.round(samples * 32768), -32768, 32767), dtype=np.int16)


def _samples(octets: bytes, width: int) -> Wave:
    """WAV sample octets (8 bit unsigned, else signed little-endian) scaled to -1..1."""
    if width == 1:
        return ((np.frombuffer(octets, dtype=np.uint8) - 128.0) / 128).astype(np.float32)
    wide = np.zeros((len(octets) // width, 4), dtype=np.uint8)
    wide[:, 4 - width :] = np.frombuffer(octets, dtype=np.uint8).reshape(-1, width)
    return (wide.view("<i4")[:, 0] / 2147483648).astype(np.float32)


class _SoundAt(Protocol):
    """What a microphone hears in the frame that begins at an instant of Trio's clock."""

    def __call__(self, start: float) -> bytes: ...


class _PacedSource:
    """Frame n can be read n + 1 frames after the microphone was opened."""

    def __init__(self, sound_at: _SoundAt) -> None:
        self._sound_at = sound_at
        self._start = trio.current_time()
        self._frames = 0

    async def read(self) -> bytes:
        """The next frame; returns at once if it is overdue."""
        start = self._start + self._frames * FRAME_SECONDS
        await trio.sleep_until(self._start + (self._frames + 1) * FRAME_SECONDS)
        self._frames += 1
        return self._sound_at(start)


class WavMicrophone:
    """Hears silence until `start()`, then the given sound, then silence again.

    `sound`: a WAV file of any rate, or 48 kHz mono samples. `opened` counts how often it was
    opened.
    """

    def __init__(self, sound: Path | str | Pcm | None = None) -> None:
        self._pcm: Pcm = np.zeros(0, dtype=np.int16)
        self._pending = self._load(sound)
        self.started_at: float | None = None
        self.opened = 0

    def start(self, sound: Path | str | Pcm | None = None) -> float:
        """Begin to hear `sound` (or that of the constructor) now; returns when it will be over."""
        if sound is not None:
            self._pending = self._load(sound)
        self._pcm = self._pending
        self.started_at = trio.current_time()
        return self.started_at + len(self._pcm) / SAMPLE_RATE

    async def say(self, sound: Path | str | Pcm | None = None) -> None:
        """Hear `sound` and come back when it is over."""
        await trio.sleep_until(self.start(sound))

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        """Open it, as a Microphone does."""
        self.opened += 1
        yield _PacedSource(self._sound_at)

    def _sound_at(self, start: float) -> bytes:
        if self.started_at is None:
            return SILENCE
        first = round((start - self.started_at) * SAMPLE_RATE)
        piece = self._pcm[max(first, 0) : max(first + FRAME_SAMPLES, 0)]
        before = min(max(-first, 0), FRAME_SAMPLES) * 2
        return (bytes(before) + piece.tobytes()).ljust(FRAME_OCTETS, b"\0")

    @staticmethod
    def _load(sound: Path | str | Pcm | None) -> Pcm:
        if sound is None:
            return np.zeros(0, dtype=np.int16)
        return read_wav(sound) if isinstance(sound, str | Path) else sound


class SilentMicrophone(WavMicrophone):
    """For a client that only listens."""


class _PacedSink:
    """What follows so much sound is wanted so long after the loudspeaker was opened."""

    def __init__(self, file: wave.Wave_write | None, start: float) -> None:
        self._file = file
        self._start = start
        self._octets = 0
        self.shortest = FRAME_OCTETS

    async def rest(self, rests: Callable[[], bool]) -> None:
        """A file has no silence of its own."""

    def stir(self) -> None:
        """It never rests."""

    async def wanted(self) -> None:
        """Wait until the next frame begins to play; returns at once if it is overdue."""
        await trio.sleep_until(self._start + self._octets / FRAME_OCTETS * FRAME_SECONDS)

    def write(self, frame: bytes) -> None:
        """Append it."""
        self._octets += len(frame)
        if self._file is not None:
            self._file.writeframesraw(frame)


class WavLoudspeaker:
    """Writes what is played as a 48 kHz WAV file, whole when it is closed.

    Sample n of the file was played `started_at + n / 48000` by Trio's clock. When it is opened
    again, the time between is silence in the file.
    """

    def __init__(self, path: Path | str) -> None:
        self._path = path
        self._file: wave.Wave_write | None = None
        self.started_at: float | None = None

    def check(self) -> None:
        """See at once whether the file can be written. Raises AudioDeviceError."""
        self._create("ab").close()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSink]:
        """Open it, as a Loudspeaker does."""
        octets = b"" if self.started_at is None else self._so_far()
        with self._create("wb") as raw, wave.open(raw, "wb") as file:
            file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
            file.writeframesraw(octets)
            yield _PacedSink(file, self._next_start(len(octets) // 2))

    def _next_start(self, written: int) -> float:
        """When the sample after `written` samples is due."""
        if self.started_at is None:
            self.started_at = trio.current_time()
        return self.started_at + written / SAMPLE_RATE

    def _so_far(self) -> bytes:
        with wave.open(str(self._path), "rb") as file:
            octets = file.readframes(file.getnframes())
        gap = trio.current_time() - self._next_start(len(octets) // 2)
        return octets + SILENCE * max(int(gap / FRAME_SECONDS), 0)

    def _create(self, mode: Literal["ab", "wb"]) -> BinaryIO:
        try:
            return Path(self._path).open(mode)
        except OSError as error:
            raise AudioDeviceError(
                f"{self._path} cannot be written ({error.strerror}): name another file."
            ) from error


class SilentLoudspeaker:
    """For a client that only talks: plays to nobody, in real time."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSink]:
        """Open it, as a Loudspeaker does."""
        yield _PacedSink(None, trio.current_time())
