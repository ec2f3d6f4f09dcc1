"""Our floor server and the least that a relay can cost, as peers of fan_out."""

import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import repeat
from pathlib import Path

from benchmarks.fan_out_load import Channel, open_udp
from benchmarks.floor_server_load import (
    PAYLOAD,
    FloorServer,
    LoadClient,
    add_clients,
    running_floor_server,
    talking,
)
from ptt.switchboard.channels import frame_length

# Implementation
FRAME_MS = 20
VOICE_OCTETS = 12 + len(PAYLOAD) + 16 + 4  # as many as ours delivers: header, tag, key's number
VOICE_TYPES = frozenset({111, 112, 0x80 | 111, 0x80 | 112})  # Opus or RED, with or without marker
BOUND_SOURCE = Path(__file__).with_name("fan_out_bound.c")


class Ours:
    """ptt's floor server; voice is protected with AES-GCM, once for all listeners."""

    name = "ptt"

    def __init__(self, server: FloorServer, channels: int, listeners: int, frames: int) -> None:
        self.process_id = server.process.pid
        self.frames = frames
        self._server = server
        self.channels = [self._add_channel(number, listeners) for number in range(channels)]

    def _add_channel(self, number: int, listeners: int) -> Channel:
        size = listeners + 1
        talker, *others = add_clients(self._server, size, channel=number + 1, first=number * size)
        self.rest()
        talk = partial(self._talk, talker)
        return Channel(talker.socket, [client.socket for client in others], talk)

    def is_voice(self, datagram: bytearray) -> bool:
        """Floor messages are RTCP."""
        return datagram[1] in VOICE_TYPES

    def rest(self) -> None:
        """The switchboard's end of the trunk."""
        self._server.swallow_reports()

    @contextmanager
    def _talk(self, talker: LoadClient) -> Iterator[Iterator[bytes]]:
        _discard(talker)
        with talking(talker, self.frames) as packets:
            yield packets


class Bound:
    """fan_out_bound.c: recv and sendmmsg, no keys."""

    name = "C bound"
    frames = 1

    def __init__(self, process: "subprocess.Popen[str]", channels: int, listeners: int) -> None:
        self.process_id = process.pid
        assert process.stdin is not None
        assert process.stdout is not None
        sockets = [[open_udp(1) for _ in range(listeners)] for _ in range(channels)]
        for crowd in sockets:
            print(*(udp.getsockname()[1] for udp in crowd), file=process.stdin)
        process.stdin.close()
        port = int(process.stdout.readline())
        self.channels = [_bound_channel(number, port, s) for number, s in enumerate(sockets)]

    def is_voice(self, datagram: bytearray) -> bool:
        """There is nothing else."""
        return True

    def rest(self) -> None:
        """There is no other way."""


@contextmanager
def running_ours(channels: int, listeners: int) -> Iterator[Ours]:
    """Our floor server with channels of so many listeners; it ends with the context."""
    with running_floor_server() as server:
        yield Ours(server, channels, listeners, frames=1)


@contextmanager
def running_advised(channels: int, listeners: int) -> Iterator[Ours]:
    """The same with packets as long as the switchboard advises for so many members."""
    frames = frame_length(listeners + 1) // FRAME_MS
    with running_floor_server() as server:
        yield Ours(server, channels, listeners, frames)


@contextmanager
def running_bound(channels: int, listeners: int) -> Iterator[Bound]:
    """Compile the bound and run it; raises SystemExit if there is no compiler."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None:
        raise SystemExit("There is no C compiler for the lower bound: install gcc.")
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder) / "bound")
        subprocess.run([compiler, "-O2", "-o", program, str(BOUND_SOURCE)], check=True)
        pipe = subprocess.PIPE
        with subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True) as process:
            try:
                yield Bound(process, channels, listeners)
            finally:
                process.kill()


def _bound_channel(number: int, port: int, listeners: Sequence[socket.socket]) -> Channel:
    for listener in listeners:
        listener.connect(("127.0.0.1", port))
    datagram = number.to_bytes(2, "big") + bytes(VOICE_OCTETS - 2)
    return Channel(open_udp(port), listeners, lambda: nullcontext(repeat(datagram)))


def _discard(talker: LoadClient) -> None:
    """Floor messages of bursts that are over."""
    while talker.receive(0.0):
        pass
