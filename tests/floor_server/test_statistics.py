"""What the floor server counts."""

import sys

from ptt.floor_server.statistics import Counters

TIMES = 1000


def test_a_snapshot_names_every_count() -> None:
    counters = Counters(voice_sent=3, rebinds=1)

    snapshot = counters.snapshot()

    assert (snapshot["voice_sent"], snapshot["rebinds"]) == (3, 1)
    assert snapshot.keys() == set(Counters.__slots__)


def test_telling_the_counts_each_second_takes_no_memory() -> None:
    counters = Counters()
    counters.snapshot()
    before = sys.getallocatedblocks()

    for _ in range(TIMES):
        counters.snapshot()

    assert sys.getallocatedblocks() - before < TIMES / 10
