"""Killed at random moments while somebody talks: nobody keeps the floor, nothing is lost."""

from pathlib import Path
from random import Random

import pytest

from benchmarks.kills import measure

KILLS = 6
SEEDS = 1 << 32


@pytest.mark.slow
async def test_after_each_kill_another_gets_the_floor_and_every_invite_is_kept(
    tmp_path: Path,
) -> None:
    seed = Random().randrange(SEEDS)
    print(f"seed {seed}")  # pytest shows it when the test fails

    figures = await measure(tmp_path, KILLS, seed)

    assert len(figures["floor server killed"]) == len(figures["pttd killed"]) == KILLS // 2
    assert figures["invites made"][0] >= KILLS // 2, "the daemon was there for these"
    assert figures["invites lost"] == [0.0]
