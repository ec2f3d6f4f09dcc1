"""The daemon's configuration: one TOML file, every field documented, all with defaults.

An unknown key is an error that names the nearest known one; so is a value of the wrong type or
out of range. Reading it needs neither database nor network.

    port = 17880
    [channels."Goods in"]
    talk_limit = 30
    roles = { "Anna" = "moderate" }
"""

import dataclasses
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from typing import Any

import platformdirs

from ptt.errors import ConfigError
from ptt.switchboard.names import clean_name, did_you_mean
from ptt.switchboard.records import (
    MAX_QUEUE_SIZE,
    MAX_TALK_LIMIT,
    MIN_TALK_LIMIT,
    PROFILES,
    ROLE_WORDS,
    ChannelSettings,
    Role,
    role_of,
)

DEFAULT_PORT = 17880
MAX_FLOOR_SERVERS = 64
LAST_PORT = 65535
SYSTEM_CONFIG = Path("/etc/ptt/pttd.toml")
SYSTEM_DATA = Path("/var/lib/ptt")


@dataclass(frozen=True, slots=True)
class DeclaredChannel:
    """A channel written in the file: made at start and at reload, or brought to these values.

    `changes` holds only what the file says; everything else stays as it is in the database.
    """

    name: str
    changes: Mapping[str, Any]
    roles: Mapping[str, Role] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """What `pttd` needs to know at start."""

    name: str = "ptt"  # the server's name for people
    host: str = "0.0.0.0"  # address to listen on: it serves the whole network  # nosec B104
    port: int = DEFAULT_PORT  # TCP and UDP; 0: any free one
    # Processes that relay voice, on a UDP port each: `port` and those after it. One, because one
    # serves thousands of listeners, and for each more the site's firewall must open a port.
    floor_servers: int = 1
    public_host: str = ""  # what invites name; empty: this computer's address in its network
    data: Path = field(default_factory=lambda: default_folder())  # database and server key
    # postgresql://USER:PASSWORD@HOST/DATABASE for a site that has one; empty: a file in `data`.
    database: str = field(default="", repr=False)
    channels: tuple[DeclaredChannel, ...] = ()


def default_folder() -> Path:
    """Where the database and the server key stand unless somebody says otherwise."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return SYSTEM_DATA
    return Path(platformdirs.user_data_dir("ptt")) / "pttd"


def default_file() -> Path | None:
    """The configuration file that is read when none is named, if there is one."""
    candidates = [SYSTEM_CONFIG, Path(platformdirs.user_config_dir("ptt")) / "pttd.toml"]
    return next((path for path in candidates if path.is_file()), None)


def load_config(path: Path | None, **overrides: object) -> Config:
    """The configuration in `path` (None: the usual places, or nothing but defaults).

    `overrides` that are not None count more than the file. Raises ConfigError.
    """
    path = path or default_file()
    config = parse_config(_read(path), str(path)) if path else Config()
    given = {key: value for key, value in overrides.items() if value is not None}
    values = _check_table(given, CONFIG_KEYS, "The command line")
    return _check_ports(dataclasses.replace(config, **values))


def _check_ports(config: Config) -> Config:
    if config.port + config.floor_servers - 1 > LAST_PORT:
        raise ConfigError(
            f"{config.floor_servers} floor servers need as many ports from {config.port} on, and "
            f"the last is {LAST_PORT}: choose a lower port."
        )
    return config


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(
            f"Cannot read {path}: {error.strerror}; check its name and its rights."
        ) from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not UTF-8 text: save it as such.") from error


def parse_config(text: str, where: str = "The configuration") -> Config:
    """The configuration that `text` holds; raises ConfigError that names the key."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where} is not TOML: {error}.") from error
    channels = table.pop("channels", {})
    values = _check_table(table, CONFIG_KEYS, where, also=("channels",))
    if not isinstance(channels, dict):
        raise ConfigError(f'{where}: "channels" must be a table.')
    declared = tuple(_declared(name, entry, where) for name, entry in channels.items())
    return Config(**values, channels=declared)


def _declared(name: str, entry: object, where: str) -> DeclaredChannel:
    where = f'{where}, channel "{name}"'
    if not isinstance(entry, dict):
        raise ConfigError(f"{where} must be a table.")
    roles = entry.pop("roles", {})
    if not isinstance(roles, dict):
        raise ConfigError(f'{where}: "roles" must be a table of names and roles.')
    changes = _check_table(entry, CHANNEL_KEYS, where, also=("roles",))
    given = {person: _role(role, f"{where}, roles") for person, role in roles.items()}
    return DeclaredChannel(clean_name(name, "channel's name"), changes, given)


def channel_change(key: str, value: object) -> object:
    """A checked value for a field of ChannelSettings; raises ConfigError."""
    return _check_table({key: value}, CHANNEL_KEYS, "The channel")[key]


# What each key takes. A check returns the value to keep, or raises ConfigError.
Check = Callable[[object, str], Any]


def _check_table(
    table: Mapping[str, object],
    keys: Mapping[str, Check],
    where: str,
    *,
    also: tuple[str, ...] = (),
) -> dict[str, Any]:
    for key in table:
        if key not in keys:
            raise ConfigError(f'{where}: unknown key "{key}"{did_you_mean(key, [*keys, *also])}')
    return {key: keys[key](value, f'{where}: "{key}"') for key, value in table.items()}


def _text(value: object, where: str) -> str:
    if not isinstance(value, str):
        raise ConfigError(f"{where} must be text in quotes.")
    return value


def _name(value: object, where: str) -> str:
    return clean_name(_text(value, where))


def _path(value: object, where: str) -> Path:
    return Path(value if isinstance(value, Path) else _text(value, where)).expanduser()


def _flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where} must be true or false.")
    return value


def _number(low: float, high: float, unit: str = "") -> Check:
    def check(value: object, where: str) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        number = float(value) if isinstance(value, int | float) else nan
        if not is_number or not low <= number <= high:
            raise ConfigError(f"{where} must be a number from {low:g} to {high:g}{unit}.")
        return number

    return check


def _whole(low: int, high: int) -> Check:
    def check(value: object, where: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            raise ConfigError(f"{where} must be a whole number from {low} to {high}.")
        return value

    return check


def _word(words: tuple[str, ...]) -> Check:
    def check(value: object, where: str) -> str:
        if value not in words:
            hint = did_you_mean(str(value), words)
            raise ConfigError(f'{where} cannot be "{value}"{hint}')
        return str(value)

    return check


def _role(value: object, where: str) -> Role:
    return value if isinstance(value, Role) else role_of(_word(ROLE_WORDS)(value, where))


CONFIG_KEYS: dict[str, Check] = {
    "name": _name,
    "host": _text,
    "port": _whole(0, LAST_PORT),
    "floor_servers": _whole(1, MAX_FLOOR_SERVERS),
    "public_host": _text,
    "data": _path,
    "database": _text,
}
CHANNEL_KEYS: dict[str, Check] = {
    "talk_limit": _number(MIN_TALK_LIMIT, MAX_TALK_LIMIT, " seconds"),
    "queue_size": _whole(0, MAX_QUEUE_SIZE),
    "profile": _word(PROFILES),
    "strict": _flag,
    "open_to": _role,
    "replay": _flag,
}
assert set(CHANNEL_KEYS) < {each.name for each in dataclasses.fields(ChannelSettings)}
