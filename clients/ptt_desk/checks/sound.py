"""The libraries for sound, and the two devices that would be used: found, chosen, tried.

One after the other, so that the microphone does not measure the tone as noise.
"""

from collections.abc import Sequence
from dataclasses import replace

from ptt.errors import AudioDeviceError, PttError
from ptt.media.frames import SILENCE
from ptt.media.opus import OpusDecoder, OpusEncoder
from ptt_desk.checks import names
from ptt_desk.checks.finding import Finding, Verdict, failed, ok, parted
from ptt_desk.checks.loudspeaker import check_loudspeaker, check_loudspeaker_by_ear
from ptt_desk.checks.microphone import QUICK_RECORD, RECORD, check_microphone
from ptt_devices.devices import Device, Direction, able, choose
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import off_the_loop, sound_system


async def check_sound_library() -> tuple[Finding, list[Device]]:
    """Whether PortAudio is there, and the devices that it finds."""
    try:
        devices = await off_the_loop(lambda: list(sound_system().devices()))
    except AudioDeviceError as error:
        return failed(names.SOUND_LIBRARY, error), []
    microphones = len(able(devices, Direction.MICROPHONE))
    loudspeakers = len(able(devices, Direction.LOUDSPEAKER))
    sentence = f"PortAudio finds {_number(microphones, 'microphone')}"
    found = ok(
        names.SOUND_LIBRARY,
        f"{sentence} and {_number(loudspeakers, 'loudspeaker')}",
        microphones=microphones,
        loudspeakers=loudspeakers,
    )
    return found, devices


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


async def check_voice_library() -> Finding:
    """Whether Opus is there and works."""
    try:
        sound = OpusDecoder().decode(OpusEncoder().encode(SILENCE))
    except PttError as error:
        return failed(names.VOICE_LIBRARY, error)
    return ok(names.VOICE_LIBRARY, "Opus encodes and decodes", octets=len(sound))


async def check_microphone_named(
    devices: Sequence[Device], name: str | None, *, quick: bool
) -> Finding:
    """The device that `name` means, None for the system's default."""
    try:
        device = choose(devices, Direction.MICROPHONE, name)
    except AudioDeviceError as error:
        return failed(names.MICROPHONE, error)
    microphone = PortAudioMicrophone(name)

    def lost() -> int:
        counted = microphone.statistics()
        return counted.dropped + counted.overflows

    seconds = QUICK_RECORD if quick else RECORD
    return _unless_replaced(await check_microphone(microphone, device.name, lost, seconds))


async def check_loudspeaker_named(
    devices: Sequence[Device], name: str | None, *, listen_by: str | None, listen: bool
) -> Finding:
    """The device that `name` means; `listen`: by the microphone `listen_by`."""
    try:
        device = choose(devices, Direction.LOUDSPEAKER, name)
    except AudioDeviceError as error:
        return failed(names.LOUDSPEAKER, error)
    loudspeaker = PortAudioLoudspeaker(name)

    def dry() -> int:
        counted = loudspeaker.statistics()
        return counted.dry + counted.underflows

    if not listen:
        return _unless_replaced(await check_loudspeaker(loudspeaker, device.name, dry))
    microphone = PortAudioMicrophone(listen_by)
    by_ear = await check_loudspeaker_by_ear(loudspeaker, device.name, dry, microphone)
    return _unless_replaced(by_ear)


def _unless_replaced(finding: Finding) -> Finding:
    """A named device that cannot be opened is replaced by the system's default: not what was
    asked for."""
    notices = sound_system().take_notices()
    if not notices or finding.verdict is Verdict.PROBLEM:
        return finding
    sentence, advice = parted(notices[-1])
    return replace(finding, verdict=Verdict.WARNING, sentence=sentence, advice=advice)
