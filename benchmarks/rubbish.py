"""What do five million mutated datagrams do to a floor server, while somebody talks?

A real floor server process in a network of its own; genuine voice at 50 packets a second to ten
listeners, and beside it 20 000 datagrams a second that were genuine once: noise, cut, longer, with
one bit turned, with another SSRC, with another first octet. Half of them come from addresses that
nobody knows, half from the talker's own. Expected: no answer to a stranger, no loss for the
listeners, no memory taken, and the process alive.

`python -m benchmarks rubbish` sends all of them, which takes five minutes.
"""

import json
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import cycle
from random import Random

from benchmarks.fan_out_load import resident_kilobytes
from benchmarks.floor_server_load import LoadClient, add_clients, running_floor_server, talking
from benchmarks.own_network import enter_loopback, run_apart
from benchmarks.table import Answer, Row, spread

# Implementation
DATAGRAMS = 5_000_000
RATE = 20_000  # datagrams/s
LISTENERS = 10
STRANGERS = 8
WARM_UP = 0.02  # of all datagrams; memory counts from there on
FRAME = 0.02  # s
TICK = 0.001  # s
SAMPLES = 50  # genuine datagrams that are mutated
LONGEST = 1500  # octets
SETTLE = 0.5  # s for what is under way

Figures = dict[str, float]


def main() -> Answer:
    """Send them in a network of their own and return the table."""
    figures: Figures = json.loads(run_apart("benchmarks.rubbish", str(DATAGRAMS)))
    rows = [Row(what, spread([figure])) for what, figure in figures.items()]
    return Answer("rubbish", "each line says its unit", rows)


def mutated(datagram: bytes, rng: Random) -> bytes:
    """Rubbish of six kinds."""
    octets = bytearray(datagram)
    match rng.randrange(6):
        case 0:
            return rng.randbytes(rng.randrange(1, LONGEST))
        case 1:
            return bytes(octets[: rng.randrange(1, len(octets))])
        case 2:
            return bytes(octets) + rng.randbytes(rng.randrange(1, 200))
        case 3:
            octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        case 4:
            octets[8:12] = rng.randbytes(4)
        case _:
            octets[0] = rng.randrange(256)
    return bytes(octets)


def flood(datagrams: int, seed: int) -> Figures:
    """So many of them, while somebody talks."""
    rng = Random(seed)
    with ExitStack() as stack:
        server = stack.enter_context(running_floor_server())
        talker, *listeners = add_clients(server, LISTENERS + 1)
        strangers = [stack.enter_context(_stranger(server.port)) for _ in range(STRANGERS)]
        voice = stack.enter_context(talking(talker))
        samples = [next(voice) for _ in range(SAMPLES)]
        rubbish = (mutated(samples[number % SAMPLES], rng) for number in range(datagrams))
        for sample in samples:  # so that what happens to stay whole is a replay
            talker.socket.send(sample)
        time.sleep(SETTLE)
        _drain(listeners)
        said, heard, before = 0, 0, 0.0
        start, sent = time.monotonic(), 0
        for origin in _origins(talker, strangers):
            _wait_for(start + sent / RATE)
            if said < (time.monotonic() - start) / FRAME:
                talker.socket.send(next(voice))
                said += 1
                heard += _drain(listeners)
                server.swallow_reports()
            sent += _send_some(origin, rubbish)
            if before == 0.0 and sent >= WARM_UP * datagrams:
                before = resident_kilobytes(server.process.pid)
            if sent >= datagrams:
                break
        seconds = time.monotonic() - start
        time.sleep(SETTLE)
        heard += _drain(listeners)
        if server.process.poll() is not None:
            raise SystemExit(f"The floor server ended (seed {seed}).")
        return {
            "mutated datagrams, millions": sent / 1e6,
            "of them in a second, thousands": sent / seconds / 1000,
            "answers to strangers": float(sum(_answers(each) for each in strangers)),
            "memory taken, KB": resident_kilobytes(server.process.pid) - before,
            "voice packets said": float(said),
            "voice lost, percent": 100 * (1 - heard / (said * LISTENERS)),
        }


def _stranger(port: int) -> socket.socket:
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.connect(("127.0.0.1", port))
    return stranger


def _origins(talker: LoadClient, strangers: list[socket.socket]) -> Iterator[socket.socket]:
    """A stranger and the talker's own address in turns."""
    for stranger in cycle(strangers):
        yield stranger
        yield talker.socket


def _send_some(origin: socket.socket, rubbish: Iterator[bytes]) -> int:
    """What belongs into one tick; returns how many."""
    sent = 0
    for datagram in rubbish:
        origin.send(datagram)
        sent += 1
        if sent == RATE * TICK:
            break
    return sent


def _wait_for(until: float) -> None:
    time.sleep(max(0.0, until - time.monotonic()))


def _drain(listeners: list[LoadClient]) -> int:
    """Voice packets that have come."""
    return sum(_voice(listener.socket) for listener in listeners)


def _voice(udp: socket.socket) -> int:
    voice = 0
    try:
        while datagram := udp.recv(2048, socket.MSG_DONTWAIT):
            voice += not 192 <= datagram[1] <= 223
    except BlockingIOError:
        return voice
    return voice


def _answers(stranger: socket.socket) -> int:
    answers = 0
    try:
        while stranger.recv(2048, socket.MSG_DONTWAIT):
            answers += 1
    except BlockingIOError:
        return answers
    return answers


if __name__ == "__main__":
    enter_loopback()
    amount, *rest = (int(argument) for argument in sys.argv[1:])
    json.dump(flood(amount, rest[0] if rest else Random().randrange(1 << 32)), sys.stdout)
