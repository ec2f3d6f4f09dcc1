"""What happens to the floor when somebody, or something, dies."""

import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from ptt.client.client import Client
from ptt.client.events import FloorGranted, FloorReleased, TalkerChanged
from ptt_demo.daemon import Daemon
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.support.witness import STUCK, Witness

KILLED_WITHIN = 0.150  # s
CUT_WITHIN = 1.2  # s
VOICE_AGAIN_WITHIN = 2.0  # s
EVER_SINCE = 0


@asynccontextmanager
async def talker_process(daemon: Daemon, name: str) -> AsyncIterator[trio.Process]:
    """Somebody who talks, in a process of its own."""
    link = await daemon.invite(name)
    command = [sys.executable, "-m", "tests.support.talker_process", link, CHANNEL]
    async with trio.open_nursery() as nursery:
        process = await nursery.start(
            lambda task_status: trio.run_process(
                command, stdout=subprocess.PIPE, check=False, task_status=task_status
            )
        )
        try:
            yield process
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            await process.wait()


async def until_talker(witness: Witness, name: str | None, *, after: int) -> float:
    """When this one (None: nobody) began to be the talker."""
    with trio.fail_after(STUCK):
        while True:
            at, event = await witness.saw(TalkerChanged, after=after)
            if event.talker == name:
                return at
            after = next(i for i, (_, e) in enumerate(witness.seen) if e is event) + 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "within"), [(signal.SIGKILL, KILLED_WITHIN), (signal.SIGSTOP, CUT_WITHIN)]
)
async def test_a_talker_who_vanishes_frees_the_floor(
    daemon: Daemon, tmp_path: Path, number: signal.Signals, within: float
) -> None:
    """SIGKILL closes the connection; SIGSTOP leaves it open and is silent, as a cut cable is."""
    async with (
        office(daemon, ["Anna"], CHANNEL, tmp_path) as [anna],
        trio.open_nursery() as nursery,
    ):
        witness = Witness(anna.client)
        nursery.start_soon(witness.watch)
        async with talker_process(daemon, "Ben") as ben:
            await until_talker(witness, "Ben", after=EVER_SINCE)
            with trio.move_on_after(0.5):
                await trio.sleep_forever()  # let him talk

            place, vanished_at = witness.now(), trio.current_time()
            ben.send_signal(number)
            freed_at = await until_talker(witness, None, after=place)

        nursery.cancel_scope.cancel()

    assert freed_at - vanished_at < within


def floor_server_of(daemon: Daemon) -> int:
    """Process id of the daemon's floor server: its only child."""
    children = Path(f"/proc/{daemon.process.pid}/task/{daemon.process.pid}/children")
    (child,) = children.read_text().split()
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
        await until_talker(hears, "Anna", after=EVER_SINCE)
        anna.client.release()
        await asks.saw(FloorReleased)

        place, killed_at = hears.now(), trio.current_time()
        os.kill(floor_server_of(daemon), signal.SIGKILL)
        await until_talker(hears, None, after=place) if ben.client.talker(CHANNEL) else None
        await take_the_floor(anna.client, asks)
        heard_at = await until_talker(hears, "Anna", after=place)

        nursery.cancel_scope.cancel()

    assert heard_at - killed_at < VOICE_AGAIN_WITHIN
    logins = [line for line in daemon.log if line.get("event") == "client_connected"]
    assert len(logins) <= 2, "nobody had to log in anew"
