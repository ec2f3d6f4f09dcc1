"""Who is away, and who hears nothing, as the others see it."""

from pathlib import Path

import pytest
import trio

from ptt.client.events import MembersChanged
from ptt_demo.daemon import Daemon
from ptt_demo.office import office
from tests.scenarios.conftest import CHANNEL
from tests.support.witness import STUCK, Witness


async def saw_away(witness: Witness, names: tuple[str, ...], *, after: int = 0) -> MembersChanged:
    with trio.fail_after(STUCK):
        while True:
            _, event = await witness.saw(MembersChanged, after=after)
            if event.away == names:
                return event
            after += 1


@pytest.mark.slow
async def test_who_is_away_or_hears_nothing_is_shown_to_the_others_and_to_those_who_come_later(
    daemon: Daemon, tmp_path: Path
) -> None:
    async with (
        office(daemon, ["Anna", "Ben"], CHANNEL, tmp_path) as (anna, ben),
        trio.open_nursery() as nursery,
    ):
        witness = Witness(ben.client)
        nursery.start_soon(witness.watch)
        anna.client.set_presence(away=True, muted=True)
        gone = await saw_away(witness, ("Anna",))
        async with office(daemon, ["Carl"], CHANNEL, tmp_path) as (carl,):
            late = carl.client.away(CHANNEL), carl.client.muted(CHANNEL)
        place = witness.now()
        anna.client.set_presence(away=False, muted=True)
        back = await saw_away(witness, (), after=place)
        nursery.cancel_scope.cancel()

    assert (gone.members, gone.muted) == (("Anna", "Ben"), ("Anna",))
    assert late == (("Anna",), ("Anna",))
    assert back.muted == ("Anna",)
