"""What a person chose once: devices, keys, hands-free, tones; one TOML file that people can edit.

    ptt.toml --load--> Preferences --settings--> Settings of the engine
        ^----- save: comments and order stay as they are

Each key is documented by its type below, and the commented file of all defaults is made from that.
What is in the file but not here is refused with the nearest name: a setting that silently does
nothing is worse than none.
"""

import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_type_hints

import msgspec
import tomlkit
from msgspec import Meta

from ptt.client.audio_files import read_wav
from ptt.client.credentials import credentials_path
from ptt.client.settings import Settings
from ptt.errors import ConfigError, PttError
from ptt.media.frames import SAMPLE_RATE
from ptt.media.preroll import PreRollLevel
from ptt.media.tones import Tone
from ptt.media.voice_activity import VoiceActivitySettings
from ptt_devices.keys import KeyCombination

# Implementation
LONGEST_TONE = 2.0  # s of a file in place of a tone
HEADING = "What ptt does on this computer. Every line is optional; changes hold at once."
TONES = {tone.name.lower().replace("_", "-"): tone for tone in Tone}

_KINDS = {
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "str": "a text in quotes",
    "array": "a list in brackets",
    "object": "a table",
}

Decibels = Annotated[float, Meta(ge=-40, le=12)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A table of the file."""


class Devices(_Section, frozen=True):
    """Which microphone and loudspeaker."""

    microphone: Annotated[
        str, Meta(description='Name or part of it, as in `ptt devices`; "" follows the system.')
    ] = ""
    loudspeaker: Annotated[str, Meta(description="The same for the loudspeaker.")] = ""
    latency: Annotated[
        Literal["normal", "low"],
        Meta(
            description="low: voices come and go some 20 ms sooner, for more CPU time and network."
        ),
    ] = "normal"


class Keys(_Section, frozen=True):
    """What the hand does."""

    talk: Annotated[
        tuple[str, ...],
        Meta(description="Keys to talk: ctrl_r, f9, ctrl+alt+t, mouse4; any of them does it."),
    ] = ("ctrl_r",)
    emergency: Annotated[str, Meta(description='Key for emergencies; "" for none.')] = ""
    replay: Annotated[str, Meta(description='Key to hear the last talk again; "" for none.')] = ""
    latch_ms: Annotated[
        int, Meta(ge=0, le=1000, description="A shorter press holds until the next; 0: never.")
    ] = 200
    release_delay_ms: Annotated[
        int, Meta(ge=0, le=2000, description="The microphone stays open so long after the key.")
    ] = 150
    way: Annotated[
        Literal["auto", "x11", "windows", "macos", "portal", "evdev", "terminal", "command"],
        Meta(description="How keys are heard; `ptt doctor` says what works here."),
    ] = "auto"


class Voice(_Section, frozen=True):
    """Talking without a key, and what is done to the voice."""

    hands_free: Annotated[bool, Meta(description="Whether speaking is enough, without a key.")] = (
        False
    )
    onset_ms: Annotated[
        int, Meta(ge=60, le=400, description="Within so long, speech must show itself.")
    ] = 160
    minimum_speech_ms: Annotated[
        int, Meta(ge=60, le=400, description="So much voice within the onset begins speech.")
    ] = 100
    hang_over_ms: Annotated[int, Meta(ge=100, le=3000, description="So long a pause ends it.")] = (
        500
    )
    above_noise_db: Annotated[
        float, Meta(ge=0, le=30, description="So much louder than the room a voice must be.")
    ] = 6.0
    least_dbfs: Annotated[
        float, Meta(ge=-90, le=-10, description="What is softer than this is no voice.")
    ] = -50.0
    above_echo_db: Annotated[
        float, Meta(ge=0, le=30, description="So much louder than the own loudspeaker's echo.")
    ] = 6.0
    echo_tail_ms: Annotated[
        int, Meta(ge=0, le=1000, description="So long the loudspeaker counts after it fell silent.")
    ] = 300
    noise_suppression: Annotated[
        bool, Meta(description="Take noise out of the own voice; needs ptt[noise].")
    ] = False
    gain_control: Annotated[
        bool, Meta(description="Even out how loud the own voice is; needs ptt[noise].")
    ] = False
    preroll: Annotated[
        Literal["off", "from-key-down", "always-warm"],
        Meta(
            description="What is kept in memory until the permit: nothing, since the key, or "
            "also the 0.4 s before it (the microphone stays open)."
        ),
    ] = "from-key-down"


class Tones(_Section, frozen=True):
    """Short sounds that say what the floor did."""

    volume_db: Annotated[Decibels, Meta(description="How much louder than usual.")] = 0.0
    off: Annotated[
        tuple[str, ...], Meta(description=f"Those not to be heard, of: {', '.join(TONES)}.")
    ] = ()
    files: Annotated[
        dict[str, str],
        Meta(description='WAV files in their place, at most 2 s: { granted = "yes.wav" }.'),
    ] = {}


class Hearing(_Section, frozen=True):
    """How others are heard."""

    volumes: Annotated[
        dict[str, Decibels],
        Meta(description='How much louder than others somebody is: { "Anna" = -6.0 }.'),
    ] = {}
    ducking_db: Annotated[
        float, Meta(ge=0, le=40, description="Lower other channels while several are heard.")
    ] = 0.0


class Channels(_Section, frozen=True):
    """Where somebody is, and talks; for the window."""

    talk_in: Annotated[
        str, Meta(description='The channel in which the key talks; "" is the first.')
    ] = ""
    left: Annotated[
        tuple[str, ...], Meta(description="Channels not to be in; one is in all others.")
    ] = ()
    muted: Annotated[
        tuple[str, ...], Meta(description="Channels whose voices are not played.")
    ] = ()


class Window(_Section, frozen=True):
    """What `ptt desktop` looks like and does."""

    theme: Annotated[
        Literal["system", "light", "dark"], Meta(description="system: as the desktop is.")
    ] = "system"
    language: Annotated[
        str, Meta(description='Such as "de" or "en"; "" is the one of the desktop.')
    ] = ""
    notifications: Annotated[
        bool, Meta(description="Whether the desktop tells who talks while the window is hidden.")
    ] = True
    close_to_tray: Annotated[
        bool, Meta(description="Whether closing the window leaves ptt running, in the tray.")
    ] = True


class Preferences(_Section, frozen=True):
    """The whole file."""

    devices: Devices = Devices()
    keys: Keys = Keys()
    voice: Voice = Voice()
    tones: Tones = Tones()
    hearing: Hearing = Hearing()
    channels: Channels = Channels()
    window: Window = Window()


def preferences_path() -> Path:
    """Where they are kept unless told otherwise: beside the credentials."""
    return credentials_path().with_name("ptt.toml")


def load_preferences(path: Path | None = None) -> Preferences:
    """Those of the file, or all defaults if there is none. Raises ConfigError."""
    path = path or preferences_path()
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        preferences = msgspec.convert(found, Preferences)
        _check(preferences)
    except FileNotFoundError:
        return Preferences()
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise ConfigError(f"{path} is not TOML ({error}): correct that line.") from error
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {_sentence(str(error))}") from error
    except PttError as error:
        raise ConfigError(f"{path}: {error}") from error
    return preferences


def save_preferences(preferences: Preferences, path: Path | None = None) -> None:
    """Write what is new, in place, whole or not at all. Raises ConfigError."""
    path = path or preferences_path()
    former = load_preferences(path)
    document = tomlkit.parse(path.read_text(encoding="utf-8") if path.exists() else default_text())
    for section, key, value in _entries(preferences):
        if value != getattr(getattr(former, section), key):
            document.setdefault(section, tomlkit.table())[key] = _plain(value)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh.write_text(tomlkit.dumps(document), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error


def default_text() -> str:
    """The file with every key, its default and what it means."""
    document = tomlkit.document()
    document.add(tomlkit.comment(HEADING))
    for section in Preferences.__struct_fields__:
        kept = getattr(Preferences(), section)
        table = tomlkit.table()
        for key in kept.__struct_fields__:
            table.add(tomlkit.comment(_description(type(kept), key)))
            table.add(key, _plain(getattr(kept, key)))
        document.add(tomlkit.nl())
        document.add(section, table)
    return tomlkit.dumps(document)


def settings(preferences: Preferences) -> Settings:
    """What they mean to the engine; reads the files of tones. Raises ConfigError."""
    voice, tones = preferences.voice, preferences.tones
    return Settings(
        preroll=PreRollLevel(voice.preroll),
        voice=_voice_activity(voice),
        noise_suppression=voice.noise_suppression,
        gain_control=voice.gain_control,
        tones=frozenset(Tone) - {TONES[name] for name in tones.off},
        tone_volume=tones.volume_db,
        tone_sounds={TONES[name]: _tone_sound(file) for name, file in tones.files.items()},
        volumes=preferences.hearing.volumes,
        muted=frozenset(preferences.channels.muted),
        ducking=preferences.hearing.ducking_db,
        low_delay=preferences.devices.latency == "low",
    )


def _tone_sound(file: str) -> bytes:
    sound = read_wav(Path(file).expanduser())
    if len(sound) > LONGEST_TONE * SAMPLE_RATE:
        raise ConfigError(f"{file} is too long for a tone: cut it to {LONGEST_TONE:g} s.")
    return sound.tobytes()


def _voice_activity(voice: Voice) -> VoiceActivitySettings:
    return VoiceActivitySettings(
        onset=voice.onset_ms / 1000,
        minimum_speech=voice.minimum_speech_ms / 1000,
        hang_over=voice.hang_over_ms / 1000,
        above_noise=voice.above_noise_db,
        least_level=voice.least_dbfs,
        above_echo=voice.above_echo_db,
        echo_tail=voice.echo_tail_ms / 1000,
    )


def _check(preferences: Preferences) -> None:
    """What the types cannot say. Raises PttError."""
    _voice_activity(preferences.voice)
    keys = preferences.keys
    for key in (*keys.talk, keys.emergency, keys.replay):
        if key:
            KeyCombination.parse(key)
    for name in (*preferences.tones.off, *preferences.tones.files):
        if name not in TONES:
            raise ConfigError(f'there is no tone "{name}"{_hint(name, TONES)}')


def _entries(preferences: Preferences) -> Iterator[tuple[str, str, object]]:
    for section in preferences.__struct_fields__:
        kept = getattr(preferences, section)
        for key in kept.__struct_fields__:
            yield section, key, getattr(kept, key)


def _plain(value: object) -> Any:  # noqa: ANN401  as tomlkit takes it
    if isinstance(value, Mapping):
        table = tomlkit.inline_table()
        table.update(value)
        return table
    return list(value) if isinstance(value, tuple) else value


def _description(section: type[_Section], key: str) -> str:
    metas = get_args(get_type_hints(section, include_extras=True)[key])[1:]
    found = [str(meta.description) for meta in metas if meta.description]
    return found[-1]


def _sentence(words: str) -> str:
    """msgspec's words about a value, as one sentence that names the key."""
    what, _, place = words.partition(" - at ")
    section, _, key = place.strip("`").removeprefix("$").removeprefix(".").partition(".")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        known = getattr(Preferences(), section).__struct_fields__ if section else None
        names = known or Preferences.__struct_fields__
        within = f" in [{section}]" if section else ""
        return f'unknown key "{unknown[1]}"{within}{_hint(unknown[1], names)}'
    named = f'"{key.partition("[")[0]}" in [{section}]' if key else f"[{section}]"
    return f"{named} must be {_wanted(what, section, key)}."


def _wanted(what: str, section: str, key: str) -> str:
    if what.startswith("Invalid enum value"):
        kind = get_type_hints(type(getattr(Preferences(), section)))[key]
        return f"one of {', '.join(get_args(kind))}"
    expected = what.removeprefix("Expected ").partition(", got")[0].replace("`", "")
    kind, _, limit = expected.partition(" ")
    limit = limit.replace(">=", "of at least").replace("<=", "of at most")
    return f"{_KINDS.get(kind, kind)} {limit}".strip()


def _hint(name: str, known: Any) -> str:  # noqa: ANN401  any iterable of names
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return f': did you mean "{near[0]}"?' if near else f" (known: {', '.join(known)})."
