"""Which microphones and loudspeakers there are, and which of them a name means. Pure.

A name is a device's own ("USB Headset"), part of it, or one with its sound system before it
("ALSA: USB Headset"). Opening them is portaudio.py's.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from ptt.errors import AudioDeviceError

# ALSA's number of a card: another one after it was plugged in again
_CARD_NUMBER = re.compile(r" \(hw:\d+,\d+\)$")


class Direction(Enum):
    """What a device is to do; the value is the word for people."""

    MICROPHONE = "microphone"
    LOUDSPEAKER = "loudspeaker"


@dataclass(frozen=True, slots=True)
class Device:
    """One device as the sound library lists it.

    inputs, outputs: most channels to record and to play, 0 if it cannot; rate: its favourite, Hz;
    host: the sound system behind it, such as ALSA or WASAPI.
    """

    index: int
    name: str
    host: str
    inputs: int
    outputs: int
    rate: int
    default_for: frozenset[Direction] = frozenset()

    @property
    def full_name(self) -> str:
        """With its sound system: means this one also if another system has it too."""
        return f"{self.host}: {self.name}"

    def channels(self, direction: Direction) -> int:
        """How many channels it has in this direction."""
        return self.inputs if direction is Direction.MICROPHONE else self.outputs


def able(devices: Iterable[Device], direction: Direction) -> list[Device]:
    """Those that can record, or those that can play."""
    return [device for device in devices if device.channels(direction)]


def choose(devices: Sequence[Device], direction: Direction, name: str | None) -> Device:
    """The device that `name` means: whole name, else part of one; None: the system's default.

    Raises AudioDeviceError with a sentence that says what there is.
    """
    there = able(devices, direction)
    if not there:
        raise AudioDeviceError(f"There is no {direction.value}: plug one in and try again.")
    if name is None:
        return next((device for device in there if direction in device.default_for), there[0])
    return _by_name(there, direction, name)


def name_for(devices: Sequence[Device], direction: Direction, device: Device) -> str | None:
    """The shortest whole name that means this device; None: no name does, a twin comes first."""
    for name in (device.name, device.full_name):
        if choose(devices, direction, name) is device:
            return name
    return None


def _by_name(there: Sequence[Device], direction: Direction, name: str) -> Device:
    exact = _exactly(there, name.casefold())
    if exact is not None:
        return exact
    wanted = name.casefold()
    partly = [device for device in there if wanted in device.full_name.casefold()]
    if not partly:
        raise AudioDeviceError(_unknown(there, direction, name))
    names = list(dict.fromkeys(device.name for device in partly))
    if len(names) > 1:
        listed = ", ".join(names)
        raise AudioDeviceError(
            f"{name} may be one of several {direction.value}s: {listed}; name one."
        )
    return partly[0]


def _exactly(there: Sequence[Device], wanted: str) -> Device | None:
    """By the whole name, then with the sound system, then whatever number the card has now.

    Of several sound systems with the same device, the preferred comes first.
    """
    for device in there:
        if device.name.casefold() == wanted:
            return device
    for device in there:
        if device.full_name.casefold() == wanted:
            return device
    card = _CARD_NUMBER.sub("", wanted)
    for device in there:
        names = device.name.casefold(), device.full_name.casefold()
        if card != wanted and card in [_CARD_NUMBER.sub("", name) for name in names]:
            return device
    return None


def _unknown(there: Sequence[Device], direction: Direction, name: str) -> str:
    near = get_close_matches(name, [device.name for device in there], n=1)
    if near:
        hint = f"did you mean {near[0]}, or another one from `ptt devices`?"
    else:
        hint = "`ptt devices` lists what there is."
    return f"There is no {direction.value} {name}: {hint}"
