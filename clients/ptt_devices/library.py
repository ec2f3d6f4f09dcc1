"""The door to PortAudio's functions (through sounddevice): load it, list, look anew, its errors.

All of them may block: portaudio.py calls them on one thread only.
"""

import atexit
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from types import ModuleType

from ptt.errors import AudioDeviceError
from ptt_devices.devices import Device, Direction

MISSING_LIBRARY = (
    "PortAudio is missing: install it (Debian, Ubuntu: apt install libportaudio2; "
    "Fedora: dnf install portaudio)."
)

Library = Callable[[], ModuleType]


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


def list_devices(library: ModuleType) -> list[Device]:
    """What the library saw when it was initialised. Raises AudioDeviceError."""
    with translated(library, "The sound system does not answer"):
        return _list(library)


def look_anew(library: ModuleType) -> None:
    """Initialise again, the only way to see new devices; kills every open stream.

    Raises AudioDeviceError.
    """
    with suppress(library.PortAudioError):  # the last attempt to initialise failed
        library._terminate()
    with translated(library, "The sound system does not answer"):
        library._initialize()


def leave_open_at_exit() -> None:
    """Do not end the library with the program: that would wait for a call which never ends.

    Looks without loading: the call that hangs may be the one that loads it, and holds its lock.
    """
    handler = getattr(sys.modules.get("sounddevice"), "_exit_handler", None)
    if handler is not None:
        atexit.unregister(handler)


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
