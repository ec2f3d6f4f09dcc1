"""What this device needs to log in, kept in one file that only its owner may read.

Several servers are possible; the one added last is the default. Asking a server for a
credential is enrolment.py's.
"""

import os
from pathlib import Path

import msgspec
import platformdirs

from ptt.errors import ConfigError

_FILE_NAME = "credentials.json"


class Credential(msgspec.Struct, frozen=True, kw_only=True):
    """One device at one server. `key_hash` names the server's public key."""

    host: str
    port: int
    key_hash: str
    device: str
    secret: bytes
    person: str
    server: str

    def __repr__(self) -> str:
        """Never the secret: this text ends in logs."""
        return f"Credential({self.person!r} at {self.server!r}, {self.host}:{self.port})"


class _File(msgspec.Struct, kw_only=True):
    version: int = 1
    credentials: list[Credential] = []


def credentials_path() -> Path:
    """Where credentials are kept unless told otherwise."""
    return platformdirs.user_config_path("ptt") / _FILE_NAME


def load_credentials(path: Path | None = None) -> list[Credential]:
    """All of them, the default last; empty if there is no file. Raises ConfigError."""
    path = path or credentials_path()
    try:
        return msgspec.json.decode(path.read_bytes(), type=_File).credentials
    except FileNotFoundError:
        return []
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
    except (msgspec.DecodeError, UnicodeError) as error:
        raise ConfigError(
            f"{path} is damaged: delete it and join again with a new invite."
        ) from error


def default_credential(server: str | None = None, path: Path | None = None) -> Credential:
    """The one for `server` (its name or host), or the one added last. Raises ConfigError."""
    found = load_credentials(path)
    if server is not None:
        found = [one for one in found if server in (one.server, one.host)]
    if not found:
        where = f" at {server}" if server else ""
        raise ConfigError(
            f"This device is not enrolled{where}: run `ptt join` with an invite link."
        )
    return found[-1]


def save_credential(credential: Credential, path: Path | None = None) -> None:
    """Add it as the default, in place of a former one at the same server. Raises ConfigError."""
    path = path or credentials_path()
    kept = [one for one in load_credentials(path) if one.key_hash != credential.key_hash]
    _write(path, [*kept, credential])


def _write(path: Path, credentials: list[Credential]) -> None:
    """Whole or not at all: a power cut leaves the former file."""
    octets = msgspec.json.format(msgspec.json.encode(_File(credentials=credentials)))
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {error.strerror}.") from error
