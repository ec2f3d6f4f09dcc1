"""Does the loudspeaker play, and does the microphone hear it?

microphone   quiet | quiet + tone, later by what both devices keep
loudspeaker        | tone
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import trio

from ptt.client.audio_ports import AudioSource, Loudspeaker, Microphone
from ptt.client.groups import lone_errors
from ptt.errors import AudioDeviceError
from ptt.media.frames import FRAME_SECONDS, SILENCE
from ptt_desk.checks.finding import Figure, Finding, failed, ok, warning
from ptt_desk.checks.names import LOUDSPEAKER
from ptt_desk.checks.sound_figures import TONE_HZ, tone, tone_above_noise

# Implementation
QUIET = 0.3  # s heard before the tone, to compare
LATE = 0.5  # s heard after it: Bluetooth keeps sound for up to so long
_DRAIN = 0.2  # s of silence after the tone, so that its end is played before the device is closed
HEARD = 10.0  # dB that the tone stands above the room
MANY_GAPS = 3  # opening often costs one or two

Faults = Callable[[], int]  # how often the device ran dry since it was opened


async def check_loudspeaker(loudspeaker: Loudspeaker, name: str, faults: Faults) -> Finding:
    """Play the tone; whether it is heard is left to the person."""
    try:
        underruns = await _play(loudspeaker, faults)
    except AudioDeviceError as error:
        return failed(LOUDSPEAKER, error)
    sentence = f"{name} took a short tone of {TONE_HZ:.0f} Hz, which you should have heard"
    return _with_gaps(underruns, name) or ok(
        LOUDSPEAKER, sentence, device=name, underruns=underruns
    )


async def check_loudspeaker_by_ear(
    loudspeaker: Loudspeaker, name: str, faults: Faults, microphone: Microphone
) -> Finding:
    """Play the tone and look for it in what the microphone hears meanwhile."""
    heard, underruns = _Ear(), 0
    try:
        with lone_errors():
            async with microphone.open() as source, trio.open_nursery() as nursery:
                nursery.start_soon(heard.listen, source)
                await trio.sleep(QUIET)
                heard.note_start()
                underruns = await _play(loudspeaker, faults)
                await trio.sleep(LATE)
                nursery.cancel_scope.cancel()
    except AudioDeviceError as error:
        return failed(LOUDSPEAKER, error)
    return _with_gaps(underruns, name) or _judged(heard.above_noise, name, underruns)


def _judged(above: float, name: str, underruns: int) -> Finding:
    figures: dict[str, Figure] = {"device": name, "above_noise_db": above, "underruns": underruns}
    if above >= HEARD:
        sentence = f"{name} plays, and the microphone hears it {above:.0f} dB above the room"
        return ok(LOUDSPEAKER, sentence, heard=True, **figures)
    return warning(
        LOUDSPEAKER,
        f"{name} took the tone, but the microphone did not hear it",
        "all is well with headphones; else turn up the volume, or choose another loudspeaker",
        heard=False,
        **figures,
    )


def _with_gaps(underruns: int, name: str) -> Finding | None:
    if underruns <= MANY_GAPS:
        return None
    return warning(
        LOUDSPEAKER,
        f"{name} ran dry {underruns} times within a second",
        "close programs that use much of the processor",
        device=name,
        underruns=underruns,
    )


async def _play(loudspeaker: Loudspeaker, faults: Faults) -> int:
    """How often it ran dry meanwhile. Raises AudioDeviceError."""
    async with loudspeaker.open() as sink:
        for frame in (*tone(), *[SILENCE] * round(_DRAIN / FRAME_SECONDS)):
            await sink.wanted()
            sink.write(frame)
        return faults()


@dataclass(slots=True)
class _Ear:
    """What was heard before the tone began, and since."""

    before: list[bytes] = field(default_factory=list)
    since: list[bytes] = field(default_factory=list)
    _started: bool = False

    @property
    def above_noise(self) -> float:
        """How much the tone stands above the room, in dB."""
        return tone_above_noise(self.before, self.since)

    async def listen(self, source: AudioSource) -> None:
        """Until cancelled; raises AudioDeviceError."""
        while True:
            frame = await source.read()
            (self.since if self._started else self.before).append(frame)

    def note_start(self) -> None:
        """The tone begins."""
        self._started = True
