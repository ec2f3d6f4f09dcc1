"""The list of `ptt devices`."""

from collections.abc import Iterable

from ptt_devices.devices import Device, Direction
from ptt_devices.portaudio import sound_system


def devices_table() -> str:
    """All devices of this machine. Raises AudioDeviceError."""
    return table(sound_system().devices())


def table(devices: Iterable[Device]) -> str:
    """Microphones, then loudspeakers, one a line; a star marks the default."""
    found = list(devices)
    return "\n".join(line for direction in Direction for line in _section(found, direction))


def _section(devices: list[Device], direction: Direction) -> list[str]:
    able = [device for device in devices if device.channels(direction)]
    lines = [
        f"{'*' if direction in device.default_for else ' '} {device.name} ({device.host})"
        for device in able
    ]
    return [f"{direction.value.capitalize()}s:", *(lines or ["  none"])]
