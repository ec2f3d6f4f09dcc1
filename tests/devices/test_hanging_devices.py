"""Devices and sound servers that hold a call for ever, under the sound system."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ptt.errors import AudioDeviceError
from ptt_devices.devices import Direction
from ptt_devices.portaudio import MOST_STUCK, SoundSystem
from tests.support.pretend_portaudio import Clock, Library, Line, RawStream

MICROPHONE, LOUDSPEAKER = Direction.MICROPHONE, Direction.LOUDSPEAKER
LONG = 10.0


class HangingLibrary(Library):
    """What is named in `hangs` does not return until `live` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs: set[str] = set()
        self.live = threading.Event()

    def may_hang(self, call: str) -> None:
        if call in self.hangs:
            self.live.wait(LONG)

    def _initialize(self) -> None:
        self.may_hang("initialize")
        super()._initialize()

    def RawInputStream(self, **how: Any) -> RawStream:  # noqa: ANN401, N802
        return HangingStream(self, how)

    RawOutputStream = RawInputStream


class HangingStream(RawStream):
    def __init__(self, library: HangingLibrary, how: dict[str, Any]) -> None:
        super().__init__(library, how)
        self._hanging = library

    def start(self) -> None:
        self._hanging.may_hang(f"start {self.how['device']}")
        super().start()

    def abort(self, ignore_errors: bool) -> None:
        self._hanging.may_hang("abort")
        super().abort(ignore_errors)


@pytest.fixture
def library() -> Iterator[HangingLibrary]:
    library = HangingLibrary()
    yield library
    library.live.set()


@pytest.fixture
def system(library: HangingLibrary) -> SoundSystem:
    return SoundSystem(lambda: library, Clock(), opens_within=0.02, closes_within=0.02)


def eventually(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        threading.Event().wait(0.01)
    raise AssertionError("never")


def test_a_device_that_hangs_while_it_is_opened_is_told(
    system: SoundSystem, library: HangingLibrary
) -> None:
    library.hangs = {"start 0"}

    with pytest.raises(AudioDeviceError, match="The microphone Headset does not answer"):
        system.open(MICROPHONE, "Headset", Line())

    assert system.statistics().stuck == 1


def test_instead_of_a_named_device_that_hangs_the_default_is_opened_at_the_next_try(
    system: SoundSystem, library: HangingLibrary
) -> None:
    library.hangs = {"start 1"}
    with pytest.raises(AudioDeviceError, match="Screen does not answer"):
        system.open(LOUDSPEAKER, "Screen", Line())

    stream = system.open(LOUDSPEAKER, "Screen", Line())

    assert stream.device is not None
    assert stream.device.name == "Headset"


def test_a_device_that_was_opened_too_late_is_closed_again(
    system: SoundSystem, library: HangingLibrary
) -> None:
    library.hangs = {"start 0"}
    with pytest.raises(AudioDeviceError):
        system.open(MICROPHONE, "Headset", Line())

    library.live.set()

    eventually(lambda: system.statistics().stuck == 0)
    assert library.open == []


def test_closing_a_device_that_hangs_is_given_up_quietly(
    system: SoundSystem, library: HangingLibrary
) -> None:
    stream = system.open(MICROPHONE, "Headset", Line())
    library.hangs = {"abort"}

    stream.close()

    assert system.statistics().abandoned == 1


def test_the_library_is_not_initialised_beside_a_call_that_hangs(
    system: SoundSystem, library: HangingLibrary
) -> None:
    stream = system.open(MICROPHONE, "Headset", Line())
    library.hangs = {"abort"}
    stream.close()
    system.note_change()

    system.open(LOUDSPEAKER, "Screen", Line())

    assert library.looks == 0
    assert not system.wants_to_follow


def test_streams_that_a_hanging_look_had_stopped_end(
    system: SoundSystem, library: HangingLibrary
) -> None:
    ear = Line()
    system.open(LOUDSPEAKER, "Screen", ear)
    library.hangs = {"initialize"}
    system.note_change()

    with pytest.raises(AudioDeviceError, match="The sound system does not answer"):
        system.follow()

    assert ear.ended == 1


def test_when_the_sound_system_lives_again_it_is_used_again(
    system: SoundSystem, library: HangingLibrary
) -> None:
    library.hangs = {"initialize"}
    for _ in range(2):
        with pytest.raises(AudioDeviceError):
            system.devices()
    library.live.set()
    eventually(lambda: system.statistics().stuck == 0)

    assert [device.name for device in system.devices()] == ["Headset", "Screen"]


def test_calls_that_hang_are_not_added_to_for_ever(
    system: SoundSystem, library: HangingLibrary
) -> None:
    library.hangs = {f"start {device}" for device in range(100)}
    library.plugged = [f"Card {number}" for number in range(100)]
    before = threading.active_count()

    for number in range(3 * MOST_STUCK):
        with pytest.raises(AudioDeviceError, match="does not answer"):
            system.open(MICROPHONE, f"Card {number}", Line())

    assert system.statistics().stuck == MOST_STUCK
    assert threading.active_count() <= before + MOST_STUCK + 1
