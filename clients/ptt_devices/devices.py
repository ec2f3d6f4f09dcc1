"""Which microphones and loudspeakers there are, and which of them a name means. Pure.

Opening them is portaudio.py's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum

from ptt.errors import AudioDeviceError


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

    def channels(self, direction: Direction) -> int:
        """How many channels it has in this direction."""
        return self.inputs if direction is Direction.MICROPHONE else self.outputs


def choose(devices: Sequence[Device], direction: Direction, name: str | None) -> Device:
    """The device that `name` means: whole name, else part of one; None: the system's default.

    Raises AudioDeviceError with a sentence that says what there is.
    """
    able = [device for device in devices if device.channels(direction)]
    if not able:
        raise AudioDeviceError(f"There is no {direction.value}: plug one in and try again.")
    if name is None:
        return next((device for device in able if direction in device.default_for), able[0])
    return _by_name(able, direction, name)


def _by_name(able: Sequence[Device], direction: Direction, name: str) -> Device:
    wanted = name.casefold()
    exact = [device for device in able if device.name.casefold() == wanted]
    if exact:
        return exact[0]  # of several sound systems with the same device, the preferred comes first
    partly = [device for device in able if wanted in device.name.casefold()]
    if not partly:
        raise AudioDeviceError(_unknown(able, direction, name))
    names = list(dict.fromkeys(device.name for device in partly))
    if len(names) > 1:
        listed = ", ".join(names)
        raise AudioDeviceError(
            f"{name} may be one of several {direction.value}s: {listed}; name one."
        )
    return partly[0]


def _unknown(able: Sequence[Device], direction: Direction, name: str) -> str:
    near = get_close_matches(name, [device.name for device in able], n=1)
    if near:
        hint = f"did you mean {near[0]}, or another one from `ptt devices`?"
    else:
        hint = "`ptt devices` lists what there is."
    return f"There is no {direction.value} {name}: {hint}"
