"""Two floor servers on one machine: nobody notices, and one that dies takes nobody else along."""

import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt.client.events import ChannelLeft, ConnectionLost, FloorGranted, FloorReleased
from ptt_demo.daemon import Daemon, running_daemon
from ptt_demo.measure import find
from ptt_demo.office import Worker, office
from tests.support.floor_rules import assert_rules_kept
from tests.support.speech import voice
from tests.support.witness import Witness

STORE, YARD = "store", "yard"
SAID = voice(1.0)
ALIKE = 0.8
LONG_ENOUGH = 1.5  # s for a dead floor server to be started again
HANGS = 6.5  # s until a client thinks that a link is dead, and a hanging one is killed


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    config = tmp_path / "pttd.toml"
    config.write_text(f"floor_servers = 2\n[channels.{STORE}]\n[channels.{YARD}]\n")
    async with running_daemon(tmp_path / "pttd", config=config) as daemon:
        yield daemon
    assert_rules_kept(daemon.log)


def floor_servers(daemon: Daemon) -> list[int]:
    """Their process ids."""
    threads = Path(f"/proc/{daemon.process.pid}/task").glob("*/children")
    return [int(child) for thread in threads for child in thread.read_text().split()]


def carries(process: int, port: int) -> bool:
    """Whether this process has the UDP port."""
    inodes = {
        line.split()[9]
        for line in Path("/proc/net/udp").read_text().splitlines()[1:]
        if int(line.split()[1].split(":")[1], 16) == port
    }
    files = Path(f"/proc/{process}/fd").iterdir()
    return any(os.readlink(file) == f"socket:[{inode}]" for file in files for inode in inodes)


async def speak(worker: Worker, witness: Witness, channel: str) -> None:
    place = witness.now()
    worker.client.press(channel)
    await worker.microphone.say(SAID)
    worker.client.release()
    await witness.saw(FloorReleased, after=place)


@pytest.mark.slow
async def test_one_who_is_in_channels_of_both_talks_and_hears_in_both(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        office(daemon, ["Anna"], STORE, tmp_path) as [anna],
        office(daemon, ["Ben"], YARD, tmp_path) as [ben],
        office(daemon, ["Carl"], STORE, tmp_path) as [carl],
        trio.open_nursery() as nursery,
    ):
        await carl.client.join(YARD)
        witnesses = {each.name: Witness(each.client) for each in (anna, ben, carl)}
        for witness in witnesses.values():
            nursery.start_soon(witness.watch)
        await speak(anna, witnesses["Anna"], STORE)
        await speak(ben, witnesses["Ben"], YARD)
        await speak(carl, witnesses["Carl"], STORE)
        await speak(carl, witnesses["Carl"], YARD)
        await trio.sleep(0.5)
        nursery.cancel_scope.cancel()

    said = SAID / 32768.0
    for listener, times in ((anna, 1), (ben, 1), (carl, 2)):
        heard = read_wav(listener.recording) / 32768.0
        for _ in range(times):
            lag, likeness = find(said, heard)
            assert likeness > ALIKE, f"{listener.name} did not hear everything"
            heard[max(lag, 0) : lag + len(said)] = 0.0
        assert find(said, heard)[1] < ALIKE, f"{listener.name} heard too much"


@pytest.mark.slow
async def test_the_death_of_one_is_not_heard_at_the_other(daemon: Daemon, tmp_path: Path) -> None:
    async with (
        office(daemon, ["Anna", "Ben"], STORE, tmp_path) as [anna, ben],
        trio.open_nursery() as nursery,
    ):
        for each in (anna, ben):
            await each.client.join(YARD)
        talks, hears = Witness(anna.client), Witness(ben.client)
        nursery.start_soon(talks.watch)
        nursery.start_soon(hears.watch)
        anna.client.press(STORE)
        await talks.saw(FloorGranted)
        await hears.saw_talker("Anna")
        place = hears.now()
        [yards] = [each for each in floor_servers(daemon) if not carries(each, daemon.port)]

        os.kill(yards, signal.SIGKILL)
        with trio.move_on_after(LONG_ENOUGH):
            await hears.saw_talker(None, after=place)
        told = [event for _, event in hears.seen[place:]]
        place = hears.now()
        anna.client.release()
        await talks.saw(FloorReleased)
        ben.client.press(YARD)
        await hears.saw(FloorGranted, after=place)

        nursery.cancel_scope.cancel()

    assert len([line for line in daemon.log if line.get("event") == "floor-server-lost"]) == 1
    assert not any(isinstance(event, ConnectionLost | ChannelLeft) for event in told)
    assert not any(getattr(event, "talker", "") is None for event in told), "Anna was cut off"


@pytest.mark.slow
async def test_one_that_hangs_is_replaced_and_the_other_goes_on(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        office(daemon, ["Anna", "Ben"], STORE, tmp_path) as [anna, ben],
        trio.open_nursery() as nursery,
    ):
        for each in (anna, ben):
            await each.client.join(YARD)
        talks, hears = Witness(anna.client), Witness(ben.client)
        nursery.start_soon(talks.watch)
        nursery.start_soon(hears.watch)
        anna.client.press(STORE)
        await hears.saw_talker("Anna")
        place = hears.now()
        [yards] = [each for each in floor_servers(daemon) if not carries(each, daemon.port)]

        os.kill(yards, signal.SIGSTOP)
        with trio.move_on_after(HANGS):
            await hears.saw_talker(None, after=place)
        told = [event for _, event in hears.seen[place:]]
        place = hears.now()
        anna.client.release()
        await talks.saw(FloorReleased)
        ben.client.press(YARD)
        await hears.saw(FloorGranted, after=place)

        nursery.cancel_scope.cancel()

    assert not any(isinstance(event, ConnectionLost | ChannelLeft) for event in told)
    assert not any(getattr(event, "talker", "") is None for event in told), "Anna was cut off"
