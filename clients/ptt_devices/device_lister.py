"""Prints the devices of this machine, a JSON line each second, until nobody reads it.

    python -m ptt_devices.device_lister

A process of its own, because looking anew kills the streams of the process that looks. For systems
where looking opens no device: see device_watch.py.
"""

import sys
import time

import msgspec

from ptt.errors import AudioDeviceError
from ptt_devices.devices import Device, Direction
from ptt_devices.library import list_devices, look_anew, sounddevice

# Implementation
LIST_EVERY = 1.0  # s


def line(devices: list[Device]) -> str:
    """Everything by which one list differs from another."""
    found = [
        [device.full_name, device.inputs, device.outputs]
        + [direction in device.default_for for direction in Direction]
        for device in devices
    ]
    return msgspec.json.encode(found).decode()


def main() -> None:
    """Until standard output is closed."""
    while True:
        try:
            look_anew(sounddevice())
            print(line(list_devices(sounddevice())), flush=True)
        except AudioDeviceError:
            print("[]", flush=True)
        except BrokenPipeError:
            sys.exit()
        time.sleep(LIST_EVERY)


if __name__ == "__main__":
    main()
