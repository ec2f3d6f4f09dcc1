"""The same storm on Mumble's server, but without voice meanwhile; run by join_storm.py.

argument: how many come. stdout: one line of JSON, each figure by its name.

A join is TCP, TLS, everything that the server has to say about the others, and an echo by UDP.
Always AT_ONCE clients are on their way, in two processes; who is in reads what the server tells
about those who come after. All clients are in one channel, as ours are.
"""

import json
import os
import resource
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from statistics import median

from benchmarks.fan_out_load import cpu_seconds
from benchmarks.fan_out_murmur import running_murmur
from benchmarks.mumble_client import MumbleClient
from benchmarks.own_network import enter_loopback
from benchmarks.storm_clients import POLITENESS

# Implementation
PROCESSES = 2  # of clients, as of ours
AT_ONCE = 32  # joins under way, of each process
READ_EVERY = 0.1  # s

_inside: list[MumbleClient] = []  # of one process of clients; they stay until it ends


def measure(amount: int) -> dict[str, float]:
    """One storm, in this network."""
    fork = get_context("fork")
    with (
        ProcessPoolExecutor(PROCESSES, fork, initializer=_start_reading) as processes,
        running_murmur(0, 0) as murmur,
    ):
        parts = [range(first, amount, PROCESSES) for first in range(PROCESSES)]
        before, began = cpu_seconds(murmur.process_id), time.monotonic()
        crowds = list(processes.map(_come, [murmur.port] * PROCESSES, parts))
        spent = cpu_seconds(murmur.process_id) - before
    times = [moment - began for _, moments in crowds for moment in moments]
    return {
        "all in, s": max(times),
        "median in, s": median(times),
        "CPU, ms a join": 1e3 * spent / amount,
        "the clients' own CPU, ms a join": 1e3 * sum(cpu for cpu, _ in crowds) / amount,
    }


def _start_reading() -> None:
    os.nice(POLITENESS)
    threading.Thread(target=_read, daemon=True).start()


def _read() -> None:
    while True:
        time.sleep(READ_EVERY)
        for client in tuple(_inside):
            client.discard()


def _come(port: int, numbers: Sequence[int]) -> tuple[float, list[float]]:
    """CPU seconds of this process, and when each one was in."""

    def join(number: int) -> float:
        _inside.append(MumbleClient(port, f"user{number}"))
        return time.monotonic()

    with ThreadPoolExecutor(AT_ONCE) as joins:
        moments = list(joins.map(join, numbers))
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, moments


if __name__ == "__main__":
    enter_loopback()
    print(json.dumps(measure(int(sys.argv[1]))))
