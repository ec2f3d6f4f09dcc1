"""A real keyboard listener on a display of its own, and a hand that presses keys on it."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from subprocess import PIPE

import pytest
import trio

from ptt_devices.keys import Pressed, Released
from tests.support.virtual_display import VirtualDisplay, virtual_display

WATCHER = Path(__file__).parents[1] / "support" / "key_watcher.py"
PATIENCE = 20.0  # s


@pytest.fixture(scope="module")
def display() -> Iterator[VirtualDisplay]:
    with virtual_display() as display:
        yield display


class Watcher:
    """A process that watches a key and prints what it sees: pynput binds DISPLAY at import."""

    def __init__(self, process: trio.Process) -> None:
        self._process = process
        self._rest = b""

    async def line(self) -> str:
        assert self._process.stdout is not None
        with trio.fail_after(PATIENCE):
            while b"\n" not in self._rest:
                octets = await self._process.stdout.receive_some()
                assert octets, "the watcher ended"
                self._rest += octets
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    async def lines(self, count: int) -> list[str]:
        return [await self.line() for _ in range(count)]


async def watch(
    nursery: trio.Nursery, display: VirtualDisplay, *keys: str
) -> tuple[Watcher, trio.Process]:
    """Start watching; it is ready."""

    process = await nursery.start(
        partial(
            trio.run_process,
            [sys.executable, str(WATCHER), *keys],
            stdout=PIPE,
            check=False,
            env={**os.environ, **display.environment},
        )
    )
    watcher = Watcher(process)
    assert await watcher.line() == "ready"
    return watcher, process


@pytest.mark.slow
async def test_a_held_key_is_pressed_once_and_released_once(display: VirtualDisplay) -> None:
    async with trio.open_nursery() as nursery:
        watcher, process = await watch(nursery, display, "f9")

        await trio.to_thread.run_sync(display.key_down, "F9")
        first = await watcher.line()
        await trio.sleep(1.2)  # X repeats a held key after 0.5 s
        await trio.to_thread.run_sync(display.key_up, "F9")
        second = await watcher.line()
        await trio.to_thread.run_sync(display.key_down, "F9")
        await trio.to_thread.run_sync(display.key_up, "F9")
        rest = await watcher.lines(2)
        process.terminate()

    assert [first, second, *rest] == [str(Pressed(key="f9")), str(Released(key="f9"))] * 2


@pytest.mark.slow
async def test_a_combination_counts_when_all_its_keys_are_down(display: VirtualDisplay) -> None:
    async with trio.open_nursery() as nursery:
        watcher, process = await watch(nursery, display, "ctrl+shift+t", "mouse4")

        for key in ("t", "Control_L", "Shift_L"):
            await trio.to_thread.run_sync(display.key_down, key)
        for key in ("t", "Shift_L", "Control_L"):
            await trio.to_thread.run_sync(display.key_up, key)
        await trio.to_thread.run_sync(display.click, 8)
        seen = await watcher.lines(4)
        process.terminate()

    chord, button = "ctrl+shift+t", "mouse4"
    expected = [
        Pressed(key=chord),
        Released(key=chord),
        Pressed(emergency=True, key=button),
        Released(emergency=True, key=button),
    ]
    assert seen == [str(event) for event in expected]


@pytest.mark.slow
async def test_without_a_display_the_reason_is_a_sentence() -> None:

    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    done = await trio.run_process(
        [sys.executable, str(WATCHER), "f9"],
        capture_stdout=True,
        capture_stderr=True,
        check=False,
        env=environment,
    )

    assert done.returncode == 1
    assert done.stderr.decode().startswith("There is no display")
    assert "Traceback" not in done.stderr.decode()


@pytest.mark.slow
async def test_a_display_that_vanishes_releases_the_key_and_is_told() -> None:
    with virtual_display() as doomed:
        async with trio.open_nursery() as nursery:
            watcher, process = await watch(nursery, doomed, "f9")
            await trio.to_thread.run_sync(doomed.key_down, "F9")
            first = await watcher.line()

            doomed.vanish()
            second = await watcher.line()

            with trio.fail_after(PATIENCE):
                await process.wait()

    assert [first, second] == [str(Pressed(key="f9")), str(Released(key="f9"))]
    assert process.returncode == 1
