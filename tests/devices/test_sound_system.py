"""When the library looks for devices again, and what happens to the streams meanwhile."""

from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from ptt.errors import AudioDeviceError
from ptt_devices.conversion import StreamFormat
from ptt_devices.devices import Direction
from ptt_devices.portaudio import UNDISTURBED, SoundSystem

MICROPHONE, LOUDSPEAKER = Direction.MICROPHONE, Direction.LOUDSPEAKER


class PortAudioError(Exception):
    pass


class Library(ModuleType):
    """Knows the devices that were `plugged` in when it was initialised, as PortAudio does."""

    PortAudioError = PortAudioError

    def __init__(self) -> None:
        super().__init__("library")
        self.plugged = ["Headset", "Screen"]
        self.works = True
        self.refused: set[int] = set()  # rates that no device takes
        self.looks = 0
        self.open: list[RawStream] = []
        self._known: list[str] | None = list(self.plugged)
        self._lib = SimpleNamespace(
            Pa_GetDefaultInputDevice=lambda: 0, Pa_GetDefaultOutputDevice=lambda: 0
        )

    def _terminate(self) -> None:
        if self._known is None:
            raise PortAudioError("PortAudio not initialized")
        assert self.open == [], "PortAudio would kill these streams"
        self._known = None

    def _initialize(self) -> None:
        self.looks += 1
        if not self.works:
            raise PortAudioError("Unanticipated host error")
        self._known = list(self.plugged)

    def query_hostapis(self) -> list[dict[str, Any]]:
        if self._known is None:
            raise PortAudioError("PortAudio not initialized")
        return [{"name": "ALSA"}]

    def query_devices(self) -> list[dict[str, Any]]:
        rest = {"max_input_channels": 2, "max_output_channels": 2, "default_samplerate": 44_100.0}
        return [{"name": name, "hostapi": 0, **rest} for name in self._known or []]

    def RawInputStream(self, **how: Any) -> "RawStream":  # noqa: ANN401, N802
        return RawStream(self, how)

    RawOutputStream = RawInputStream


class RawStream:
    def __init__(self, library: Library, how: dict[str, Any]) -> None:
        if how["samplerate"] in library.refused:
            raise PortAudioError("Invalid sample rate")
        self.how = how
        self._library = library

    def start(self) -> None:
        self._library.open.append(self)

    def abort(self, ignore_errors: bool) -> None:
        self.how["finished_callback"]()

    def close(self, ignore_errors: bool) -> None:
        if self in self._library.open:
            self._library.open.remove(self)

    def vanish(self) -> None:
        self.how["finished_callback"]()


class Line:
    def __init__(self) -> None:
        self.formats: list[StreamFormat] = []
        self.ended = 0

    def begin(self, stream_format: StreamFormat) -> None:
        self.formats.append(stream_format)

    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        pass

    def end(self) -> None:
        self.ended += 1


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def system(library: Library, clock: Callable[[], float]) -> SoundSystem:
    return SoundSystem(lambda: library, clock)


def test_a_known_device_opens_without_a_look(system: SoundSystem, library: Library) -> None:
    line = Line()

    system.open(MICROPHONE, "Headset", line)

    assert library.looks == 0
    assert line.formats == [StreamFormat(48_000, 1)]


def test_the_first_format_that_works_is_taken(system: SoundSystem, library: Library) -> None:
    library.refused = {48_000}
    line = Line()

    system.open(MICROPHONE, "Headset", line)

    assert line.formats[-1] == StreamFormat(44_100, 1)
    assert len(library.open) == 1


def test_when_no_format_works_the_reason_is_told(system: SoundSystem, library: Library) -> None:
    library.refused = {48_000, 44_100}

    with pytest.raises(AudioDeviceError, match=r"microphone Headset .* \(Invalid sample rate\)"):
        system.open(MICROPHONE, "Headset", Line())

    assert library.open == []


def test_a_device_plugged_in_since_is_found(system: SoundSystem, library: Library) -> None:
    library.plugged.append("Camera")

    system.open(MICROPHONE, "Camera", Line())

    assert library.looks == 1


def test_other_streams_survive_a_look(system: SoundSystem, library: Library) -> None:
    ear = Line()
    system.open(LOUDSPEAKER, "Screen", ear, [StreamFormat(48_000, 2)])
    library.plugged.append("Camera")

    system.open(MICROPHONE, "Camera", Line())

    assert ear.formats == [StreamFormat(48_000, 2)] * 2
    assert ear.ended == 0
    assert len(library.open) == 2


def test_a_stream_whose_device_is_away_at_the_look_ends(
    system: SoundSystem, library: Library
) -> None:
    ear = Line()
    system.open(LOUDSPEAKER, "Screen", ear)
    library.plugged = ["Headset", "Camera"]

    system.open(MICROPHONE, "Camera", Line())

    assert ear.ended == 1


def test_a_device_that_stays_away_does_not_disturb_the_others_again_and_again(
    system: SoundSystem, library: Library, clock: Clock
) -> None:
    system.open(LOUDSPEAKER, "Screen", Line())

    for _ in range(5):
        with pytest.raises(AudioDeviceError, match="no microphone Camera"):
            system.open(MICROPHONE, "Camera", Line())
    looks_at_first = library.looks
    clock.now += UNDISTURBED
    library.plugged.append("Camera")
    system.open(MICROPHONE, "Camera", Line())

    assert looks_at_first == 1
    assert library.looks == 2


def test_after_a_device_vanished_the_next_opening_looks_first(
    system: SoundSystem, library: Library
) -> None:
    line = Line()
    stream = system.open(MICROPHONE, "Headset", line)
    library.open[0].vanish()
    stream.close()
    library.plugged = ["Camera"]

    system.open(MICROPHONE, None, Line())

    assert line.ended == 1
    assert library.looks == 1


def test_a_dead_stream_is_not_opened_again(system: SoundSystem, library: Library) -> None:
    system.open(MICROPHONE, "Headset", Line())
    library.open[0].vanish()  # and whoever reads it has not noticed yet

    system.open(LOUDSPEAKER, "Screen", Line())

    assert len(library.open) == 1


def test_a_closed_stream_ends_quietly_and_only_once(system: SoundSystem, library: Library) -> None:
    line = Line()
    stream = system.open(MICROPHONE, "Headset", line)

    stream.close()
    stream.close()

    assert library.open == []
    assert line.ended == 0


def test_a_sound_system_that_died_is_told_and_used_again_when_it_is_back(
    system: SoundSystem, library: Library
) -> None:
    system.open(MICROPHONE, "Headset", Line()).close()
    library.works = False
    for _ in range(2):
        with pytest.raises(AudioDeviceError, match="does not answer"):
            system.devices()

    library.works = True

    assert [device.name for device in system.devices()] == ["Headset", "Screen"]


def test_one_look_is_enough(system: SoundSystem, library: Library) -> None:
    library.plugged.append("Camera")
    system.open(MICROPHONE, "Camera", Line()).close()

    system.open(MICROPHONE, "Camera", Line())

    assert library.looks == 1
