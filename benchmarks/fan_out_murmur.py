"""Mumble's server (Debian's mumble-server) as a peer of fan_out.

It has a key for each listener, and no floor: whoever sends is heard. Limits on users, bandwidth
and how often somebody may say something are out of the way; else it is as Debian ships it.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

from benchmarks.fan_out_load import Channel
from benchmarks.mumble_client import MumbleClient

# Implementation
PROGRAM = shutil.which("murmurd", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
PASSWORD = "for a minute, on loopback"
TRIES = 50
READY_WITHIN = 20.0  # s, most of it for the key of its certificate
DISCARD_EVERY = 50  # joins: each is told to everybody
QUIET = 0.5  # s for what it still has to tell everybody
SETTINGS = """
database={folder}/murmur.sqlite
logfile=
logdays=-1
ice=
host=127.0.0.1
port={port}
uname={user}
users=5000
bandwidth=1000000000
timeout=3600
autobanAttempts=0
messageburst=1000000
messagelimit=1000000
welcometext=
bonjour=false
"""


class Murmur:
    """The server with all its users in their channels."""

    name = "Murmur"
    frames = 1  # the client's default: 20 ms in a packet

    def __init__(self, process_id: int, port: int, channels: int, listeners: int) -> None:
        self.process_id = process_id
        self.port = port
        self._clients: list[MumbleClient] = []
        places = self._add_channels(channels) if channels > 1 else [0] * channels
        for number in range(channels * (listeners + 1)):
            self._add_client(number)
        if channels > 1:
            self._move(places, listeners + 1)
        self._hear_out()
        self.channels = [self._channel(place, listeners + 1) for place in range(channels)]

    def is_voice(self, datagram: bytearray) -> bool:
        """Nothing else comes by UDP, if nobody sends pings."""
        return True

    def rest(self) -> None:
        """What it tells everybody."""
        for client in self._clients:
            client.discard()

    def _add_channels(self, amount: int) -> list[int]:
        maker = MumbleClient(self.port, "SuperUser", PASSWORD)
        for number in range(amount):
            maker.add_channel(b"channel %d" % number)
        maker.close()
        witness = MumbleClient(self.port, "witness")
        witness.close()
        return [witness.channels[b"channel %d" % number] for number in range(amount)]

    def _add_client(self, number: int) -> None:
        self._clients.append(MumbleClient(self.port, f"user{number}"))
        if number % DISCARD_EVERY == 0:
            self.rest()

    def _move(self, places: list[int], size: int) -> None:
        for number, client in enumerate(self._clients):
            client.move(places[number // size])
            if number % DISCARD_EVERY == 0:
                self.rest()

    def _hear_out(self) -> None:
        """Until it has told everybody everything."""
        before = -1.0
        while (now := _cpu_ticks(self.process_id)) > before:
            before = now + 1  # a tick in QUIET is its idle state
            self.rest()
            time.sleep(QUIET)

    def _channel(self, place: int, size: int) -> Channel:
        talker, *others = self._clients[place * size : (place + 1) * size]
        listeners = [client.socket for client in others]
        return Channel(talker.socket, listeners, lambda: nullcontext(talker.talk()))


@contextmanager
def running_murmur(channels: int, listeners: int) -> Iterator[Murmur]:
    """Start it in a folder of its own; it ends with the context."""
    assert PROGRAM is not None
    with tempfile.TemporaryDirectory() as folder:
        port = _free_port()
        settings = Path(folder) / "murmur.ini"
        user = pwd.getpwuid(os.geteuid()).pw_name
        settings.write_text(SETTINGS.format(folder=folder, port=port, user=user))
        command = [PROGRAM, "-ini", str(settings)]
        quiet = subprocess.DEVNULL
        subprocess.run([*command, "-supw", PASSWORD], check=False, stdout=quiet, stderr=quiet)
        with subprocess.Popen([*command, "-fg"], stdout=quiet, stderr=quiet) as process:
            try:
                _wait_until_ready(port)
                yield Murmur(process.pid, port, channels, listeners)
            finally:
                process.kill()


def _free_port() -> int:
    """Free for TCP and for UDP: a thousand clients of another relay have UDP ports in the range."""
    for _ in range(TRIES):
        with (
            socket.create_server(("127.0.0.1", 0)) as listener,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            suppress(OSError),
        ):
            port: int = listener.getsockname()[1]
            udp.bind(("127.0.0.1", port))
            return port
    raise SystemExit("No port is free for both TCP and UDP.")


def _wait_until_ready(port: int) -> None:
    until = time.monotonic() + READY_WITHIN
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("Murmur does not start.")


def _cpu_ticks(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return float(fields[11]) + float(fields[12])
