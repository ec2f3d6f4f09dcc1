"""SvxReflector (Debian's svxreflector 19.09) as a peer of fan_out, and as little of a client.

    TCP: ProtoVer --> AuthChallenge --> AuthResponse (HMAC-SHA1) --> AuthOk, ServerInfo (number)
    UDP: Heartbeat --> Heartbeat: from here on voice comes; Audio ..., FlushSamples

One conference for everybody, one talker at a time, no encryption. Formats: documentation of the
classes in ReflectorMsg.h and of AsyncMsg and AsyncFramedTcpConnection (svxlink.org): numbers in
network order, octets and texts behind their length (16 bits), messages over TCP behind theirs (32
bits). It listens on every interface, so it may only be started in a network of its own.
"""

import hmac
import os
import shutil
import socket
import struct
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from benchmarks.fan_out_load import Channel, open_udp

# Specification
_TYPE, _NUMBER = struct.Struct("!H"), struct.Struct("!I")
_UDP = struct.Struct("!HHH")  # type, client, sequence number
HEARTBEAT, PROTO_VER, CHALLENGE, RESPONSE, OK, SERVER_INFO = 1, 5, 10, 11, 12, 100
AUDIO, FLUSH = 101, 102
VERSION = struct.pack("!HH", 1, 0)

# Implementation
PROGRAM = shutil.which("svxreflector", path=f"{os.environ.get('PATH', '')}:/usr/bin")
MOST_CLIENTS = 1010  # it aborts at 1016
PORT = 5300
KEY = "for a minute, on loopback"
SAMPLE = bytes(range(1, 61))  # octets of Opus, as many as other relays get
PATIENCE = 10.0  # s
ECHO_WITHIN = 0.1  # s
TRIES = 50
HEARTBEAT_EVERY = 5.0  # s; it hangs up after 15


class _Client:
    """One node."""

    def __init__(self, name: str) -> None:
        self._tcp = socket.create_connection(("127.0.0.1", PORT), PATIENCE)
        self._sequence = count()
        self._say(PROTO_VER, VERSION)
        challenge = self._hear(CHALLENGE)[2:]
        digest = hmac.digest(KEY.encode(), challenge, "sha1")
        self._say(RESPONSE, _counted(name.encode()) + _counted(digest))
        self._hear(OK)
        (self._number,) = _NUMBER.unpack(self._hear(SERVER_INFO)[: _NUMBER.size])
        self.socket = open_udp(PORT)
        self._open_voice()

    def rest(self, *, heartbeat: bool) -> None:
        """Say that we are there, if it is time, and throw away what it said."""
        if heartbeat:
            self._say(HEARTBEAT)
        with suppress(BlockingIOError):
            while self._tcp.recv(1 << 16, socket.MSG_DONTWAIT):
                pass

    @contextmanager
    def talk(self) -> Iterator[Iterator[bytes]]:
        """Who sends first has the floor, until he says that it was all."""
        voice = _counted(SAMPLE)
        yield (self._datagram(AUDIO) + voice for _ in count())
        self.socket.send(self._datagram(FLUSH))

    def _datagram(self, kind: int) -> bytes:
        return _UDP.pack(kind, self._number, next(self._sequence) & 0xFFFF)

    def _say(self, kind: int, content: bytes = b"") -> None:
        message = _TYPE.pack(kind) + content
        self._tcp.sendall(_NUMBER.pack(len(message)) + message)

    def _hear(self, awaited: int) -> bytes:
        """The content of the next message of that type."""
        while True:
            (length,) = _NUMBER.unpack(self._tcp.recv(_NUMBER.size, socket.MSG_WAITALL))
            message = self._tcp.recv(length, socket.MSG_WAITALL)
            (kind,) = _TYPE.unpack(message[:2])
            if kind == awaited:
                return message[2:]
            if kind < OK or kind == OK + 1:
                raise SystemExit(f"SvxReflector refuses a client: {message!r}")

    def _open_voice(self) -> None:
        self.socket.settimeout(ECHO_WITHIN)
        for _ in range(TRIES):
            self.socket.send(self._datagram(HEARTBEAT))
            with suppress(TimeoutError):
                self.socket.recv(2048)
                self.socket.settimeout(None)
                self._tcp.settimeout(None)
                return
        raise SystemExit("SvxReflector echoes no heartbeat.")


class SvxReflector:
    """The reflector with all its nodes."""

    name = "SvxReflector"
    frames = 1

    def __init__(self, process_id: int, listeners: int) -> None:
        self.process_id = process_id
        self._beaten = time.monotonic()
        self._clients: list[_Client] = []
        self.channels = [self._join(listeners)] if listeners else []

    def is_voice(self, datagram: bytearray) -> bool:
        """Heartbeats come, too."""
        return datagram[1] == AUDIO

    def rest(self) -> None:
        """Heartbeats, and what it tells everybody."""
        heartbeat = time.monotonic() > self._beaten + HEARTBEAT_EVERY
        if heartbeat:
            self._beaten = time.monotonic()
        for client in self._clients:
            client.rest(heartbeat=heartbeat)

    def _join(self, listeners: int) -> Channel:
        for number in range(listeners + 1):
            self._clients.append(_Client(f"user{number}"))
            if number % 50 == 0:
                self.rest()
        talker, *others = self._clients
        return Channel(talker.socket, [client.socket for client in others], talker.talk)


@contextmanager
def running_svxreflector(channels: int, listeners: int) -> Iterator[SvxReflector]:
    """Start it with one channel, or empty; it ends with the context."""
    assert PROGRAM is not None
    assert channels * listeners < MOST_CLIENTS
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "svxreflector.conf"
        users = "".join(f"user{number}=all\n" for number in range(MOST_CLIENTS))
        settings.write_text(
            f'[GLOBAL]\nLISTEN_PORT={PORT}\n[USERS]\n{users}[PASSWORDS]\nall="{KEY}"\n'
        )
        quiet = subprocess.DEVNULL
        command = [PROGRAM, f"--config={settings}"]
        with subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet) as process:
            try:
                _wait_until_ready()
                yield SvxReflector(process.pid, listeners)
            finally:
                process.kill()


def _counted(octets: bytes) -> bytes:
    return _TYPE.pack(len(octets)) + octets


def _wait_until_ready() -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", PORT)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("SvxReflector does not start.")
