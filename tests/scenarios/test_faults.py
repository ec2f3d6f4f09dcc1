"""What happens to the floor when somebody, or something, dies."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio

from ptt.client.client import Client
from ptt.client.events import FloorGranted, FloorReleased
from ptt_demo.daemon import Daemon
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.support.witness import Witness

KILLED_WITHIN = 0.150  # s
CUT_WITHIN = 1.2  # s
VOICE_AGAIN_WITHIN = 2.0  # s
EVER_SINCE = 0


@asynccontextmanager
async def talker_process(daemon: Daemon, name: str) -> AsyncIterator[trio.Process]:
    """Somebody who talks, in a process of its own."""
    link = await daemon.invite(name)
    command = [sys.executable, "-m", "tests.support.talker_process", link, CHANNEL]
    run = partial(trio.run_process, command, stdout=subprocess.PIPE, check=False)
    async with trio.open_nursery() as nursery:
        process = await nursery.start(run)
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            await process.wait()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "within"), [(signal.SIGKILL, KILLED_WITHIN), (signal.SIGSTOP, CUT_WITHIN)]
)
async def test_a_talker_who_vanishes_frees_the_floor(
    daemon: Daemon,
    tmp_path: Path,
    number: signal.Signals,
    within: float,
    record_property: Callable[[str, object], None],
) -> None:
    """SIGKILL closes the connection; SIGSTOP leaves it open and is silent, as a cut cable is."""
    async with (
        office(daemon, ["Anna"], CHANNEL, tmp_path) as [anna],
        trio.open_nursery() as nursery,
    ):
        witness = Witness(anna.client)
        nursery.start_soon(witness.watch)
        async with talker_process(daemon, "Ben") as ben:
            await witness.saw_talker("Ben", after=EVER_SINCE)
            with trio.move_on_after(0.5):
                await trio.sleep_forever()  # let him talk

            place, vanished_at = witness.now(), trio.current_time()
            ben.send_signal(number)
            freed_at = await witness.saw_talker(None, after=place)

        nursery.cancel_scope.cancel()

    record_property(f"floor free after {number.name}", f"{freed_at - vanished_at:.2f} s")
    assert freed_at - vanished_at < within


def floor_server_of(daemon: Daemon) -> int:
    """Process id of the daemon's floor server: its only child, started by one of its threads."""
    threads = Path(f"/proc/{daemon.process.pid}/task").glob("*/children")
    (child,) = [child for thread in threads for child in thread.read_text().split()]
    return int(child)


async def take_the_floor(client: Client, witness: Witness) -> float:
    """Press until it is granted; when that was."""
    while True:
        place = witness.now()
        client.press(CHANNEL)
        with trio.move_on_after(0.1):
            return (await witness.saw(FloorGranted, after=place))[0]
        client.release()


@pytest.mark.slow
async def test_voice_goes_again_soon_after_the_floor_server_was_killed(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        office(daemon, ["Anna", "Ben"], CHANNEL, tmp_path) as [anna, ben],
        trio.open_nursery() as nursery,
    ):
        hears, asks = Witness(ben.client), Witness(anna.client)
        nursery.start_soon(hears.watch)
        nursery.start_soon(asks.watch)
        await take_the_floor(anna.client, asks)
        await hears.saw_talker("Anna", after=EVER_SINCE)
        anna.client.release()
        await asks.saw(FloorReleased)

        place, killed_at = hears.now(), trio.current_time()
        os.kill(floor_server_of(daemon), signal.SIGKILL)
        await hears.saw_talker(None, after=place) if ben.client.talker(CHANNEL) else None
        await take_the_floor(anna.client, asks)
        heard_at = await hears.saw_talker("Anna", after=place)

        nursery.cancel_scope.cancel()

    assert heard_at - killed_at < VOICE_AGAIN_WITHIN
    logins = [line for line in daemon.log if line.get("event") == "client_connected"]
    assert len(logins) <= 2, "nobody had to log in anew"
