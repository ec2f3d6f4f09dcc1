"""When the library looks for devices again, and what happens to the streams meanwhile."""

import threading
from collections.abc import Callable

import pytest

from ptt.errors import AudioDeviceError
from ptt_devices.conversion import StreamFormat
from ptt_devices.devices import Direction
from ptt_devices.portaudio import UNDISTURBED, SoundSystem
from ptt_devices.stream import Stream
from tests.support.pretend_portaudio import Clock, Library, Line

MICROPHONE, LOUDSPEAKER = Direction.MICROPHONE, Direction.LOUDSPEAKER


def device_of(stream: Stream) -> str:
    assert stream.device is not None
    assert stream.running
    return stream.device.name


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


def test_a_stream_whose_device_is_away_at_the_look_goes_to_the_default(
    system: SoundSystem, library: Library
) -> None:
    ear = Line()
    stream = system.open(LOUDSPEAKER, "Screen", ear)
    library.plugged = ["Headset", "Camera"]

    system.open(MICROPHONE, "Camera", Line())

    assert device_of(stream) == "Headset"
    assert ear.ended == 0
    assert system.take_notices() == [
        "The loudspeaker Screen is gone: plug it in again. Until then the system's default is used."
    ]


def test_a_stream_for_which_no_device_is_left_at_the_look_ends(
    system: SoundSystem, library: Library, clock: Clock
) -> None:
    ear = Line()
    system.open(LOUDSPEAKER, "Screen", ear)
    library.plugged = []

    with pytest.raises(AudioDeviceError, match="no microphone"):
        system.open(MICROPHONE, "Camera", Line())

    assert ear.ended == 1


def test_a_device_that_stays_away_does_not_disturb_the_others_again_and_again(
    system: SoundSystem, library: Library, clock: Clock
) -> None:
    system.open(LOUDSPEAKER, "Screen", Line())

    for _ in range(5):
        system.open(MICROPHONE, "Camera", Line()).close()
    looks_at_first = library.looks
    clock.now += UNDISTURBED
    library.plugged.append("Camera")
    stream = system.open(MICROPHONE, "Camera", Line())

    assert looks_at_first == 1
    assert library.looks == 2
    assert device_of(stream) == "Camera"


def test_a_name_that_was_never_there_is_replaced_and_told_once(
    system: SoundSystem, library: Library
) -> None:
    streams = [system.open(MICROPHONE, "Heedset", Line()) for _ in range(2)]

    assert [device_of(stream) for stream in streams] == ["Headset", "Headset"]
    assert system.take_notices() == [
        "There is no microphone Heedset: did you mean Headset, or another one from `ptt devices`? "
        "Until then the system's default is used."
    ]
    assert system.take_notices() == []


def test_a_named_device_is_in_use_again_after_the_look_that_finds_it(
    system: SoundSystem, library: Library
) -> None:
    stream = system.open(LOUDSPEAKER, "Screen", Line())
    library.plugged = ["Headset"]
    system.note_change()
    system.follow()
    meanwhile = device_of(stream)
    library.plugged = ["Headset", "Screen"]
    system.note_change()

    system.follow()

    assert (meanwhile, device_of(stream)) == ("Headset", "Screen")
    assert system.take_notices()[1:] == ["The loudspeaker Screen is back and in use."]
    assert system.statistics().replaced == 1


def test_a_device_that_comes_while_its_stream_is_being_opened_is_found(
    system: SoundSystem, library: Library
) -> None:
    library.plugged = ["Headset"]
    system.doubt()
    follower = threading.Thread(target=system.follow)

    class Opening(Line):
        def begin(self, stream_format: StreamFormat) -> None:
            if not self.formats:  # the default's: the devices were listed, no stream is known yet
                library.plugged = ["Headset", "Screen"]
                system.note_change()
                follower.start()
            super().begin(stream_format)

    stream = system.open(LOUDSPEAKER, "Screen", Opening())
    follower.join()

    assert device_of(stream) == "Screen"


def test_a_stream_of_the_default_follows_it(system: SoundSystem, library: Library) -> None:
    stream = system.open(LOUDSPEAKER, None, Line())
    before = device_of(stream)
    library.default = 1
    system.note_change()

    system.follow()

    assert (before, device_of(stream)) == ("Headset", "Screen")
    assert system.take_notices() == []


def test_nothing_is_looked_for_while_somebody_talks(
    system: SoundSystem, library: Library, clock: Clock
) -> None:
    system.open(MICROPHONE, "Headset", Line())
    ear = system.open(LOUDSPEAKER, "Screen", Line())
    library.open[1].vanish()
    ear.close()
    library.plugged = ["Headset", "Camera"]
    library.refused_devices = {1}
    clock.now += 10 * UNDISTURBED
    system.note_change()

    ear = system.open(LOUDSPEAKER, "Screen", Line())

    assert library.looks == 0
    assert not system.wants_to_follow
    assert device_of(ear) == "Headset"


def test_a_microphone_that_was_opened_meanwhile_is_not_disturbed(
    system: SoundSystem, library: Library
) -> None:
    system.open(LOUDSPEAKER, "Screen", Line())
    system.note_change()
    before = system.wants_to_follow
    system.open(MICROPHONE, "Headset", Line())
    looks = library.looks

    system.follow()

    assert before
    assert library.looks == looks


@pytest.mark.parametrize("end", ["key up", "microphone gone"])
def test_when_nobody_talks_any_more_the_change_is_followed(
    system: SoundSystem, library: Library, end: str
) -> None:
    talking = True
    system.talking = lambda: talking
    system.open(MICROPHONE, "Headset", Line())
    system.note_change()
    before = system.wants_to_follow
    if end == "key up":
        talking = False
    else:
        library.open[0].vanish()

    after = system.wants_to_follow
    system.follow()

    assert (before, after) == (False, True)
    assert library.looks == 1
    assert not system.wants_to_follow


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


def test_a_loudspeaker_takes_shorter_blocks_than_a_microphone_gives(system: SoundSystem) -> None:
    mouth, ear = Line(), Line()

    system.open(MICROPHONE, "Headset", mouth)
    system.open(LOUDSPEAKER, "Screen", ear)

    assert mouth.formats[-1].block_samples == 480
    assert ear.formats[-1].block_samples == 240
