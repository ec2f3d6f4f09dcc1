"""A real keyboard listener on a display of its own, and a hand that presses keys on it."""

import os
import sys
from collections.abc import Iterator

import pytest
import trio

from ptt_devices.keys import Pressed, Released
from tests.support.virtual_display import VirtualDisplay, virtual_display
from tests.support.watched_keys import KEY_WATCHER, PATIENCE, watch


@pytest.fixture(scope="module")
def display() -> Iterator[VirtualDisplay]:
    with virtual_display() as display:
        yield display


@pytest.mark.slow
async def test_a_held_key_is_pressed_once_and_released_once(display: VirtualDisplay) -> None:
    async with trio.open_nursery() as nursery:
        watcher = await watch(nursery, display, KEY_WATCHER, "f9")

        await trio.to_thread.run_sync(display.key_down, "F9")
        first = await watcher.line()
        await trio.sleep(1.2)  # X repeats a held key after 0.5 s
        await trio.to_thread.run_sync(display.key_up, "F9")
        second = await watcher.line()
        await trio.to_thread.run_sync(display.key_down, "F9")
        await trio.to_thread.run_sync(display.key_up, "F9")
        rest = await watcher.lines(2)
        watcher.process.terminate()

    assert [first, second, *rest] == [str(Pressed(key="f9")), str(Released(key="f9"))] * 2


@pytest.mark.slow
async def test_a_combination_counts_when_all_its_keys_are_down(display: VirtualDisplay) -> None:
    async with trio.open_nursery() as nursery:
        watcher = await watch(nursery, display, KEY_WATCHER, "ctrl+shift+t", "mouse4")

        for key in ("t", "Control_L", "Shift_L"):
            await trio.to_thread.run_sync(display.key_down, key)
        for key in ("t", "Shift_L", "Control_L"):
            await trio.to_thread.run_sync(display.key_up, key)
        await trio.to_thread.run_sync(display.click, 8)
        seen = await watcher.lines(4)
        watcher.process.terminate()

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
        [sys.executable, str(KEY_WATCHER), "f9"],
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
            watcher = await watch(nursery, doomed, KEY_WATCHER, "f9")
            await trio.to_thread.run_sync(doomed.key_down, "F9")
            first = await watcher.line()

            doomed.vanish()
            second = await watcher.line()

            with trio.fail_after(PATIENCE):
                await watcher.process.wait()

    assert [first, second] == [str(Pressed(key="f9")), str(Released(key="f9"))]
    assert watcher.process.returncode == 1
