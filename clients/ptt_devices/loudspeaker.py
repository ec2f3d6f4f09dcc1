"""A loudspeaker by PortAudio.

write(): converted, cut into blocks of 5 ms --ring--> callback takes one, or silence if none

The ring is the only store between engine and device: what it holds is delay. It begins with one
block beyond the frame being written and grows by one when it ran dry, up to 60 ms, so that only a
machine that is late pays for being late. While nothing is to sound, the callback makes silence and
wakes nobody.
"""

from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

import trio

from ptt.client.audio_ports import AudioSink
from ptt_devices.conversion import NATIVE, FromFrames, StreamFormat
from ptt_devices.devices import Direction
from ptt_devices.portaudio import SoundSystem, sound_system
from ptt_devices.stream_end import StreamEnd, open_stream

# Implementation
SMALLEST_RING = 1  # blocks that are left when the next frame is asked for
LARGEST_RING = 12
SIGN_OF_LIFE = 100  # blocks; how often the task looks whether the device still takes them, at rest
CALM = 6000  # blocks (30 s) without running dry until the ring shrinks by one


@dataclass(frozen=True, slots=True)
class PlaybackStatistics:
    """`dry`: blocks of silence played because nothing was there, each an audible gap;
    `ring`: blocks of 5 ms kept at present; `underflows`: gaps that the device reported;
    `old`: blocks thrown away because the machine, or this program, had stood still; `blocks`: how
    many of 5 ms the device took in all."""

    blocks: int = 0
    dry: int = 0
    ring: int = SMALLEST_RING
    underflows: int = 0
    old: int = 0

    def __add__(self, other: "PlaybackStatistics") -> "PlaybackStatistics":
        return replace(
            other,
            blocks=self.blocks + other.blocks,
            dry=self.dry + other.dry,
            underflows=self.underflows + other.underflows,
            old=self.old + other.old,
        )


class _Playback(StreamEnd):
    """The stream's other end, and the ring before it."""

    def __init__(self, label: str, clock: Callable[[], float] | None) -> None:
        super().__init__(label, "takes no sound", clock)
        self._ring: deque[bytes] = deque()
        self._format = NATIVE
        self._converter = FromFrames(NATIVE)
        self._rest = b""
        self._keep = SMALLEST_RING
        self._calm = 0
        self._begun = False
        self._dry = 0
        self._underflows = 0
        self._old = 0
        self._count = 0
        self._resting = False
        self.shortest = NATIVE.block_octets // 2

    def use(self, stream_format: StreamFormat) -> None:
        """As StreamEnd.use."""
        self._format = stream_format
        self._converter = FromFrames(stream_format)

    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        """Give the device its next block."""
        self._count += 1
        self._underflows += faulty
        if self.note_block():
            self._old += len(self._ring)
            self._ring.clear()
        block = self._next_block()
        fits = len(block) == len(buffer)  # not right after a change of format
        buffer[:] = block if fits else bytes(len(buffer))
        if self._resting:
            if self._count % SIGN_OF_LIFE == 0:
                self.wake()
        elif len(self._ring) <= self._keep:
            self.wake()

    def statistics(self) -> PlaybackStatistics:
        """Counters since it was opened."""
        return PlaybackStatistics(self._count, self._dry, self._keep, self._underflows, self._old)

    async def rest(self, rests: Callable[[], bool]) -> None:
        """As AudioSink.rest; afterwards the ring begins with a block, as ever."""
        if not rests():
            return
        self._resting = True
        try:
            while rests():
                await self.wait()
            self._ring.append(bytes(self._format.block_octets))
        finally:
            self._resting = False

    def stir(self) -> None:
        """As AudioSink.stir."""
        if self._resting:
            self.wake()

    async def wanted(self) -> None:
        """As AudioSink.wanted."""
        await trio.lowlevel.checkpoint()
        while len(self._ring) > self._keep or self.ended:
            await self.wait()

    def write(self, frame: bytes) -> None:
        """As AudioSink.write."""
        sound = self._rest + self._converter.convert(frame)
        size = self._format.block_octets
        whole = len(sound) - len(sound) % size
        self._ring.extend(sound[at : at + size] for at in range(0, whole, size))
        self._rest = sound[whole:]
        self._begun = True

    def _next_block(self) -> bytes:
        try:
            block = self._ring.popleft()
        except IndexError:
            if not self._resting:
                self._run_dry()
            return b""
        self._calm += 1
        if self._calm >= CALM and self._keep > SMALLEST_RING:
            self._keep -= 1
            self._calm = 0
        return block

    def _run_dry(self) -> None:
        if self._begun:
            self._dry += 1
            self._calm = 0
            self._keep = min(self._keep + 1, LARGEST_RING)


class PortAudioLoudspeaker:
    """The loudspeaker of that name, or the system's default.

    `formats`: what to ask the device for, in this order; by default 48 kHz mono, then what the
    device likes.
    """

    def __init__(
        self,
        name: str | None = None,
        *,
        system: SoundSystem | None = None,
        formats: Sequence[StreamFormat] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        self._name = name
        self._system = system or sound_system()
        self._formats = formats
        self._clock = clock
        self._playback: _Playback | None = None
        self._before = PlaybackStatistics()

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSink]:
        """As Loudspeaker.open."""
        label = f"The loudspeaker {self._name}" if self._name else "The loudspeaker"
        playback = _Playback(label, self._clock)
        self._before = self.statistics()
        self._playback = playback
        device = Direction.LOUDSPEAKER, self._name
        async with open_stream(self._system, *device, playback, self._formats):
            yield playback

    def statistics(self) -> PlaybackStatistics:
        """Counters of all the times that it was open."""
        return self._before + self._playback.statistics() if self._playback else self._before
