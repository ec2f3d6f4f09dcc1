"""A thousand come at once, while somebody talks: when are all in, and what does the talk suffer?

A real `pttd` with its floor server, and clients in processes of their own (light_client.py), all
in a network of their own. A join is TLS 1.3, WebSocket, Hello, the channel and a bound UDP
address; keyed is who can decode voice, too. Delay and loss are those of one burst to some
listeners who were there before, from the first connection until the last one is in. Memory is
resident memory after the storm, less that before it, a client; and that of a daemon with 5000
channels, less that of one with a single channel.

Once the storm comes to one channel of 5000: what nobody uses must not cost those who come.
Beside it the same storm on Murmur (Debian's mumble-server), in turns.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import IO

from benchmarks.fan_out_murmur import PROGRAM as MURMUR
from benchmarks.own_network import enter_loopback, run_apart
from benchmarks.table import Answer, Row, spread
from ptt.security.invitations import hash_secret, hash_token, new_secret
from ptt.switchboard.records import ChannelSettings, Device, Role
from ptt.switchboard.store.channels import add_channel
from ptt.switchboard.store.database import Transaction, open_store
from ptt.switchboard.store.people import add_invite, redeem_invite

CLIENTS = 1000
PROCESSES = 2  # of clients
LISTENERS = 10  # who witness the voice
ROUNDS = 3
MANY_CHANNELS = 5000
SETTLE = 2.0  # s; memory is read when the last messages are out
FLOOR_SERVER, SWITCHBOARD = "ptt.floor_server", "ptt.switchboard"

Figures = dict[str, float]


def main() -> Answer:
    """Let the storm come ROUNDS times and return the table."""
    rounds = [_storm_of_both() for _ in range(ROUNDS)]
    among_many = _storm_apart(channels=MANY_CHANNELS)
    memory = json.loads(run_apart("benchmarks.join_storm"))
    rows = [Row(what, spread([each[what] for each in rounds])) for what in rounds[0]]
    rows += [
        Row(f"{MANY_CHANNELS} channels: {what}", spread([among_many[what]]))
        for what in ("all in, s", "forwarding p99, ms", "switchboard CPU, ms a join")
    ]
    rows += [Row(what, spread([figure])) for what, figure in memory.items()]
    return Answer("join_storm", "each line says its unit", rows)


def _storm_of_both() -> Figures:
    """Ours, then Murmur's if it is installed."""
    ours = _storm_apart(channels=1)
    if MURMUR is None:
        print("  Murmur is left out: it is not here, install Debian's mumble-server.")
        return ours
    its: Figures = json.loads(run_apart("benchmarks.storm_murmur", str(CLIENTS)))
    ratio = {"ptt / Murmur, x s for all": ours["all in, s"] / its["all in, s"]}
    return ours | {f"Murmur: {what}": figure for what, figure in its.items()} | ratio


def _storm_apart(channels: int) -> Figures:
    figures: Figures = json.loads(run_apart("benchmarks.join_storm", str(CLIENTS), str(channels)))
    return figures


@dataclass(frozen=True, slots=True)
class Processes:
    """A daemon and its floor server."""

    port: int
    switchboard: int
    floor_server: int


def measure_storm(clients: int, channels: int = 1) -> Figures:
    """One storm of so many clients on one of so many channels, in this network."""
    with tempfile.TemporaryDirectory() as folder:
        logins = enrolled_people(Path(folder), clients + LISTENERS + 1, channels)
        with running_server(Path(folder)) as daemon:
            logins = [{**login, "port": daemon.port} for login in logins]
            return _measure(daemon, logins[: LISTENERS + 1], logins[LISTENERS + 1 :])


def measure_channels() -> Figures:
    """Memory of MANY_CHANNELS channels, in this network."""
    resident = []
    for channels in (1, MANY_CHANNELS):
        with tempfile.TemporaryDirectory() as folder:
            enrolled_people(Path(folder), 1, channels)
            with running_server(Path(folder)) as daemon:
                time.sleep(SETTLE)
                resident.append(
                    resident_octets(daemon.switchboard) + resident_octets(daemon.floor_server)
                )
    return {f"{MANY_CHANNELS} channels, MB": (resident[1] - resident[0]) / 1e6}


def enrolled_people(folder: Path, people: int, channels: int = 1) -> list[dict[str, object]]:
    """A database with people, each with a device, and channels; returns the logins."""
    with open_store(folder) as store, store.write() as transaction:
        settings = ChannelSettings(name="storm", talk_limit=600.0)
        channel = add_channel(transaction, settings).number
        for number in range(1, channels):
            add_channel(transaction, ChannelSettings(name=f"team {number}", open_to=Role.NONE))
        return [_enrol(transaction, number, channel) for number in range(people)]


def _enrol(transaction: Transaction, number: int, channel: int) -> dict[str, object]:
    secret, token = new_secret(), hash_token(str(number))
    device = Device(f"device-{number}", 0, "desk", hash_secret(secret))
    add_invite(transaction, f"Person {number}", None, token, expires_at=2.0)
    redeem_invite(transaction, token, device, now=1.0)
    return {
        "number": number,
        "channel": channel,
        "device": device.device,
        "secret": secret.hex(),
    }


@contextmanager
def running_server(folder: Path, errors: IO[bytes] | None = None) -> Iterator[Processes]:
    options = ["--data", str(folder), "--port", "0", "--host", "127.0.0.1"]
    command = [sys.executable, "-m", SWITCHBOARD, "run", *options]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdout=log, stderr=errors, stdin=subprocess.DEVNULL) as process,
    ):
        try:
            yield Processes(_port(folder / "log"), process.pid, _child(process.pid))
        finally:
            process.terminate()


def _port(log: Path) -> int:
    for _ in range(300):
        for line in log.read_text().splitlines():
            entry = json.loads(line)
            if entry["event"] == "ready":
                return int(entry["port"])
        time.sleep(0.1)
    raise SystemExit("pttd does not become ready.")


def _child(pid: int) -> int:
    children = Path(f"/proc/{pid}/task").glob("*/children")
    return int(" ".join(each.read_text() for each in children).split()[0])


def _measure(
    daemon: Processes, witnesses: list[dict[str, object]], logins: list[dict[str, object]]
) -> Figures:
    with started_child("benchmarks.storm_voice", witnesses) as voice:
        expect_word(voice, "talking")
        parts = [logins[part::PROCESSES] for part in range(PROCESSES)]
        crowd = [start_child("benchmarks.storm_clients", part) for part in parts]
        for each in crowd:
            expect_word(each, "ready")
        time.sleep(SETTLE)
        before = _state_of(daemon)
        for each in crowd:
            tell_child(each, "come")
        times = [entry for each in crowd for entry in json.loads(next_line(each))]
        after = _state_of(daemon)
        own_cpu = sum(_cpu_seconds(each.pid) for each in crowd)
        time.sleep(SETTLE)
        settled = _state_of(daemon)
        tell_child(voice, "stop")
        packets = json.loads(next_line(voice))
        for each in crowd:
            end_child(each)
    spent = {what: after[what] - before[what] for what in before if what.endswith("CPU")}
    grown = {what: settled[what] - before[what] for what in before if what.endswith("RSS")}
    return {
        **_join_figures(times),
        **voice_figures(packets, times),
        **{f"{what}, ms a join": s * 1e3 / len(logins) for what, s in spent.items()},
        "the clients' own CPU, ms a join": own_cpu * 1e3 / len(logins),
        **{f"{what}, KB a client": octets / 1e3 / len(logins) for what, octets in grown.items()},
    }


def _join_figures(times: list[dict[str, float]]) -> Figures:
    began = min(each["began"] for each in times)
    if any(each["joined"] is None or each["keyed"] is None for each in times):
        raise SystemExit("Not all clients have come in.")
    each_one = [each["joined"] - began for each in times]
    return {
        "all in, s": max(each_one),
        "median in, s": median(each_one),
        "all keyed, s": max(each["keyed"] for each in times) - began,
        "refused and tried again": sum(each["refusals"] for each in times),
        "sessions lost": sum(each["losses"] for each in times),
    }


def voice_figures(
    packets: list[tuple[float, list[float]]], times: list[dict[str, float]]
) -> Figures:
    begin, end = min(each["began"] for each in times), max(each["joined"] for each in times)
    calm = [delay for at, delays in packets if at < begin for delay in delays]
    during = [delays for at, delays in packets if begin <= at <= end]
    storm = [delay for delays in during for delay in delays]
    expected = len(during) * LISTENERS
    return {
        "forwarding p99 before, ms": quantiles(calm, n=100)[-1],
        "forwarding p50, ms": median(storm),
        "forwarding p99, ms": quantiles(storm, n=100)[-1],
        "forwarding most, ms": max(storm),
        "loss, %": 100 * (expected - len(storm)) / expected,
    }


def _state_of(daemon: Processes) -> Figures:
    pids = {"switchboard": daemon.switchboard, "floor server": daemon.floor_server}
    cpu = {f"{name} CPU": _cpu_seconds(pid) for name, pid in pids.items()}
    return cpu | {f"{name} RSS": resident_octets(pid) for name, pid in pids.items()}


def _cpu_seconds(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_octets(pid: int) -> float:
    """Octets of resident memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024.0


# the processes of clients


Child = subprocess.Popen[str]


def start_child(module: str, logins: list[dict[str, object]]) -> Child:
    command = [sys.executable, "-m", module]
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    tell_child(child, json.dumps(logins))
    return child


@contextmanager
def started_child(module: str, logins: list[dict[str, object]]) -> Iterator[Child]:
    child = start_child(module, logins)
    try:
        yield child
    finally:
        end_child(child)


def tell_child(child: Child, line: str) -> None:
    assert child.stdin is not None
    child.stdin.write(line + "\n")
    child.stdin.flush()


def next_line(child: Child) -> str:
    assert child.stdout is not None
    return child.stdout.readline()


def expect_word(child: Child, word: str) -> None:
    if (line := next_line(child).strip()) != word:
        raise SystemExit(f"A process of clients said {line!r} instead of {word!r}.")


def end_child(child: Child) -> None:
    assert child.stdin is not None
    child.stdin.close()
    child.wait()


if __name__ == "__main__":
    enter_loopback()
    amounts = [int(amount) for amount in sys.argv[1:]]
    print(json.dumps(measure_storm(*amounts) if amounts else measure_channels()))
