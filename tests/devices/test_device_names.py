"""Which device a name means."""

import re

import pytest

from ptt.errors import AudioDeviceError
from ptt_devices.devices import Device, Direction, choose

MICROPHONE, LOUDSPEAKER = Direction.MICROPHONE, Direction.LOUDSPEAKER
CAMERA = Device(0, "Camera", "ALSA", 1, 0, 16_000)
HEADSET = Device(1, "USB Headset: Audio", "ALSA", 1, 2, 48_000, frozenset({MICROPHONE}))
SCREEN = Device(2, "Screen", "ALSA", 0, 2, 44_100, frozenset({LOUDSPEAKER}))
TWIN = Device(3, "usb headset: audio", "JACK", 1, 2, 48_000)
ALL = [CAMERA, HEADSET, SCREEN, TWIN]

MEANT = [
    (MICROPHONE, None, HEADSET),
    (LOUDSPEAKER, None, SCREEN),
    (MICROPHONE, "Camera", CAMERA),
    (MICROPHONE, "camera", CAMERA),
    (MICROPHONE, "cam", CAMERA),
    (LOUDSPEAKER, "USB Headset: Audio", HEADSET),
    (LOUDSPEAKER, "usb headset: audio", HEADSET),  # the preferred sound system's
]


@pytest.mark.parametrize(("direction", "name", "device"), MEANT)
def test_a_name_means_a_device(direction: Direction, name: str | None, device: Device) -> None:
    assert choose(ALL, direction, name) == device


def test_without_a_default_the_first_that_can_is_taken() -> None:
    assert choose([SCREEN, CAMERA, TWIN], MICROPHONE, None) == CAMERA


SENTENCES = [
    ([], MICROPHONE, None, "There is no microphone: plug one in and try again."),
    ([SCREEN], MICROPHONE, "Screen", "There is no microphone: plug one in"),
    (
        ALL,
        LOUDSPEAKER,
        "Scren",
        "There is no loudspeaker Scren: did you mean Screen, or another one from `ptt devices`?",
    ),
    (ALL, LOUDSPEAKER, "Camera", "There is no loudspeaker Camera: `ptt devices`"),
    (ALL, LOUDSPEAKER, "e", "e may be one of several loudspeakers: USB Headset: Audio, Screen"),
]


@pytest.mark.parametrize(("devices", "direction", "name", "sentence"), SENTENCES)
def test_a_name_that_means_no_device_is_told(
    devices: list[Device], direction: Direction, name: str | None, sentence: str
) -> None:
    with pytest.raises(AudioDeviceError, match=re.escape(sentence)):
        choose(devices, direction, name)
