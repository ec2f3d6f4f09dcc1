"""`ptt setup`: what somebody chooses once, asked in the terminal or answered by options.

    invite -> microphone -> loudspeaker -> key -> hands-free -> say something, hear it -> ptt.toml

Enter takes what is in brackets, so every step can be skipped; run again, it begins with what was
chosen before. With `--yes` nothing is asked, for many computers at once.
"""

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
import trio
import typer

from ptt.client.credentials import load_credentials, save_credential
from ptt.client.enrolment import enrol
from ptt.errors import AudioDeviceError, ConfigError
from ptt_desk.checks.microphone import record
from ptt_desk.own_level import Loudness, judged
from ptt_desk.parrot import play
from ptt_desk.preferences import Preferences, load_preferences, preferences_path, save_preferences
from ptt_devices.devices import Device, Direction, choose
from ptt_devices.key_ways import best_way, open_way, ways
from ptt_devices.keys import HotkeyError, KeyCombination
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import sound_system

# Implementation
SAYING = 3.0  # s
KEY_WITHIN = 10.0  # s

NO_TERMINAL = "ptt setup asks questions and there is no terminal: answer by options and add --yes."


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said on the command line; None: not said. `yes`: ask nothing."""

    link: str | None = None
    microphone: str | None = None
    loudspeaker: str | None = None
    key: list[str] | None = None
    hands_free: bool | None = None
    parrot: bool | None = None
    yes: bool = False


def set_up(answers: Answers) -> None:
    """Ask, try and write. Raises PttError with a sentence; nothing is written then."""
    if not answers.yes and not sys.stdin.isatty():
        raise ConfigError(NO_TERMINAL)
    former = load_preferences()
    _join(answers)
    chosen = Preferences(
        devices=msgspec.structs.replace(
            former.devices,
            microphone=_device(
                Direction.MICROPHONE, answers.microphone, former.devices.microphone, answers.yes
            ),
            loudspeaker=_device(
                Direction.LOUDSPEAKER, answers.loudspeaker, former.devices.loudspeaker, answers.yes
            ),
        ),
        keys=msgspec.structs.replace(former.keys, talk=_keys(answers, former)),
        voice=msgspec.structs.replace(former.voice, hands_free=_hands_free(answers, former)),
        tones=former.tones,
        hearing=former.hearing,
    )
    _hear_yourself(answers, chosen)
    save_preferences(chosen)
    typer.echo(f"Written to {preferences_path()}, where you can change it. Now run: ptt talk")


def _join(answers: Answers) -> None:
    link = answers.link or ""
    if not link and not answers.yes and not load_credentials():
        link = typer.prompt("Invite link (Enter: later)", default="", show_default=False)
    if link:
        credential = trio.run(enrol, link, platform.node())
        save_credential(credential)
        typer.echo(f"Joined {credential.server} as {credential.person}.")


def _device(direction: Direction, said: str | None, former: str, yes: bool) -> str:
    """A name, or "" for whatever the system's default is."""
    devices = sound_system().devices()
    if said is not None or yes:
        name = former if said is None else said
        if name:
            choose(devices, direction, name)
        return name
    able = [device for device in devices if device.channels(direction)]
    names = list(dict.fromkeys(device.name for device in able))
    typer.echo(f"\n{direction.value.capitalize()}s:\n  0  what the system uses")
    for number, name in enumerate(names, start=1):
        typer.echo(f"  {number}  {name}{_host(able, name)}")
    at = names.index(former) + 1 if former in names else 0
    return ["", *names][_number("Which", at, len(names))]


def _number(question: str, default: int, most: int) -> int:
    while True:
        number: int = typer.prompt(question, default=default, type=int)
        if 0 <= number <= most:
            return number
        typer.echo(f"There is no {number}: choose 0 to {most}.")


def _host(devices: Sequence[Device], name: str) -> str:
    return f" ({next(device.host for device in devices if device.name == name)})"


def _keys(answers: Answers, former: Preferences) -> tuple[str, ...]:
    if answers.key is not None or answers.yes:
        keys = tuple(answers.key or former.keys.talk)
        for key in keys:
            KeyCombination.parse(key)
        return keys
    while True:
        named = typer.prompt("\nTalk key", default=" ".join(former.keys.talk))
        try:
            talk = [KeyCombination.parse(key) for key in named.split()]
            trio.run(_try_key, talk, former.keys.way)
        except HotkeyError as error:
            typer.echo(str(error))
        else:
            return tuple(named.split())


async def _try_key(talk: list[KeyCombination], wanted: str) -> None:
    way = best_way(await ways(talk), wanted)
    if way.name in ("terminal", "command"):
        typer.echo(way.sentence)
        return
    async with open_way(way.name, talk) as presses:
        typer.echo(f"Press it now ({KEY_WITHIN:.0f} s).")
        with trio.move_on_after(KEY_WITHIN) as waited:
            await anext(presses)
    heard = "It did not arrive: choose it again or another one later"
    typer.echo(heard + "." if waited.cancelled_caught else "It arrived, whichever window you use.")


def _hands_free(answers: Answers, former: Preferences) -> bool:
    if answers.hands_free is not None:
        return answers.hands_free
    if answers.yes:
        return former.voice.hands_free
    return typer.confirm("\nTalk hands-free, by speaking alone", default=former.voice.hands_free)


def _hear_yourself(answers: Answers, chosen: Preferences) -> None:
    wanted = not answers.yes if answers.parrot is None else answers.parrot
    if answers.parrot is None and not answers.yes:
        wanted = typer.confirm("\nSay something and hear yourself back", default=True)
    if not wanted:
        return
    try:
        trio.run(_parrot, chosen)
    except AudioDeviceError as error:
        typer.echo(f"{error} `ptt doctor` says more.")


async def _parrot(chosen: Preferences) -> None:
    typer.echo(f"Speak now, for {SAYING:.0f} s ...")
    frames = await record(PortAudioMicrophone(chosen.devices.microphone or None), SAYING)
    typer.echo(_words(*judged(frames)))
    typer.echo("And back ...")
    await play(PortAudioLoudspeaker(chosen.devices.loudspeaker or None), frames)


def _words(how: Loudness, loudest: float) -> str:
    match how:
        case Loudness.SOFT:
            return f"Hardly anything was heard ({loudest:.0f} dBFS): is the microphone muted?"
        case Loudness.LOUD:
            return f"That was very loud ({loudest:.0f} dBFS): turn the microphone down a little."
        case Loudness.WELL:
            return f"Well heard ({loudest:.0f} dBFS)."
