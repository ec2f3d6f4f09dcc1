"""A microphone by PortAudio.

callback (10 ms) --deque--> wake-up --> read(): converted, joined into frames of 20 ms

Blocks of 10 ms and not of 20, because the sound is then older by 30 ms instead of by 60.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import trio

from ptt.client.audio_ports import FRAME_OCTETS, AudioSource
from ptt_devices.conversion import NATIVE, StreamFormat, ToFrames
from ptt_devices.devices import Direction
from ptt_devices.portaudio import SoundSystem, sound_system
from ptt_devices.stream_end import StreamEnd, open_stream

# Implementation
LONGEST = 64  # blocks; a task that sleeps for longer than 0.64 s misses the oldest


@dataclass(frozen=True, slots=True)
class CaptureStatistics:
    """Non-zero `dropped`: this program was too slow, by so many blocks of 10 ms; non-zero
    `overflows`: the device lost sound that often before we saw it; non-zero `old`: so many blocks
    were thrown away because the machine, or this program, had stood still. `blocks`: how many of
    10 ms there were in all."""

    blocks: int = 0
    dropped: int = 0
    overflows: int = 0
    old: int = 0

    def __add__(self, other: "CaptureStatistics") -> "CaptureStatistics":
        return CaptureStatistics(
            self.blocks + other.blocks,
            self.dropped + other.dropped,
            self.overflows + other.overflows,
            self.old + other.old,
        )


class _Capture(StreamEnd):
    """The stream's other end, and the frames that come out of it."""

    def __init__(self, label: str, clock: Callable[[], float] | None, piece: int) -> None:
        super().__init__(label, "delivers no sound", clock)
        self._piece = piece
        self._blocks: deque[tuple[ToFrames, bytes]] = deque(maxlen=LONGEST)
        self._converter = ToFrames(NATIVE)
        self._sound = bytearray()
        self._dropped = 0
        self._overflows = 0
        self._old = 0
        self._count = 0

    def use(self, stream_format: StreamFormat) -> None:
        """As StreamEnd.use."""
        self._converter = ToFrames(stream_format)

    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        """Keep a copy: the library uses its buffer again."""
        self._count += 1
        self._overflows += faulty
        if self.note_block():
            self._old += len(self._blocks)
            self._blocks.clear()
        if self.pace.catches_up:
            self._old += 1
            return
        self._dropped += len(self._blocks) == LONGEST
        self._blocks.append((self._converter, bytes(buffer)))
        self.wake()

    def statistics(self) -> CaptureStatistics:
        """Counters since it was opened."""
        return CaptureStatistics(self._count, self._dropped, self._overflows, self._old)

    async def read(self) -> bytes:
        """As AudioSource.read."""
        await trio.lowlevel.checkpoint()
        while len(self._sound) < self._piece:
            if not self._blocks:
                await self.wait()
            while self._blocks:
                converter, block = self._blocks.popleft()
                self._sound += converter.convert(block)
        frame = bytes(self._sound[: self._piece])
        del self._sound[: self._piece]
        return frame


class PortAudioMicrophone:
    """The microphone of that name, or the system's default.

    `formats`: what to ask the device for, in this order; by default 48 kHz mono, then what the
    device likes; `low_delay`: it gives half a frame at a time.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        system: SoundSystem | None = None,
        formats: Sequence[StreamFormat] | None = None,
        clock: Callable[[], float] | None = None,
        low_delay: bool = False,
    ) -> None:
        self._name = name
        self._low_delay = low_delay
        self._system = system or sound_system()
        self._formats = formats
        self._clock = clock
        self._capture: _Capture | None = None
        self._before = CaptureStatistics()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        """As Microphone.open."""
        label = f"The microphone {self._name}" if self._name else "The microphone"
        capture = _Capture(
            label, self._clock, FRAME_OCTETS // 2 if self._low_delay else FRAME_OCTETS
        )
        self._before = self.statistics()
        self._capture = capture
        device = Direction.MICROPHONE, self._name
        async with open_stream(self._system, *device, capture, self._formats):
            yield capture

    def statistics(self) -> CaptureStatistics:
        """Counters of all the times that it was open."""
        return self._before + self._capture.statistics() if self._capture else self._before
