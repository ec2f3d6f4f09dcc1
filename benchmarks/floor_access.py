"""How long from the key to the permit?

Two clients and a real daemon on loopback: one presses and lets go, many times, as a person does;
what counts is what its engine reports. Then with somebody waiting: from the talker's Floor
Release to the permit of the next one.
"""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import trio

from benchmarks.table import Answer, Row, spread
from ptt.client.event_stream import EventStream
from ptt.client.events import FloorGranted, FloorQueued, FloorReleased, TalkerChanged
from ptt_demo.daemon import running_daemon
from ptt_demo.office import Worker, office

CHANNEL = "everyone"
PRESSES = 100
BETWEEN_PRESSES = 0.22  # s; the server takes five requests a second from one client

E = TypeVar("E")


def main() -> Answer:
    """Press PRESSES times each way and return the table."""
    with tempfile.TemporaryDirectory() as folder:
        return trio.run(_measure, Path(folder))


async def _measure(folder: Path) -> Answer:
    async with two_at_their_desks(folder) as (anna, ben):
        access = [await _press(anna) for _ in range(PRESSES)]
        handed_over = [await _hand_over(anna, ben) for _ in range(PRESSES)]
    return Answer(
        "floor_access",
        "milliseconds",
        [
            Row("key to permit, idle channel", spread([seconds * 1e3 for seconds in access])),
            Row("release to the next one's permit", spread([s * 1e3 for s in handed_over])),
        ],
    )


@asynccontextmanager
async def two_at_their_desks(folder: Path) -> AsyncIterator[list[Worker]]:
    """Two clients with files for sound cards, at a daemon of their own on loopback."""
    async with (
        running_daemon(folder / "pttd") as daemon,
        office(daemon, ["Anna", "Ben"], CHANNEL, folder) as workers,
    ):
        yield workers


async def _press(worker: Worker) -> float:
    events = worker.client.events()
    worker.client.press(CHANNEL)
    granted = await _next(events, FloorGranted)
    worker.client.release()
    await _nobody(events)
    await trio.sleep(BETWEEN_PRESSES)
    return granted.access_time


async def _hand_over(anna: Worker, ben: Worker) -> float:
    annas, bens = anna.client.events(), ben.client.events()
    anna.client.press(CHANNEL)
    await _next(annas, FloorGranted)
    ben.client.press(CHANNEL)
    await _next(bens, FloorQueued)
    anna.client.release()
    await _next(annas, FloorReleased)
    released_at = trio.current_time()
    await _next(bens, FloorGranted)
    granted_at = trio.current_time()
    ben.client.release()
    await _nobody(bens)
    await _nobody(annas)
    await trio.sleep(BETWEEN_PRESSES)
    return granted_at - released_at


async def _next(events: EventStream, kind: type[E]) -> E:
    async for event in events:
        if isinstance(event, kind):
            return event
    raise SystemExit("The client ended.")


async def _nobody(events: EventStream) -> None:
    while (await _next(events, TalkerChanged)).talker is not None:
        pass


if __name__ == "__main__":
    main().show()
