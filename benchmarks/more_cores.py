"""Do two floor server processes on two cores relay twice what one does?

    one:  channel of 500 --> floor server 0
    both: channel of 500 --> floor server 0, another channel of 500 --> floor server 1, at once

Each gets packets as fast as its last listener has them, WINDOW under way. The load generator sends
one datagram for 500 that are relayed and reads the last listener's only; the others' buffers hold
one packet, so that the kernel delivers to their sockets and nobody spends time on reading there.
What the generator takes of the cores is said, since it runs on the same ones. One and both take
turns; the ratio is of the same round.
"""

import json
import os
import resource
import select
import socket
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import islice

from benchmarks.fan_out_load import MOST_PACKETS, cpu_seconds
from benchmarks.floor_server_load import (
    FloorServer,
    LoadClient,
    add_clients,
    running_floor_server,
    talking,
)
from benchmarks.own_network import enter_loopback, run_apart
from benchmarks.table import Answer, Row, spread

LISTENERS = 500
ROUNDS = 9
WINDOW = 4  # packets under way to one floor server
PATIENCE = 2.0  # s for the next packet
CORES_NEEDED = 2

Figures = dict[str, list[float]]
Load = list[tuple[LoadClient, LoadClient]]  # talker and last listener, of each floor server


def main() -> Answer:
    """Measure in a network of their own and return the table."""
    if (os.cpu_count() or 1) < CORES_NEEDED:
        raise SystemExit("more_cores needs a machine with two cores.")
    figures: Figures = json.loads(run_apart("benchmarks.more_cores"))
    rows = [Row(what, spread(values)) for what, values in figures.items()]
    return Answer("more_cores", "each line says its unit", rows)


def _measure() -> Figures:
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    figures: Figures = {}
    with ExitStack() as stack:
        servers = [stack.enter_context(running_floor_server()) for _ in range(2)]
        load = [_fill(server) for server in servers]
        for number in range(-1, ROUNDS):  # the first round only warms up
            alone = number % 2
            one = _relay([servers[alone]], [load[alone]])
            both = _relay(servers, load)
            if number >= 0:
                _note(figures, one, both)
    return figures


def _fill(server: FloorServer) -> tuple[LoadClient, LoadClient]:
    talker, *listeners = add_clients(server, LISTENERS + 1)
    for listener in listeners[:-1]:
        listener.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)
    return talker, listeners[-1]


def _relay(servers: Sequence[FloorServer], load: Load) -> tuple[float, float, float]:
    """Thousands of datagrams relayed in a second; shares of a core: floor servers, generator."""
    with ExitStack() as stack:
        voices = [stack.enter_context(talking(talker)) for talker, _ in load]
        ways = [
            (talker.socket, last.socket, iter(list(islice(voice, MOST_PACKETS))))
            for (talker, last), voice in zip(load, voices, strict=True)
        ]
        for _, last, _ in ways:
            _empty(last)
        before, own, start = _cpu(servers), time.process_time(), time.monotonic()
        _drive(ways)
        seconds = time.monotonic() - start
        own, spent = time.process_time() - own, _cpu(servers) - before
    datagrams = len(load) * MOST_PACKETS * LISTENERS
    return datagrams / seconds / 1000, spent / seconds, own / seconds


def _drive(ways: Sequence[tuple[socket.socket, socket.socket, Iterator[bytes]]]) -> None:
    """Send the next packet whenever the last listener of a channel has one."""
    poll = select.poll()
    by_descriptor = {last.fileno(): (talker, last, packets) for talker, last, packets in ways}
    waited = dict.fromkeys(by_descriptor, MOST_PACKETS)
    for descriptor, (talker, _, packets) in by_descriptor.items():
        poll.register(descriptor, select.POLLIN)
        for packet in islice(packets, WINDOW):
            talker.send(packet)
    while any(waited.values()):
        ready = poll.poll(1000 * PATIENCE)
        if not ready:
            raise SystemExit("The last listener waited in vain for a packet.")
        for descriptor, _ in ready:
            talker, last, packets = by_descriptor[descriptor]
            if _is_voice(last.recv(2048)):
                waited[descriptor] -= 1
                for following in islice(packets, 1):
                    talker.send(following)


def _is_voice(datagram: bytes) -> bool:
    return not 192 <= datagram[1] <= 223


def _empty(listener: socket.socket) -> None:
    """Floor messages of bursts before."""
    try:
        while listener.recv(2048, socket.MSG_DONTWAIT):
            pass
    except BlockingIOError:
        return


def _cpu(servers: Sequence[FloorServer]) -> float:
    return sum(cpu_seconds(server.process.pid) for server in servers)


def _note(
    figures: Figures, one: tuple[float, float, float], both: tuple[float, float, float]
) -> None:
    for name, (rate, spent, own) in {"one": one, "both": both}.items():
        figures.setdefault(f"{name}, 1000 datagrams/s", []).append(rate)
        figures.setdefault(f"{name}, floor servers, cores", []).append(spent)
        figures.setdefault(f"{name}, load generator, cores", []).append(own)
    figures.setdefault("both / one, x", []).append(both[0] / one[0])


if __name__ == "__main__":
    enter_loopback()
    json.dump(_measure(), sys.stdout)
