"""R12: the disk of the server's data is full, while people talk."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import trio

from ptt.client.client import open_client
from ptt.client.enrolment import enrol
from ptt.client.events import FloorGranted, FloorReleased
from ptt.errors import PttError
from ptt_demo.daemon import Daemon, running_daemon
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.support.floor_rules import assert_rules_kept
from tests.support.speech import voice
from tests.support.witness import Witness

SIZE = "2m"
PACKETS = 50  # of one second


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Two megabytes for the daemon's data."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root may mount a small disk")
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(disk: Path) -> Path:
    """With a file, to the last octet."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    return ballast


async def invite_many(daemon: Daemon) -> None:
    """More than may still fit into what is allotted already."""
    for number in range(50):
        await daemon.invite(f"Guest {number}")


@pytest.mark.slow
async def test_r12_commands_are_refused_and_voice_and_logins_go_on(
    small_disk: Path, tmp_path: Path
) -> None:
    async with (
        running_daemon(small_disk) as daemon,
        office(daemon, ["Anna", "Ben"], CHANNEL, tmp_path) as [anna, ben],
        trio.open_nursery() as nursery,
    ):
        carl = await enrol(await daemon.invite("Carl"), "Carl's desk")
        talks = Witness(anna.client)
        nursery.start_soon(talks.watch)
        anna.client.press(CHANNEL)
        await talks.saw(FloorGranted)

        ballast = fill(small_disk)
        before = ben.client.statistics().heard
        with pytest.raises(PttError) as refused:
            await invite_many(daemon)
        async with open_client(carl) as late:
            await late.join(CHANNEL)
        await anna.microphone.say(voice(1.0))
        heard = ben.client.statistics().heard - before
        anna.client.release()
        await talks.saw(FloorReleased)
        ballast.unlink()
        link = await daemon.invite("Dora")

        nursery.cancel_scope.cancel()

    assert "is full: make room" in str(refused.value)
    assert "Traceback" not in str(refused.value)
    assert heard > 0.95 * PACKETS
    assert link.startswith("ptt://")
    assert_rules_kept(daemon.log)
