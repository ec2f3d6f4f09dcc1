"""The door to PortAudio (through sounddevice): lists devices, opens and closes streams.

    SoundSystem --open--> Stream --blocks of 10 ms, on PortAudio's thread--> Line

PortAudio looks for devices once, when it is initialised; looking again kills every open stream.
So `SoundSystem` closes all, initialises anew and opens all again by name, when a device is gone
or not found; a stream that comes back has lost some 50 ms. All calls block for milliseconds, with
Bluetooth for longer: call them through `off_the_loop`. Has no Trio objects; see microphone.py and
loudspeaker.py for those.
"""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from math import inf
from types import ModuleType
from typing import Any, Protocol, TypeVar

import trio

from ptt.errors import AudioDeviceError
from ptt_devices.conversion import StreamFormat, formats_to_try
from ptt_devices.devices import Device, Direction, choose

T = TypeVar("T")
SoundBuffer = bytearray  # of the library: 10 ms, writable for a loudspeaker

# Implementation
UNDISTURBED = 5.0  # s between two looks for new devices while others are in use

MISSING_LIBRARY = (
    "PortAudio is missing: install it (Debian, Ubuntu: apt install libportaudio2; "
    "Fedora: dnf install portaudio)."
)


class Line(Protocol):
    """The other end of a stream. All but `begin` are called on PortAudio's thread."""

    def begin(self, stream_format: StreamFormat) -> None:
        """Blocks in this format follow."""
        ...

    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        """Read or fill 10 ms; `faulty`: sound was lost in the device before it."""
        ...

    def end(self) -> None:
        """The device is gone."""
        ...


class Stream:
    """One open device."""

    def __init__(
        self,
        system: "SoundSystem",
        direction: Direction,
        name: str | None,
        line: Line,
        formats: Sequence[StreamFormat] | None,
    ) -> None:
        self.direction = direction
        self.name = name
        self.line = line
        self.formats = formats
        self.dead = False
        self._system = system
        self._raw: Any = None
        self._expected_end = False

    def close(self) -> None:
        """No block comes any more."""
        self._system.close(self)

    def start(self, library: ModuleType, device: Device, stream_format: StreamFormat) -> None:
        """Open and run it; raises what the library raises."""
        is_microphone = self.direction is Direction.MICROPHONE
        kind = library.RawInputStream if is_microphone else library.RawOutputStream
        self._expected_end = False
        self.line.begin(stream_format)
        self._raw = kind(
            samplerate=stream_format.rate,
            blocksize=stream_format.block_samples,
            device=device.index,
            channels=stream_format.channels,
            dtype="int16",
            latency="low",
            callback=self._exchange,
            finished_callback=self._finish,
        )
        self._raw.start()

    def stop(self) -> None:
        """Stop and close it, quietly, also if it is dead."""
        raw, self._raw = self._raw, None
        self._expected_end = True
        if raw is not None:
            raw.abort(ignore_errors=True)
            raw.close(ignore_errors=True)

    def _exchange(self, buffer: SoundBuffer, samples: int, time: object, status: object) -> None:
        del samples, time
        self.line.exchange(memoryview(buffer), faulty=bool(status))

    def _finish(self) -> None:
        if not self._expected_end:
            self.dead = True
            self._system.doubt()
            self.line.end()


class SoundSystem:
    """All streams of this program, because they share the library's fate. Thread-safe."""

    def __init__(
        self,
        library: Callable[[], ModuleType] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._library = library or sounddevice
        self._clock = clock
        self._guard = threading.RLock()
        self._streams: list[Stream] = []
        self._doubtful = False
        self._looked_at = -inf

    def devices(self) -> list[Device]:
        """What can be opened at present. Raises AudioDeviceError."""
        with self._guard:
            self._doubtful = self._doubtful or not self._streams
            return self._devices()

    def open(
        self,
        direction: Direction,
        name: str | None,
        line: Line,
        formats: Sequence[StreamFormat] | None = None,
    ) -> Stream:
        """Open and start the device that `name` means. Raises AudioDeviceError."""
        stream = Stream(self, direction, name, line, formats)
        with self._guard:
            try:
                self._start(stream)
            except AudioDeviceError:
                self._doubtful = True  # it may have been plugged in since
                self._start(stream)
            self._streams.append(stream)
        return stream

    def close(self, stream: Stream) -> None:
        """Close it; twice is once."""
        with self._guard:
            if stream in self._streams:
                self._streams.remove(stream)
            stream.stop()

    def doubt(self) -> None:
        """A device went away: look again before the next one is opened."""
        self._doubtful = True

    def _start(self, stream: Stream) -> None:
        device = choose(self._devices(), stream.direction, stream.name)
        _start_in_first_that_works(self._library(), stream, device)

    def _devices(self) -> list[Device]:
        library = self._library()
        if self._doubtful and self._may_look_again():
            self._look_again(library)
        with translated(library, "The sound system does not answer"):
            return _list(library)

    def _may_look_again(self) -> bool:
        """Not again and again for a device that stays away while another one is in use."""
        in_use = any(not stream.dead for stream in self._streams)
        return not in_use or self._clock() - self._looked_at >= UNDISTURBED

    def _look_again(self, library: ModuleType) -> None:
        for stream in self._streams:
            stream.stop()
        self._looked_at = self._clock()
        with suppress(library.PortAudioError):  # the last attempt to initialise failed
            library._terminate()
        with translated(library, "The sound system does not answer"):
            library._initialize()
        self._doubtful = False
        for stream in self._streams:
            self._restart(stream)

    def _restart(self, stream: Stream) -> None:
        try:
            if not stream.dead:
                self._start(stream)
        except AudioDeviceError:
            stream.dead = True
            stream.line.end()


def _start_in_first_that_works(library: ModuleType, stream: Stream, device: Device) -> None:
    direction = stream.direction
    wanted = stream.formats or formats_to_try(device.channels(direction), device.rate)
    *others, last = wanted
    for stream_format in others:
        try:
            return stream.start(library, device, stream_format)
        except library.PortAudioError:
            stream.stop()
    with translated(library, f"The {direction.value} {device.name} cannot be opened"):
        try:
            stream.start(library, device, last)
        except library.PortAudioError:
            stream.stop()
            raise


def _list(library: ModuleType) -> list[Device]:
    hosts = [host["name"] for host in library.query_hostapis()]
    defaults = {
        Direction.MICROPHONE: library._lib.Pa_GetDefaultInputDevice(),
        Direction.LOUDSPEAKER: library._lib.Pa_GetDefaultOutputDevice(),
    }
    return [
        Device(
            index=index,
            name=found["name"],
            host=hosts[found["hostapi"]],
            inputs=found["max_input_channels"],
            outputs=found["max_output_channels"],
            rate=round(found["default_samplerate"]),
            default_for=frozenset(d for d, default in defaults.items() if default == index),
        )
        for index, found in enumerate(library.query_devices())
    ]


@contextmanager
def translated(library: ModuleType, what: str) -> Iterator[None]:
    """Turn PortAudio's errors into AudioDeviceError with the sentence: `what` (reason): advice."""
    try:
        yield
    except library.PortAudioError as error:
        reason = str(error.args[0]).removesuffix(".") if error.args else "no reason given"
        raise AudioDeviceError(
            f"{what} ({reason}): close other programs that use it, "
            "or choose another one from `ptt devices`."
        ) from error


@cache
def sounddevice() -> ModuleType:
    """The library, loaded at first use: loading it opens the sound system."""
    try:
        return import_module("sounddevice")
    except ModuleNotFoundError as error:
        raise AudioDeviceError(
            "Sound needs the client's libraries: install them with pip install 'ptt[client]'."
        ) from error
    except OSError as error:
        raise AudioDeviceError(MISSING_LIBRARY) from error


@cache
def sound_system() -> SoundSystem:
    """The one of this program."""
    return SoundSystem()


async def off_the_loop(call: Callable[[], T]) -> T:
    """Run a blocking call of the sound system without holding up voice and keys."""
    if sys.platform == "win32":
        return call()  # COM objects belong to the thread that made them
    return await trio.to_thread.run_sync(call)
