"""A hundred times kill -9 at a random moment, while somebody talks: how soon is all well again?

A real daemon whose floor server, or which itself, is killed in turns; who started it starts it
again at once. Four clients in one channel; one of them holds the floor when it happens. All is well
when another one was granted the floor and all the rest know it. Meanwhile invites are made: each
one that was printed must be in the database at the end, which must be whole after each kill.

The moments follow from a seed, which is printed when something goes wrong.
"""

import os
import signal
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import trio

from benchmarks.table import Answer, Row, spread
from ptt.client.events import FloorGranted
from ptt.errors import PttError
from ptt_demo.daemon import Daemon, running_daemon
from ptt_demo.office import Worker, office
from tests.support.floor_rules import assert_rules_kept
from tests.support.witness import Witness

CHANNEL = "everyone"
NAMES = ("Anna", "Ben", "Carl", "Dora")
KILLS = 100
LONGEST_TALK = 1.0  # s before the kill
STANDS = 5.0  # s; to clients, sessions that end sooner are a crash loop, and they wait up to 5 s
TRY_AGAIN = 0.1  # s
LOOK_AGAIN = 0.01  # s
STUCK = 20.0  # s

Figures = dict[str, list[float]]


def main() -> Answer:
    """Kill, wait, look, KILLS times, and return the table."""
    seed = Random().randrange(1 << 32)
    with tempfile.TemporaryDirectory() as folder:
        try:
            figures = trio.run(measure, Path(folder), KILLS, seed)
        except BaseException:
            print(f"  seed {seed}")
            raise
    rows = [Row(what, spread(found)) for what, found in figures.items()]
    return Answer("kills", "seconds until all is well; counts", rows)


@dataclass
class Kept:
    """A daemon that is started again whenever it died."""

    data: Path
    daemon: Daemon | None = None
    died: trio.Event = field(default_factory=trio.Event)
    ready: trio.Event = field(default_factory=trio.Event)

    async def run(self) -> None:
        """Until cancelled."""
        port = 0
        while True:
            self.died = trio.Event()
            async with running_daemon(self.data, port=port) as self.daemon:
                port = self.daemon.port
                self.ready.set()
                await self.died.wait()
            assert_rules_kept(self.daemon.log)

    @property
    def process(self) -> int:
        """The daemon's process id."""
        assert self.daemon is not None
        return self.daemon.process.pid

    @property
    def floor_server(self) -> int:
        """The process id of its floor server: its only child."""
        threads = Path(f"/proc/{self.process}/task").glob("*/children")
        (child,) = [child for thread in threads for child in thread.read_text().split()]
        return int(child)

    async def kill(self) -> None:
        """End it without a word and have it started again."""
        self.ready = trio.Event()
        os.kill(self.process, signal.SIGKILL)
        self.died.set()
        await self.ready.wait()


async def measure(folder: Path, kills: int, seed: int) -> Figures:
    """Seconds for each kill, and what was lost."""
    rng = Random(seed)
    figures: Figures = {"floor server killed": [], "pttd killed": []}
    invited: list[str] = []
    async with _office(folder) as (kept, workers):
        for number in range(kills):
            holder, other = rng.sample(workers, 2)
            if number % 2:
                await trio.sleep(STANDS)
            await _take_the_floor(holder)
            await trio.sleep(rng.uniform(0.0, LONGEST_TALK))
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_invite, kept, f"Guest {number}", invited)
                await trio.sleep(rng.uniform(0.0, LONGEST_TALK))
                killed_at = trio.current_time()
                if number % 2:
                    await kept.kill()
                else:
                    os.kill(kept.floor_server, signal.SIGKILL)
                holder.client.release()
                await _take_the_floor(other)
                await _all_know(other, workers)
                what = "pttd killed" if number % 2 else "floor server killed"
                figures[what].append(trio.current_time() - killed_at)
            other.client.release()
            await _all_know(None, workers)
            _check_database(kept.data)
        missing = set(invited) - _people(kept.data)
    figures["invites made"] = [float(len(invited))]
    figures["invites lost"] = [float(len(missing))]
    return figures


@asynccontextmanager
async def _office(folder: Path) -> AsyncIterator[tuple[Kept, list[Worker]]]:
    kept = Kept(folder / "pttd")
    async with trio.open_nursery() as nursery:
        nursery.start_soon(kept.run)
        await kept.ready.wait()
        assert kept.daemon is not None
        async with office(kept.daemon, NAMES, CHANNEL, folder) as workers:
            yield kept, workers
        nursery.cancel_scope.cancel()


async def _take_the_floor(worker: Worker) -> None:
    """Press until it is granted."""
    witness = Witness(worker.client)
    with trio.fail_after(STUCK):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(witness.watch)
            while True:
                place = witness.now()
                worker.client.press(CHANNEL)
                with trio.move_on_after(TRY_AGAIN):
                    await witness.saw(FloorGranted, after=place)
                    break
                worker.client.release()
            nursery.cancel_scope.cancel()


async def _all_know(talker: Worker | None, workers: list[Worker]) -> None:
    """Wait until everybody in the channel knows who talks."""
    name = talker.name if talker else None
    with trio.fail_after(STUCK):
        while not all(  # noqa: ASYNC110  no single event says so
            CHANNEL in worker.client.joined and worker.client.talker(CHANNEL) == name
            for worker in workers
        ):
            await trio.sleep(LOOK_AGAIN)


async def _invite(kept: Kept, name: str, invited: list[str]) -> None:
    """Note the name when the invite was printed; while the daemon is down nothing is."""
    assert kept.daemon is not None
    try:
        await kept.daemon.invite(name)
    except PttError:
        return
    invited.append(name)


def _check_database(data: Path) -> None:
    with sqlite3.connect(data / "ptt.sqlite3") as database:
        ((verdict,),) = database.execute("PRAGMA integrity_check").fetchall()
    if verdict != "ok":
        raise SystemExit(f"The database is damaged: {verdict}")


def _people(data: Path) -> set[str]:
    with sqlite3.connect(data / "ptt.sqlite3") as database:
        found = database.execute("SELECT name FROM people").fetchall()
    return {name for (name,) in found}


if __name__ == "__main__":
    main().show()
