"""From a thread to a task."""

import sys
from threading import Thread

import pytest
import trio
from trio.testing import wait_all_tasks_blocked

from ptt_devices.wake_up import NativeBell, SocketPairBell, WakeUp

BELLS = [NativeBell, SocketPairBell] if sys.platform == "linux" else [SocketPairBell]


@pytest.fixture(params=BELLS)
def wake_up(request: pytest.FixtureRequest) -> WakeUp:
    return WakeUp(request.param())


async def test_a_thread_wakes_the_task(wake_up: WakeUp) -> None:
    async with trio.open_nursery() as nursery:
        nursery.start_soon(wake_up.wait)
        await wait_all_tasks_blocked()

        Thread(target=wake_up.set).start()

    wake_up.close()


async def test_what_was_set_before_is_not_missed_and_counts_once(wake_up: WakeUp) -> None:
    for _ in range(100_000):  # more than a socket's buffer takes
        wake_up.set()
    with trio.fail_after(1):
        await wake_up.wait()

    with trio.move_on_after(0.02) as second:
        await wake_up.wait()

    assert second.cancelled_caught
    wake_up.close()


async def test_a_late_callback_after_the_end_harms_nobody(wake_up: WakeUp) -> None:
    wake_up.close()

    wake_up.set()
    wake_up.close()
