"""A room in virtual time: its noise, who speaks in it, and its loudspeaker, all in one microphone.

loudspeaker --echo_db, echo_delay--> microphone <-- voice, noise
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import numpy as np
import trio

from ptt.client.audio_files import Pcm, WavMicrophone
from ptt.client.audio_ports import (
    FRAME_SAMPLES,
    FRAME_SECONDS,
    SAMPLE_RATE,
    AudioSink,
    AudioSource,
    Loudspeaker,
)

FULL_SCALE = 32768.0


class Room:
    """Noise of `noise_dbfs` and, if given, what the loudspeaker plays, `echo_db` dB louder."""

    def __init__(
        self, *, noise_dbfs: float = -65.0, echo_db: float | None = None, echo_delay: float = 0.04
    ) -> None:
        self.microphone = _RoomMicrophone(self)
        self._noise = np.random.default_rng(1)
        self._noise_rms = FULL_SCALE * 10 ** (noise_dbfs / 20)
        self._echo = 0.0 if echo_db is None else 10 ** (echo_db / 20)
        self._echo_delay = echo_delay
        self._played: list[tuple[float, bytes]] = []

    def loudspeaker(self, device: Loudspeaker) -> Loudspeaker:
        """The device, standing in this room."""
        return _RoomLoudspeaker(self, device)

    def play(self, frame: bytes) -> None:
        """The loudspeaker begins to play this frame now."""
        self._played = [*self._played[-50:], (trio.current_time() + self._echo_delay, frame)]

    def sound(self, start: float, said: bytes) -> bytes:
        """What the microphone hears in the 20 ms from `start` while somebody says this."""
        total = np.frombuffer(said, dtype=np.int16) + self._echo * self._echo_at(start)
        total += self._noise_rms * self._noise.standard_normal(FRAME_SAMPLES)
        return np.clip(total, -32768, 32767).astype(np.int16).tobytes()

    def _echo_at(self, start: float) -> "np.typing.NDArray[np.float64]":
        echo = np.zeros(3 * FRAME_SAMPLES)
        for at, frame in self._played:
            offset = round((at - start) * SAMPLE_RATE) + FRAME_SAMPLES
            if 0 <= offset <= 2 * FRAME_SAMPLES:
                echo[offset : offset + FRAME_SAMPLES] += np.frombuffer(frame, dtype=np.int16)
        return echo[FRAME_SAMPLES : 2 * FRAME_SAMPLES]


class _RoomMicrophone(WavMicrophone):
    """Hears what `say` says, in the room. `open_now`: whether it is open."""

    def __init__(self, room: Room) -> None:
        super().__init__()
        self.open_now = False
        self._room = room

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        async with super().open() as source:
            self.open_now = True
            try:
                yield _RoomSource(self._room, source)
            finally:
                self.open_now = False


class _RoomSource:
    def __init__(self, room: Room, source: AudioSource) -> None:
        self._room, self._source = room, source

    async def read(self) -> bytes:
        said = await self._source.read()
        return self._room.sound(trio.current_time() - FRAME_SECONDS, said)


class _RoomLoudspeaker:
    def __init__(self, room: Room, device: Loudspeaker) -> None:
        self._room, self._device = room, device

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSink]:
        async with self._device.open() as sink:
            yield _RoomSink(self._room, sink)


class _RoomSink:
    def __init__(self, room: Room, sink: AudioSink) -> None:
        self._room, self._sink = room, sink
        self.shortest = sink.shortest

    async def rest(self, rests: Callable[[], bool]) -> None:
        await self._sink.rest(rests)

    def stir(self) -> None:
        self._sink.stir()

    async def wanted(self) -> None:
        await self._sink.wanted()

    def write(self, frame: bytes) -> None:
        self._room.play(frame)
        self._sink.write(frame)


def louder(sound: Pcm, db: float) -> Pcm:
    """The sound, that much louder."""
    return np.clip(sound * 10 ** (db / 20), -32768, 32767).astype(np.int16)
