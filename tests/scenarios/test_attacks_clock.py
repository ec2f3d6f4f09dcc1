"""S24: the wall clock of server and client jumps; nobody notices.

Real processes under libfaketime, which changes only the wall clock, as a wrong time server does.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
import trio

from ptt.client.client import Client, open_client
from ptt.client.enrolment import enrol
from ptt.client.events import MembersChanged
from ptt_demo.daemon import Daemon, running_daemon
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.scenarios.test_faults import talker_process
from tests.support.floor_rules import assert_rules_kept
from tests.support.witness import Witness

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
JUMPS = ["+30d", "-30d", "+1", "-1", "+1", "-1", "+0"]
STAYS = 1.0  # s
PACKETS_A_SECOND = 50
FAR = 25 * 86400.0  # s

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LIBRARIES, reason="faketime is not installed; `make test` installs it"),
]


class WallClock:
    """That of all processes that are started within the block; not of this one."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def set(self, offset: str) -> None:
        self._file.write_text(offset)


@pytest.fixture
def clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WallClock:
    file = tmp_path / "offset"
    clock = WallClock(file)
    clock.set("+0")
    monkeypatch.setenv("LD_PRELOAD", str(LIBRARIES[0]))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(file))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    return clock


def spread(daemon: Daemon) -> float:
    """Between the first and the last line of the log as their timestamps say, at most."""
    times = [datetime.fromisoformat(str(line["timestamp"])).timestamp() for line in daemon.log]
    return max(times) - min(times)


@dataclass
class Conversation:
    """Anna listens in this process, Ben talks in one of his own, with the daemon's clock."""

    daemon: Daemon
    anna: Client
    watch: Witness  # what Anna sees

    async def heard_in(self, seconds: float) -> int:
        before = self.anna.statistics().heard
        await trio.sleep(seconds)
        return self.anna.statistics().heard - before


@asynccontextmanager
async def conversation(folder: Path) -> AsyncIterator[Conversation]:
    async with (
        running_daemon(folder / "pttd") as daemon,
        office(daemon, ["Anna"], CHANNEL, folder) as [anna],
        talker_process(daemon, "Ben"),
        trio.open_nursery() as nursery,
    ):
        watch = Witness(anna.client)
        nursery.start_soon(watch.watch)
        await watch.saw_talker("Ben", after=0)
        yield Conversation(daemon, anna.client, watch)
        nursery.cancel_scope.cancel()
    assert_rules_kept(daemon.log)


async def test_no_floor_is_lost_and_no_session_cut_when_clocks_jump(
    tmp_path: Path, clock: WallClock
) -> None:
    async with conversation(tmp_path) as running:
        place = running.watch.now()
        heard = {}
        for number, offset in enumerate(JUMPS):
            clock.set(offset)
            heard[number, offset] = await running.heard_in(STAYS)
            await running.daemon.invite(f"Guest {number}")
        seen = [event for _, event in running.watch.seen[place:]]
        log = [line["event"] for line in running.daemon.log]

    # A busy machine counts a packet after a jump that came before it: so all of them together.
    assert sum(heard.values()) > 0.9 * len(JUMPS) * STAYS * PACKETS_A_SECOND, heard
    assert min(heard.values()) > 0.5 * STAYS * PACKETS_A_SECOND, heard
    assert [event for event in seen if not isinstance(event, MembersChanged)] == []
    assert (log.count("connect"), log.count("disconnect"), log.count("talk-start")) == (2, 0, 1)


@pytest.mark.parametrize("offset", ["+30d", "-30d"])
async def test_a_server_whose_clock_is_a_month_wrong_lets_people_in(
    tmp_path: Path, clock: WallClock, offset: str
) -> None:
    async with conversation(tmp_path) as running:
        clock.set(offset)
        credential = await enrol(await running.daemon.invite("Clara"), "laptop")

        async with open_client(credential) as clara:
            await clara.join(CHANNEL)
            members = clara.members(CHANNEL)
        jumped = spread(running.daemon)

    assert members == ("Anna", "Ben", "Clara")
    assert jumped > FAR, "the daemon did see another time"
