"""Our end of a device's stream, where a callback's thread and a task meet.

What microphone and loudspeaker have in common: how a task waits for the device, what is said when
it is gone or stuck, what is old after the machine stood still, and that it is closed whatever
happens.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import trio

from ptt.client.elapsed import elapsed
from ptt.errors import AudioDeviceError
from ptt_devices.conversion import StreamFormat
from ptt_devices.devices import Direction
from ptt_devices.pace import Pace
from ptt_devices.portaudio import SoundSystem, off_the_loop
from ptt_devices.wake_up import WakeUp

# Implementation
STALLED = 1.0  # s without a callback: a driver or a sound server that hangs
STARTS_WITHIN = 3.0  # s; a Bluetooth headset gives its first sound that late
SLEPT = 0.5  # s by which we woke too late to say who stood still, the device or we


class StreamEnd(ABC):
    """A Line. `label` names the device in sentences, `stuck` says what is wrong if it hangs;
    `clock` is in seconds and goes on while the machine sleeps."""

    def __init__(self, label: str, stuck: str, clock: Callable[[], float] | None = None) -> None:
        self._label = label
        self._stuck = stuck
        self._wake_up = WakeUp()
        self.ended = False
        self.pace = Pace()
        self._clock = clock or elapsed
        self._patience = STARTS_WITHIN

    def begin(self, stream_format: StreamFormat) -> None:
        """As Line.begin."""
        self.pace.restart()
        self._patience = STARTS_WITHIN
        self.use(stream_format)

    @abstractmethod
    def use(self, stream_format: StreamFormat) -> None:
        """Blocks in this format follow."""

    @abstractmethod
    def exchange(self, buffer: memoryview, *, faulty: bool) -> None:
        """As Line.exchange."""

    def note_block(self) -> bool:
        """One was exchanged; whether the machine stood still before."""
        self._patience = STALLED
        return self.pace.stood_still(self._clock())

    def wake(self) -> None:
        """The task has something to do; may be called from any thread."""
        self._wake_up.set()

    def end(self) -> None:
        """As Line.end."""
        self.ended = True
        self._wake_up.set()

    def close(self) -> None:
        """After the stream was closed."""
        self._wake_up.close()

    async def wait(self) -> None:
        """Until `wake`; raises AudioDeviceError if the device is gone or silent for too long."""
        if self.ended:
            raise AudioDeviceError(
                f"{self._label} is gone: plug it in again or choose another one."
            )
        with trio.move_on_after(self._patience) as waited:
            await self._wake_up.wait()
        if waited.cancelled_caught and trio.current_time() - waited.deadline < SLEPT:
            raise AudioDeviceError(f"{self._label} {self._stuck}: unplug it and plug it in.")


@asynccontextmanager
async def open_stream(
    system: SoundSystem,
    direction: Direction,
    name: str | None,
    end: StreamEnd,
    formats: Sequence[StreamFormat] | None,
) -> AsyncIterator[None]:
    """A stream of the device `name` with its `end`; both are closed whatever happens."""
    try:
        stream = await off_the_loop(partial(system.open, direction, name, end, formats))
        try:
            yield
        finally:
            with trio.CancelScope(shield=True):
                await off_the_loop(stream.close)
    finally:
        end.close()
