"""Does the microphone record, and is what it records any good?

A second of it is measured and thrown away.
"""

from collections.abc import Callable

from ptt.client.audio_ports import Microphone
from ptt.errors import AudioDeviceError
from ptt.media.frames import FRAME_SECONDS
from ptt_desk.checks.finding import Figure, Finding, Verdict, failed
from ptt_desk.checks.names import MICROPHONE
from ptt_desk.checks.sound_figures import SoundFigures, figures_of

# Implementation
RECORD, QUICK_RECORD = 1.0, 0.3  # s
_SETTLE = 0.2  # s left out: many devices begin with zeros, or with a click
MUCH_CLIPPED = 0.001  # share of samples; less is a single knock
MUCH_NOISE = -40.0  # dBFS when nobody speaks; speech at a desk is about -30
MANY_GAPS = 2  # opening often costs one

Faults = Callable[[], int]  # how often sound was lost since the device was opened


async def check_microphone(
    microphone: Microphone, name: str, faults: Faults, seconds: float = RECORD
) -> Finding:
    """Record it; `name` is the device's, for the sentence."""
    try:
        frames = await record(microphone, seconds)
    except AudioDeviceError as error:
        return failed(MICROPHONE, error)
    return judge_microphone(figures_of(frames), name, faults())


async def record(microphone: Microphone, seconds: float) -> list[bytes]:
    """So many seconds, after the beginning. Raises AudioDeviceError."""
    async with microphone.open() as source:
        for _ in range(round(_SETTLE / FRAME_SECONDS)):
            await source.read()
        return [await source.read() for _ in range(round(seconds / FRAME_SECONDS))]


def judge_microphone(figures: SoundFigures, name: str, lost: int) -> Finding:
    """What the figures of a recording mean; `lost`: how often sound was lost in it."""
    verdict, sentence, advice = _judged(figures, name, lost)
    measured: dict[str, Figure] = {
        "device": name,
        "level_dbfs": figures.level,
        "noise_dbfs": figures.noise,
        "peak_dbfs": figures.peak,
        "clipped": figures.clipped,
        "silent": figures.dead,
        "overruns": lost,
    }
    return Finding(MICROPHONE, verdict, sentence, advice, measured)


def _judged(figures: SoundFigures, name: str, lost: int) -> tuple[Verdict, str, str]:
    if figures.dead:
        return (
            Verdict.PROBLEM,
            f"{name} gives digital silence, so it is muted or blocked",
            "unmute it at the device and in the sound settings, "
            "and allow programs to use the microphone in the privacy settings",
        )
    if figures.clipped > MUCH_CLIPPED:
        return (
            Verdict.WARNING,
            f"{name} is too loud, {100 * figures.clipped:.1f} % of it is clipped",
            "turn down its level in the sound settings",
        )
    if lost > MANY_GAPS:
        return (
            Verdict.WARNING,
            f"{name} lost sound {lost} times within a second",
            "close programs that use much of the processor, or plug it in elsewhere",
        )
    if figures.noise > MUCH_NOISE:
        return (
            Verdict.WARNING,
            f"{name} hears {figures.noise:.0f} dBFS of noise when nobody speaks",
            "if it was quiet just now, turn down its level, or move it away from what hums",
        )
    quiet = f"level {figures.level:.0f} dBFS, noise {figures.noise:.0f} dBFS, no clipping"
    return Verdict.OK, f"{name} records ({quiet})", ""
