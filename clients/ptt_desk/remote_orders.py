"""What other programs may tell a running `ptt talk`, and how: one line of JSON on a loopback port.

    {"token": "...", "do": "press"}  -->
                                     <--  {"ok": true, "sentence": "", "status": null}

The port and the token stand in a file that only its owner may read. This is the asking side, and
what both sides share; it loads little, since a shortcut of the desktop waits for it. The
answering side is remote.py.
"""

import os
import socket
import stat
import warnings
from pathlib import Path
from typing import Literal

import msgspec
import platformdirs

from ptt.errors import PttError

# Implementation
LOOPBACK = "127.0.0.1"
LONGEST_ORDER = 1024  # octets
LONGEST_ANSWER = 65536  # octets
ANSWER_WITHIN = 2.0  # s
_FILE_NAME = "talk.json"

NOBODY = "No `ptt talk` runs here: start it first."
STUCK = "`ptt talk` does not answer: is it stopped?"

Deed = Literal["press", "release", "toggle", "replay", "status", "show"]


class RemoteError(PttError):
    """Nobody can be told what to do, or somebody else is told already."""


class Address(msgspec.Struct, frozen=True):
    """Where a `ptt talk` listens, and what it wants to be shown."""

    port: int
    token: str
    pid: int

    def __repr__(self) -> str:
        """Never the token."""
        return f"Address({self.port}, pid={self.pid})"


class RemoteOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One line to `ptt talk`.

    held: the press ends with this connection at the latest, for programs that watch a pedal;
    without it, it stays until somebody says release.
    link: for `show`, an invite that the window opens with.
    """

    token: str
    do: Deed
    emergency: bool = False
    held: bool = False
    link: str = ""


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """How things stand. `pressed`: whether the keys want the microphone."""

    person: str
    server: str
    channel: str
    pressed: bool
    microphone_open: bool
    talker: str | None
    waiting: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


class Answer(msgspec.Struct, frozen=True):
    """One line back; `sentence` says why it is not ok."""

    ok: bool
    sentence: str = ""
    status: Status | None = None


def address_path() -> Path:
    """Where the running `ptt talk` leaves its address. Raises RemoteError if no place is safe."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # without XDG_RUNTIME_DIR it takes another place: well
        try:
            return platformdirs.user_runtime_path("ptt") / _FILE_NAME
        except PermissionError as error:
            raise RemoteError(f"Commands cannot reach `ptt talk`: {error}.") from error


def read_address(path: Path) -> Address | None:
    """None where there is none that is ours and whole."""
    try:
        with open(path, "rb") as file:
            if not _is_own(os.fstat(file.fileno())):
                return None
            return msgspec.json.decode(file.read(LONGEST_ORDER), type=Address)
    except (OSError, msgspec.MsgspecError, UnicodeError):
        return None


def ask(do: Deed, *, emergency: bool = False, link: str = "", path: Path | None = None) -> Answer:
    """Tell the running `ptt talk`. Blocks, for two seconds at most. Raises RemoteError."""
    address = read_address(path or address_path())
    if address is None:
        raise RemoteError(NOBODY)
    order = RemoteOrder(address.token, do, emergency, link=link)
    try:
        with socket.create_connection((LOOPBACK, address.port), ANSWER_WITHIN) as connection:
            connection.sendall(msgspec.json.encode(order) + b"\n")
            return msgspec.json.decode(_line(connection), type=Answer)
    except TimeoutError as error:
        raise RemoteError(STUCK) from error
    except (OSError, OverflowError, msgspec.MsgspecError, UnicodeError) as error:
        raise RemoteError(NOBODY) from error


def _line(connection: socket.socket) -> bytes:
    line = b""
    while b"\n" not in line and len(line) < LONGEST_ANSWER:
        octets = connection.recv(4096)
        if not octets:
            break
        line += octets
    return line


def _is_own(status: os.stat_result) -> bool:
    """Whether nobody else could have written it; Windows has a folder for each person."""
    if not hasattr(os, "getuid"):
        return True
    return status.st_uid == os.getuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
