"""One soak in this network: a daemon, a process of clients, a look at both every ten seconds.

`unshare -n .venv/bin/python -m benchmarks.soak_run SECONDS CLIENTS`; prints samples and counts as
JSON. Run by soak.py, which judges them.
"""

import json
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from benchmarks.join_storm import (
    SWITCHBOARD,
    Child,
    Processes,
    enrolled_people,
    expect_word,
    next_line,
    resident_octets,
    running_server,
    started_child,
    tell_child,
)
from benchmarks.own_network import enter_loopback
from ptt.switchboard.records import MIN_TALK_LIMIT, ChannelSettings
from ptt.switchboard.store.channels import add_channel
from ptt.switchboard.store.database import open_store

MEMBERS = 10  # of each channel
SAMPLE_EVERY = 10.0  # s
INVITE_EVERY = 20.0  # s; a guest is invited, and removed after as long again
SETTLE = 5.0  # s from when the last client has gone until nothing may be left of it
TELL_EVERY = 60.0  # s
SHOWN = 20  # lines

KEPT = ("descriptors", "threads")

Sample = dict[str, float]


def soak(seconds: float, clients: int) -> dict[str, object]:
    """So many clients for so long; samples over time, and counts of the whole."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logins = _prepare(folder, clients)
        with (folder / "errors").open("wb") as errors, running_server(folder, errors) as daemon:
            before = _sample(daemon, folder)
            logins = [{**login, "port": daemon.port} for login in logins]
            with started_child("benchmarks.soak_clients", logins) as crowd:
                expect_word(crowd, "ready")
                tell_child(crowd, "talk")
                samples = _watch(daemon, crowd, folder, seconds)
                tell_child(crowd, "stop")
                counts = json.loads(next_line(crowd))
            time.sleep(SETTLE)
            after = _sample(daemon, folder)
        left = {f"{what} left behind": _grown(before, after, what) for what in KEPT}
        return {"samples": samples, "counts": counts | left | _grumbles(folder)}


def _grown(before: Sample, after: Sample, what: str) -> float:
    return sum(after[name] - before[name] for name in before if name.endswith(what))


def _prepare(folder: Path, clients: int) -> list[dict[str, object]]:
    """People spread over channels that cut whoever talks for ten seconds."""
    logins = enrolled_people(folder, clients)
    settings = [
        ChannelSettings(name=f"team {number}", talk_limit=MIN_TALK_LIMIT)
        for number in range(max(clients // MEMBERS, 1))
    ]
    with open_store(folder) as store, store.write() as transaction:
        channels = [add_channel(transaction, each).number for each in settings]
    return [
        {**login, "channel": channels[place % len(channels)]} for place, login in enumerate(logins)
    ]


def _watch(daemon: Processes, crowd: Child, folder: Path, seconds: float) -> list[Sample]:
    began = time.monotonic()
    samples: list[Sample] = []
    guests = _Guests(folder)
    while (elapsed := time.monotonic() - began) < seconds and crowd.poll() is None:
        samples.append({"at": elapsed, **_sample(daemon, folder)})
        guests.go_on(elapsed)
        if len(samples) % round(TELL_EVERY / SAMPLE_EVERY) == 1:
            figures = ", ".join(f"{what} {figure:g}" for what, figure in samples[-1].items())
            print(f"  {figures}", file=sys.stderr, flush=True)
        time.sleep(max(0.0, began + len(samples) * SAMPLE_EVERY - time.monotonic()))
    guests.wait()
    if crowd.returncode is not None:
        raise SystemExit("The process of clients has ended.")
    return samples


class _Guests:
    """Somebody is invited and removed again, by the commands that a person would use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._command: subprocess.Popen[bytes] | None = None
        self._next = 0.0
        self._number = 0

    def go_on(self, elapsed: float) -> None:
        """Run the next command when it is time; raises SystemExit if one failed."""
        if elapsed < self._next:
            return
        self.wait()
        self._next = elapsed + INVITE_EVERY
        number, removes = divmod(self._number, 2)
        words = ["people", "remove"] if removes else ["invite"]
        host = [] if removes else ["--host", "127.0.0.1"]
        command = [*words, f"Guest {number}", *host, "--data", str(self._folder)]
        self._number += 1
        self._command = _run_quietly(command)

    def wait(self) -> None:
        """Until the command that runs is done."""
        if self._command is not None and self._command.wait():
            raise SystemExit(f"A command of pttd failed: {self._command.args!r}")


def _run_quietly(arguments: list[str]) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", SWITCHBOARD, *arguments]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)


def _sample(daemon: Processes, folder: Path) -> Sample:
    pids = {"switchboard": daemon.switchboard, "floor server": daemon.floor_server}
    sample: Sample = {}
    for name, pid in pids.items():
        sample[f"{name} RSS, MB"] = resident_octets(pid) / 1e6
        sample[f"{name} descriptors"] = sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
        sample[f"{name} threads"] = sum(1 for _ in Path(f"/proc/{pid}/task").iterdir())
    return sample | {"database, MB": _database_octets(folder) / 1e6}


def _database_octets(folder: Path) -> float:
    sizes = 0.0
    for path in folder.glob("ptt.sqlite3*"):
        with suppress(FileNotFoundError):
            sizes += path.stat().st_size
    return sizes


def _grumbles(folder: Path) -> dict[str, float]:
    """Lines of the log that are more than information, and all that went to standard error."""
    logged = (folder / "log").read_text().splitlines()
    grumbles = [line for line in logged if json.loads(line)["level"] != "info"]
    said = (folder / "errors").read_text(errors="replace").splitlines()
    for line in (grumbles + said)[:SHOWN]:
        print(f"  {line}", file=sys.stderr)
    return {"errors logged": len(grumbles) + len(said)}


if __name__ == "__main__":
    enter_loopback()
    print(json.dumps(soak(float(sys.argv[1]), int(sys.argv[2]))))
