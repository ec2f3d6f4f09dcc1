"""What does a delivered packet cost the floor server?

CPU microseconds of the floor server's process per datagram that a listener received, encryption
on, over loopback: once at the pace of one talker (50 packets a second), once as fast as the
listeners take it. A plain loop of `sendto` in this process, same machine, same minute, says what
the kernel alone asks for. Rounds are interleaved; medians, and the spread between rounds.
"""

import select
import socket
import time
from collections.abc import Callable
from itertools import islice

from benchmarks.floor_server_load import (
    LOOPBACK,
    PAYLOAD,
    FloorServer,
    LoadClient,
    add_clients,
    running_floor_server,
    talking,
)
from benchmarks.table import Answer, Row, spread

LISTENERS = (10, 100, 500)
ROUNDS = 5
PACED_SECONDS = 2.0
PACKETS_SATURATED = 20_000  # delivered, a round
WINDOW = 8  # packets under way at once when saturated
BURST = 480  # packets; the floor server relays no burst much faster than speech for longer
FRAME = 0.020  # s


def main() -> Answer:
    """Measure each channel size and return the table."""
    rows = [row for listeners in LISTENERS for row in _measure(listeners)]
    return Answer("fan_out", "CPU us per delivered packet (the floor server's process)", rows)


def _measure(listeners: int) -> list[Row]:
    paced, saturated, kernel = [], [], []
    with running_floor_server() as server:
        talker, *others = add_clients(server, listeners + 1)
        for _ in range(ROUNDS):
            paced.append(_cost(server, lambda: _paced(talker, others)))
            saturated.append(_cost(server, lambda: _saturated(talker, others)))
            kernel.append(_kernel_cost(others))
            server.swallow_reports()
    return [
        Row(f"{listeners} listeners, 50 packets/s", spread(paced)),
        Row(f"{listeners} listeners, saturated", spread(saturated)),
        Row(f"{listeners} listeners, a bare sendto loop", spread(kernel)),
        Row(
            f"{listeners} listeners, saturated / bare loop",
            spread([ours / bare for ours, bare in zip(saturated, kernel, strict=True)]),
        ),
    ]


def _cost(server: FloorServer, load: Callable[[], int]) -> float:
    before = server.cpu_seconds()
    delivered = load()
    return (server.cpu_seconds() - before) / delivered * 1e6


def _paced(talker: LoadClient, others: list[LoadClient]) -> int:
    delivered = 0
    with talking(talker) as packets:
        start = time.perf_counter()
        for number, datagram in enumerate(islice(packets, int(PACED_SECONDS / FRAME))):
            time.sleep(max(0.0, start + number * FRAME - time.perf_counter()))
            talker.socket.send(datagram)
            delivered += _drain(others, expected=len(others))
    return delivered


def _saturated(talker: LoadClient, others: list[LoadClient]) -> int:
    delivered = 0
    while delivered < PACKETS_SATURATED:
        with talking(talker) as packets:
            for _ in range(min(BURST, PACKETS_SATURATED // len(others)) // WINDOW):
                for datagram in islice(packets, WINDOW):
                    talker.socket.send(datagram)
                delivered += _drain(others, expected=WINDOW * len(others))
    return delivered


def _drain(others: list[LoadClient], *, expected: int = 0) -> int:
    """Receive until `expected` datagrams came, or none for a tenth of a second; return how many."""
    received = 0
    poll = select.epoll()
    sockets = {client.socket.fileno(): client.socket for client in others}
    for number in sockets:
        poll.register(number, select.EPOLLIN)
    while ready := poll.poll(0.1 if received < expected else 0):
        for number, _ in ready:
            received += _drain_one(sockets[number])
    poll.close()
    return received


def _drain_one(udp: socket.socket) -> int:
    received = 0
    try:
        while udp.recv(2048, socket.MSG_DONTWAIT):
            received += 1
    except BlockingIOError:
        return received
    return received


def _kernel_cost(others: list[LoadClient]) -> float:
    """CPU us per datagram of a `sendto` loop to as many sockets, drained alike."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        targets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in others]
        for target in targets:
            target.bind((LOOPBACK, 0))
        addresses = [target.getsockname() for target in targets]
        spent, sent = 0.0, 0
        while sent < PACKETS_SATURATED:
            before = time.thread_time()
            for address in addresses:
                sender.sendto(PAYLOAD, address)
            spent += time.thread_time() - before
            sent += len(addresses)
            for target in targets:
                _drain_one(target)
        for target in targets:
            target.close()
    return spent / sent * 1e6


if __name__ == "__main__":
    main().show()
