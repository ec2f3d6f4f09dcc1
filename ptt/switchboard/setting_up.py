"""What must be there before the daemon works: lock, port, key, the first and declared channels."""

import errno
import secrets
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ptt.errors import ConfigError, RefusedError, StoreError
from ptt.security.server_key import ServerKey, load_or_make
from ptt.switchboard.config import DeclaredChannel
from ptt.switchboard.records import ChannelSettings, Right
from ptt.switchboard.store import channels, people
from ptt.switchboard.store.database import Transaction, note, set_note

# Implementation
LOCK_FILE = "pttd.lock"
KEY_LOCK_FILE = "key.lock"
BACKLOG = 1024
FREE_PORT_TRIES = 50
DYNAMIC_PORTS = range(20_000, 32_000)  # below those that systems give to outgoing connections
PORT_NOTE = "port"  # under which the store keeps the port of the running daemon
FIRST_START_NOTE = "first-start"


@contextmanager
def sole_daemon(data: Path) -> Iterator[None]:
    """Hold the lock of this data folder; raises StoreError if another daemon holds it."""
    with _writing_to(data):
        lock = FileLock(data / LOCK_FILE)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise StoreError(
                f"Another pttd is running on {data}: stop it, or choose other data with --data."
            ) from error
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _writing_to(data: Path) -> Iterator[None]:
    """The folder exists; a lock in it that cannot be written is one sentence."""
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield
    except OSError as error:
        if isinstance(error, Timeout):
            raise
        raise StoreError(
            f"Cannot write to {data} ({error.strerror}): choose another folder with --data."
        ) from error


def listen(host: str, port: int, udp_ports: int = 1) -> socket.socket:
    """A TCP socket that listens; port 0: a number that is free for TCP and UDP.

    So many UDP ports are needed, from that number on. Raises ConfigError with the reason.
    """
    if port:
        return _listen(host, port)
    for _ in range(FREE_PORT_TRIES):
        port = secrets.choice(DYNAMIC_PORTS)
        if not any(_is_taken_for_udp(host, port + each) for each in range(udp_ports)):
            try:
                return _listen(host, port)
            except PortTakenError:
                continue
    raise ConfigError("Found no port that is free for TCP and UDP: choose one with --port.")


class PortTakenError(ConfigError):
    """Another program listens there."""


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(_family(host), socket.SOCK_STREAM)
    try:
        if hasattr(socket, "SO_REUSEPORT"):  # on Windows, reuse would let two listen at once
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise _explain(error, host, port) from error
    listening.setblocking(False)
    return listening


def _explain(error: OSError, host: str, port: int) -> ConfigError:
    if error.errno == errno.EADDRINUSE:
        return PortTakenError(
            f"TCP port {port} is taken by another program: stop it, or choose another port "
            "with --port (0: any free one)."
        )
    if error.errno == errno.EACCES:
        return ConfigError(f"Port {port} needs more rights than pttd has: choose one above 1023.")
    return ConfigError(f'Cannot listen on "{host}" ({error.strerror}): choose another --host.')


def _is_taken_for_udp(host: str, port: int) -> bool:
    with socket.socket(_family(host), socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, port))
        except OSError as error:  # anything else is wrong with TCP, too, and told there
            return error.errno == errno.EADDRINUSE
    return False


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def set_up_channels(transaction: Transaction, declared: Sequence[DeclaredChannel]) -> list[str]:
    """Make or change the declared channels; at the first start with none, make one for everyone.

    Returns the names in their roles that nobody has (yet).
    """
    is_first = note(transaction, FIRST_START_NOTE) is None
    if is_first:
        set_note(transaction, FIRST_START_NOTE, "done")
    if is_first and not declared and not channels.all_channels(transaction):
        channels.add_channel(transaction, ChannelSettings(name=channels.FIRST_CHANNEL))
    return [name for each in declared for name in _declare(transaction, each)]


def _declare(transaction: Transaction, declared: DeclaredChannel) -> list[str]:
    try:
        channel = channels.find_channel(transaction, declared.name)
    except RefusedError:
        channel = channels.add_channel(transaction, ChannelSettings(name=declared.name))
    channels.change_channel(transaction, channel, declared.changes)
    unknown = []
    for name, role in declared.roles.items():
        try:
            person = people.find_person(transaction, name)
        except RefusedError:
            unknown.append(name)
            continue
        channels.set_right(transaction, channel, person, Right(role))
    return unknown


def load_server_key(data: Path) -> ServerKey:
    """The server's key; made at the first start, by the daemon or a command, whoever is first."""
    with _writing_to(data), FileLock(data / KEY_LOCK_FILE):
        return load_or_make(data)
