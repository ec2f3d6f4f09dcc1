"""One open device: PortAudio's stream, and the Line at our end of it.

Its callbacks run on PortAudio's thread, everything else on the sound thread (portaudio.py).
"""

from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, Protocol

from ptt_devices.conversion import StreamFormat, formats_to_try
from ptt_devices.devices import Device, Direction
from ptt_devices.library import translated
from ptt_devices.sound_thread import Ticket

SoundBuffer = bytearray  # of the library: a block, writable for a loudspeaker

# Implementation
# A device that plays keeps two blocks: smaller ones are so much delay less, and cost CPU time. A
# microphone gives each block when it is full: with frames of 20 ms, smaller ones win nothing.
BLOCKS_PER_SECOND = {Direction.MICROPHONE: 100, Direction.LOUDSPEAKER: 200}


def called(direction: Direction, device: Device) -> str:
    """What a sentence about the device begins with."""
    return f"The {direction.value} {device.name}"


class Line(Protocol):
    """The other end of a stream. All but `begin` are called on PortAudio's thread."""

    def begin(self, stream_format: StreamFormat) -> None:
        """Blocks in this format follow."""
        ...

    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        """Read or fill a block; `faulty`: sound was lost in the device before it."""
        ...

    def end(self) -> None:
        """The device is gone; may be told twice."""
        ...


class Stream:
    """A device that is open, or was.

    `name`: what was asked for, None for the system's default; `device`: what is in use;
    `vanished` is called on PortAudio's thread when the device ends by itself.
    """

    def __init__(
        self,
        direction: Direction,
        name: str | None,
        line: Line,
        formats: Sequence[StreamFormat] | None,
        *,
        vanished: Callable[[], None],
        close: Callable[["Stream"], None],
    ) -> None:
        self.direction = direction
        self.name = name
        self.line = line
        self.device: Device | None = None
        self.dead = False
        self._formats = formats
        self._vanished = vanished
        self._close = close
        self._raw: Any = None
        self._expected_end = False

    def close(self) -> None:
        """No block comes any more."""
        self._close(self)

    @property
    def subject(self) -> str:
        """What a sentence about it begins with."""
        return called(self.direction, self.device) if self.device else ""

    @property
    def running(self) -> bool:
        """It was started, and not stopped since."""
        return self._raw is not None

    def start(self, library: ModuleType, device: Device, ticket: Ticket) -> None:
        """Open and run it, in the first format that works. Raises AudioDeviceError."""
        channels = device.channels(self.direction)
        *others, last = self._formats or formats_to_try(
            channels, device.rate, BLOCKS_PER_SECOND[self.direction]
        )
        self.device = device
        ticket.subject = self.subject
        for stream_format in others:
            try:
                return self._start(library, device.index, stream_format)
            except library.PortAudioError:
                self.stop()
                ticket.check()
        with translated(library, f"{ticket.subject} cannot be opened"):
            try:
                self._start(library, device.index, last)
            except library.PortAudioError:
                self.stop()
                raise

    def stop(self) -> None:
        """Stop and close it, quietly, also if it is dead."""
        raw, self._raw = self._raw, None
        self._expected_end = True
        if raw is None:
            return
        if self.dead:  # its thread is ending: to cancel it now would leave a mutex locked
            raw.stop(ignore_errors=True)
        else:
            raw.abort(ignore_errors=True)
        raw.close(ignore_errors=True)

    def perish(self) -> None:
        """It is of no use any more: tell whoever uses it."""
        self.dead = True
        self.line.end()

    def _start(self, library: ModuleType, index: int, stream_format: StreamFormat) -> None:
        is_microphone = self.direction is Direction.MICROPHONE
        kind = library.RawInputStream if is_microphone else library.RawOutputStream
        self._expected_end = False
        self.line.begin(stream_format)
        self._raw = kind(
            samplerate=stream_format.rate,
            blocksize=stream_format.block_samples,
            device=index,
            channels=stream_format.channels,
            dtype="int16",  # devices with other samples are converted by PortAudio
            latency="low",
            callback=self._exchange,
            finished_callback=self._finish,
        )
        self._raw.start()

    def _exchange(self, buffer: SoundBuffer, samples: int, time: object, status: object) -> None:
        del samples, time
        self.line.exchange(memoryview(buffer), faulty=bool(status))

    def _finish(self) -> None:
        if not self._expected_end:
            self._vanished()
            self.perish()
