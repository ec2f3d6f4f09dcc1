"""Two who press at the same instant, again and again, against a real daemon."""

from pathlib import Path
from statistics import median

import pytest
import trio

from ptt.client.events import FloorGranted, FloorQueued, FloorReleased
from ptt_demo.daemon import Daemon
from ptt_demo.office import Worker, office
from tests.scenarios.conftest import CHANNEL
from tests.support.witness import Witness

ROUNDS = 200
GRANTED_AFTER_RELEASE = 0.020  # s, median


async def press_both(pairs: list[tuple[Worker, Witness]]) -> list[FloorGranted | FloorQueued]:
    """Press at one instant; the first answer that each of them gets."""
    places = [witness.now() for _, witness in pairs]
    for worker, _ in pairs:
        worker.client.press(CHANNEL)
    return [
        (await witness.saw(FloorGranted, FloorQueued, after=place))[1]
        for (_, witness), place in zip(pairs, places, strict=True)
    ]


async def release(worker: Worker, witness: Witness) -> float:
    """Let go; when the floor went back."""
    place = witness.now()
    worker.client.release()
    return (await witness.saw(FloorReleased, after=place))[0]


@pytest.mark.slow
async def test_of_two_who_press_at_once_one_talks_and_the_other_is_next(
    daemon: Daemon, tmp_path: Path
) -> None:
    waits = []
    async with (
        office(daemon, ["Anna", "Ben"], CHANNEL, tmp_path) as workers,
        trio.open_nursery() as nursery,
    ):
        pairs = [(worker, Witness(worker.client)) for worker in workers]
        for _, witness in pairs:
            nursery.start_soon(witness.watch)

        for _ in range(ROUNDS):
            answers = await press_both(pairs)
            granted = [isinstance(answer, FloorGranted) for answer in answers]
            assert sorted(granted) == [False, True]
            winner, loser = pairs[granted.index(True)], pairs[granted.index(False)]
            queued = answers[granted.index(False)]
            assert isinstance(queued, FloorQueued)
            assert (queued.position, queued.before) == (1, ())

            place = loser[1].now()
            released_at = await release(*winner)
            granted_at, grant = await loser[1].saw(FloorGranted, after=place)
            assert grant.from_queue
            waits.append(granted_at - released_at)
            places = [witness.now() for _, witness in pairs]
            await release(*loser)
            for (_, witness), start in zip(pairs, places, strict=True):
                await witness.saw_talker(None, after=start)
        nursery.cancel_scope.cancel()

    assert len(waits) == ROUNDS
    assert median(waits) < GRANTED_AFTER_RELEASE
