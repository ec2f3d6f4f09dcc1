"""R14: a computer sleeps for half a minute in the middle of a talk, and wakes up."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt.client.events import FloorReleased
from ptt.media.frames import SAMPLE_RATE
from ptt_demo.daemon import Daemon
from ptt_demo.measure import loudness
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.support.speech import Samples
from tests.support.witness import Witness

ASLEEP = 30.0  # s
BACK_WITHIN = 2.0  # s
STUCK = 15.0  # s
STEP = 0.020  # s
QUIET = -40.0  # dBFS


def hum(seconds: float) -> Samples:
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    wave = np.sin(2 * np.pi * 200 * time) + 0.5 * np.sin(2 * np.pi * 800 * time)
    return np.asarray(8000 * wave, dtype=np.int16)


@dataclass
class Sleeper:
    """The process, what it told, and when its recording began by `time.perf_counter`."""

    process: trio.Process
    recording: Path
    told: list[tuple[float, str, str | None]] = field(default_factory=list)

    async def tells(self, what: str, talker: str | None, after: float) -> float:
        """When this happened to it."""
        with trio.fail_after(STUCK):
            while True:
                for at, told, of in self.told:
                    if (told, of) == (what, talker) and at > after:
                        return at
                await trio.sleep(0.01)

    @property
    def began(self) -> float:
        return next(at for at, what, _ in self.told if what == "started")

    def heard_between(self, begin: float, end: float) -> float:
        """Seconds that were not silent."""
        steps = loudness(read_wav(self.recording) / 32768.0, SAMPLE_RATE, STEP)
        times = self.began + np.arange(len(steps)) * STEP
        assert times[-1] > end, "the recording is not whole"
        return float(np.sum((steps > QUIET) & (times >= begin) & (times < end)) * STEP)

    async def follow(self) -> None:
        assert self.process.stdout is not None
        rest = b""
        async for octets in self.process.stdout:
            *lines, rest = (rest + octets).split(b"\n")
            for entry in map(json.loads, lines):
                self.told.append((entry["at"], entry["what"], entry["talker"]))


@asynccontextmanager
async def sleeper(daemon: Daemon, name: str, folder: Path) -> AsyncIterator[Sleeper]:
    recording = folder / f"{name}.wav"
    link = await daemon.invite(name)
    module = ["-m", "tests.support.listener_process", link, CHANNEL, str(recording)]
    run = partial(
        trio.run_process,
        [sys.executable, *module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        check=False,
    )
    async with trio.open_nursery() as nursery:
        process = await nursery.start(run)
        one = Sleeper(process, recording)
        nursery.start_soon(one.follow)
        try:
            yield one
        finally:
            process.send_signal(signal.SIGCONT)
            with trio.CancelScope(shield=True), trio.move_on_after(STUCK):
                assert process.stdin is not None
                await process.stdin.aclose()
                await process.wait()
            nursery.cancel_scope.cancel()


@pytest.mark.slow
async def test_r14_who_wakes_up_is_back_soon_and_hears_nothing_old(
    daemon: Daemon, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with (
        office(daemon, ["Anna"], CHANNEL, tmp_path) as [anna],
        trio.open_nursery() as nursery,
    ):
        witness = Witness(anna.client)
        nursery.start_soon(witness.watch)
        async with sleeper(daemon, "Ben", tmp_path) as ben:
            await ben.tells("started", None, 0.0)
            anna.client.press(CHANNEL)
            anna.microphone.start(hum(2.0))
            await ben.tells("TalkerChanged", "Anna", 0.0)

            ben.process.send_signal(signal.SIGSTOP)
            slept_at = time.perf_counter()
            await trio.sleep(3.0)
            anna.client.release()
            await witness.saw(FloorReleased)
            await trio.sleep(ASLEEP - (time.perf_counter() - slept_at))
            woke_at = time.perf_counter()
            ben.process.send_signal(signal.SIGCONT)
            await trio.sleep(1.0)
            anna.client.press(CHANNEL)
            anna.microphone.start(hum(3.0))
            spoke_at = time.perf_counter()
            told_at = await ben.tells("TalkerChanged", "Anna", woke_at)
            await trio.sleep(2.5)  # so that the recording outlasts what is looked at
            anna.client.release()
        nursery.cancel_scope.cancel()

    record_property("told who talks", f"{told_at - woke_at:.2f} s after it woke up")
    assert told_at - woke_at <= BACK_WITHIN
    assert ben.heard_between(woke_at - ASLEEP + 1.0, spoke_at) == 0.0, "old voice"
    assert ben.heard_between(spoke_at, spoke_at + 2.0) > 0.8
