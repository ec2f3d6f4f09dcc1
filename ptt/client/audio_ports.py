"""Where sound enters and leaves the engine: two small interfaces, implemented by shells.

A frame is 20 ms of sound: 960 samples, 48 kHz, one channel, signed 16 bit in the machine's byte
order, so 1920 octets. Implementations: files (audio_files.py) and PortAudio (ptt_devices).
"""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

SAMPLE_RATE = 48_000  # Hz
FRAME_SECONDS = 0.020
FRAME_SAMPLES = 960
FRAME_OCTETS = 2 * FRAME_SAMPLES


class AudioSource(Protocol):
    """An open microphone."""

    async def read(self) -> bytes:
        """Wait for the next frame, or half of one where low delay was asked for.

        Raises AudioDeviceError when the device is gone.
        """
        ...


class AudioSink(Protocol):
    """An open loudspeaker.

    `shortest`: octets of the shortest piece of a frame that `write` takes.
    """

    shortest: int

    async def rest(self, rests: Callable[[], bool]) -> None:
        """While `rests()`, be silent without asking for frames, if this loudspeaker can do that.

        Looks again at `stir`, and now and then. Raises AudioDeviceError when the device is gone.
        """
        ...

    def stir(self) -> None:
        """Something may have begun to sound."""
        ...

    async def wanted(self) -> None:
        """Wait until the next frame is due; raises AudioDeviceError when the device is gone."""
        ...

    def write(self, frame: bytes) -> None:
        """Play `frame`, or a piece of one, after what was written before.

        Called once after each `wanted`.
        """
        ...


class Microphone(Protocol):
    """A microphone that can be opened; closed means closed, for the person to see."""

    def open(self) -> AbstractAsyncContextManager[AudioSource]:
        """Open it; raises AudioDeviceError if there is none."""
        ...


class Loudspeaker(Protocol):
    """A loudspeaker that can be opened."""

    def open(self) -> AbstractAsyncContextManager[AudioSink]:
        """Open it; raises AudioDeviceError if there is none."""
        ...
