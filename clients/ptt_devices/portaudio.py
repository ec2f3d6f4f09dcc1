"""All streams of this program, because they share the library's fate.

    SoundSystem --open--> Stream --blocks of 10 ms, on PortAudio's thread--> Line

PortAudio looks for devices once, when it is initialised; looking again kills every open stream.
So `SoundSystem` stops all, initialises anew and starts all again by name, when a device is gone or
not found, or when the machine's devices changed (device_watch.py tells). A stream that comes back
has lost some 50 ms. While somebody talks nothing is looked for, unless the microphone itself is
gone: nobody else ever hears that gap.

A device asked for by name that is not there is replaced by the system's default, and put in use
again at the next look that finds it; `take_notices` says so. What PulseAudio or PipeWire do behind
"default" (follow the system's default, move a stream off a device that was unplugged) reaches
PortAudio by no call: such a stream is what the system wants it to be, and nothing is told.

All calls block for milliseconds, with Bluetooth for longer, and never for more than seconds: call
them through `off_the_loop`. Has no Trio objects; see microphone.py and loudspeaker.py for those.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from typing import TypeVar

import trio

from ptt.errors import AudioDeviceError
from ptt_devices.conversion import StreamFormat
from ptt_devices.device_signs import device_signs
from ptt_devices.devices import Device, Direction, choose
from ptt_devices.library import Library, leave_open_at_exit, list_devices, look_anew, sounddevice
from ptt_devices.sound_thread import SoundThread, StuckError, Ticket, no_answer
from ptt_devices.stream import Line, Stream, called

T = TypeVar("T")

# Implementation
UNDISTURBED = 5.0  # s between two looks for new devices while others are in use
OPENS_WITHIN = 5.0  # s; a Bluetooth headset takes up to three to change its profile
CLOSES_WITHIN = 0.5  # s; whoever talks into a device that hangs waits so long for the sentence
MOST_STUCK = 4  # calls: a microphone and a loudspeaker, each while closed and while opened again
NOTICES = 16  # kept until somebody asks
SYSTEM = "The sound system"


@dataclass(frozen=True, slots=True)
class SystemStatistics:
    """Counters since the program began.

    looks: how often the library was initialised anew; lost: devices that ended by themselves;
    replaced: how often the default stood in for a named device; stuck: calls that a device or the
    sound server holds at present, each a thread that waits; abandoned: all of these so far.
    """

    looks: int
    lost: int
    replaced: int
    stuck: int
    abandoned: int


class SoundSystem:
    """Opens and closes devices. Thread-safe.

    `talking`, asked from other threads, says whether what the microphone hears is being sent;
    whoever knows no better has it so while a microphone is open.
    """

    def __init__(
        self,
        library: Library | None = None,
        clock: Callable[[], float] = time.monotonic,
        *,
        opens_within: float = OPENS_WITHIN,
        closes_within: float = CLOSES_WITHIN,
        signs: Callable[[], object] = lambda: None,
    ) -> None:
        self.talking: Callable[[], bool] = lambda: True
        self.noticed: Callable[[], None] = lambda: None
        self._library = library or sounddevice
        self._clock = clock
        self._opens_within = opens_within
        self._closes_within = closes_within
        self._thread = SoundThread()
        self._streams: list[Stream] = []
        self._doubtful = False
        self._changed = False
        self._looked_at = -inf
        self._signs = signs
        self._seen = signs()
        self._known: set[tuple[Direction, str]] = set()
        self._away: set[tuple[Direction, str]] = set()
        self._notices: deque[str] = deque(maxlen=NOTICES)
        self._looks = self._lost = self._replaced = self._abandoned = 0

    def devices(self) -> list[Device]:
        """What can be opened at present. Raises AudioDeviceError."""
        self._refuse_if_stuck()
        self._doubtful = self._doubtful or not self._streams
        return self._call(self._devices)

    def open(
        self,
        direction: Direction,
        name: str | None,
        line: Line,
        formats: Sequence[StreamFormat] | None = None,
    ) -> Stream:
        """Open the device that `name` means, else the default. Raises AudioDeviceError."""
        self._refuse_if_stuck()
        stream = Stream(direction, name, line, formats, vanished=self._lose, close=self.close)
        self._call(partial(self._open, stream), late=partial(self._close, stream))
        return stream

    def close(self, stream: Stream) -> None:
        """Close it; twice is once. One that hangs is left to its fate."""
        with suppress(StuckError):
            self._call(lambda _: self._close(stream), stream.subject, self._closes_within)

    def doubt(self) -> None:
        """A device went away: look again before the next one is opened."""
        self._doubtful = True

    def note_change(self) -> None:
        """The machine's devices are others than before: `follow` them as soon as may be."""
        self._doubtful = self._changed = True

    @property
    def wants_to_follow(self) -> bool:
        """Something changed, and nobody would hear the gap."""
        return self._changed and self._may_disturb()

    def follow(self) -> None:
        """Look again, and move every stream to the device that it means now."""
        self._call(self._follow)  # behind a stream that is being opened by what was there before

    def take_notices(self) -> list[str]:
        """Sentences for the person, each once; `noticed` is called when there are some."""
        return [self._notices.popleft() for _ in range(len(self._notices))]

    def in_use(self) -> dict[Direction, str]:
        """The names of the devices that are open, which may be others than those asked for."""
        live = [stream for stream in list(self._streams) if stream.running and not stream.dead]
        return {stream.direction: stream.device.name for stream in live if stream.device}

    def statistics(self) -> SystemStatistics:
        """What went wrong so far."""
        stuck = len(self._thread.stuck)
        return SystemStatistics(self._looks, self._lost, self._replaced, stuck, self._abandoned)

    # on the sound thread

    def _open(self, stream: Stream, ticket: Ticket) -> None:
        try:
            self._start(stream, ticket)
            ticket.check()
        except BaseException:
            stream.stop()
            raise
        self._streams.append(stream)

    def _close(self, stream: Stream) -> None:
        if stream in self._streams:
            self._streams.remove(stream)
        stream.stop()

    def _follow(self, ticket: Ticket) -> None:
        if self._may_disturb():  # a microphone may have been opened since we were asked
            self._changed = False
            if self._streams:
                self._look_again(ticket)

    def _start(self, stream: Stream, ticket: Ticket) -> None:
        devices = self._devices(ticket)
        try:
            return self._start_named(stream, devices, ticket)
        except AudioDeviceError:
            self._doubtful = True  # it may have been plugged in since
        self._start_or_replace(stream, self._devices(ticket), ticket)

    def _start_or_replace(self, stream: Stream, devices: list[Device], ticket: Ticket) -> None:
        try:
            self._start_named(stream, devices, ticket)
        except AudioDeviceError as error:
            ticket.check()
            if stream.name is None:
                raise
            try:
                self._start_on(stream, choose(devices, stream.direction, None), ticket)
            except AudioDeviceError:
                raise error from None
            self._note_replaced(stream.direction, stream.name, str(error))

    def _start_named(self, stream: Stream, devices: list[Device], ticket: Ticket) -> None:
        self._start_on(stream, choose(devices, stream.direction, stream.name), ticket)
        if stream.name is not None:
            self._note_back(stream.direction, stream.name)

    def _start_on(self, stream: Stream, device: Device, ticket: Ticket) -> None:
        subject = called(stream.direction, device)
        if subject in self._thread.stuck:
            raise AudioDeviceError(no_answer(subject))
        stream.start(self._library(), device, ticket)

    def _devices(self, ticket: Ticket) -> list[Device]:
        if (self._doubtful or self._has_new_signs) and self._may_look_again():
            self._look_again(ticket)
        return list_devices(self._library())

    def _may_look_again(self) -> bool:
        """Not again and again for a device that stays away while another one is in use."""
        in_use = any(not stream.dead for stream in self._streams)
        undisturbed = self._clock() - self._looked_at
        worth_it = undisturbed >= UNDISTURBED or self._has_new_signs
        return not in_use or (worth_it and self._may_disturb())

    @property
    def _has_new_signs(self) -> bool:
        return self._signs() != self._seen

    def _may_disturb(self) -> bool:
        """Not while somebody hears our microphone, nor beside a call that hangs in the library."""
        live = any(s.direction is Direction.MICROPHONE and not s.dead for s in self._streams)
        return not self._thread.stuck and not (live and self.talking())

    def _look_again(self, ticket: Ticket) -> None:
        if self._thread.stuck:
            return  # the library would be ended below the feet of another call
        for stream in self._streams:
            stream.stop()
            ticket.check()
        self._looked_at = self._clock()
        self._seen = self._signs()
        self._looks += 1
        look_anew(self._library())
        ticket.check()
        self._doubtful = False
        devices = list_devices(self._library())
        for stream in self._streams:
            self._restart(stream, devices, ticket)

    def _restart(self, stream: Stream, devices: list[Device], ticket: Ticket) -> None:
        try:
            if not stream.dead:
                self._start_or_replace(stream, devices, ticket)
        except AudioDeviceError:
            stream.perish()

    # from any thread

    def _call(
        self,
        work: Callable[[Ticket], T],
        subject: str = SYSTEM,
        limit: float | None = None,
        late: Callable[[], None] = lambda: None,
    ) -> T:
        try:
            return self._thread.call(
                work,
                subject=subject,
                limit=limit or self._opens_within,
                late=partial(self._come_back, late),
            )
        except StuckError:
            self._abandon()
            raise

    def _refuse_if_stuck(self) -> None:
        if len(self._thread.stuck) >= MOST_STUCK:
            raise AudioDeviceError(no_answer(SYSTEM))

    def _abandon(self) -> None:
        """A call hangs in the library: end what it had stopped, and never wait for it."""
        self._abandoned += 1
        for stream in list(self._streams):
            if not stream.running:
                stream.perish()
        leave_open_at_exit()

    def _come_back(self, late: Callable[[], None]) -> None:
        late()
        self.note_change()

    def _lose(self) -> None:
        self._lost += 1
        self.doubt()

    def _note_replaced(self, direction: Direction, name: str, reason: str) -> None:
        if (direction, name) in self._away:
            return
        self._away.add((direction, name))
        self._replaced += 1
        what = f"The {direction.value} {name} is gone: plug it in again."
        known = (direction, name) in self._known
        self._note(f"{what if known else reason} Until then the system's default is used.")

    def _note_back(self, direction: Direction, name: str) -> None:
        self._known.add((direction, name))
        if (direction, name) in self._away:
            self._away.remove((direction, name))
            self._note(f"The {direction.value} {name} is back and in use.")

    def _note(self, sentence: str) -> None:
        self._notices.append(sentence)
        self.noticed()


@cache
def sound_system() -> SoundSystem:
    """The one of this program."""
    return SoundSystem(signs=lambda: device_signs().read())


async def off_the_loop(call: Callable[[], T]) -> T:
    """Run a blocking call of the sound system without holding up voice and keys."""
    return await trio.to_thread.run_sync(call)
