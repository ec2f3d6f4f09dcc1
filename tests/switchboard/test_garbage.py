import platform
from pathlib import Path

import pytest

from ptt.switchboard.garbage import SHARE, WORTH_IT, ConnectionRemains, search_all


class Searches:
    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


def remains_of(searches: Searches, connections: int) -> ConnectionRemains:
    remains = ConnectionRemains(searches)
    for _ in range(connections):
        remains.note_begin()
    return remains


def test_nothing_is_searched_while_a_crowd_comes() -> None:
    searches = Searches()

    remains_of(searches, 5000)

    assert searches.times == 0


def test_remains_are_searched_when_enough_connections_have_ended() -> None:
    searches = Searches()
    remains = remains_of(searches, WORTH_IT)

    for _ in range(WORTH_IT - 1):
        remains.note_end()
    before = searches.times
    remains.note_end()

    assert (before, searches.times) == (0, 1)


def test_with_many_open_more_must_have_ended_to_be_worth_a_search() -> None:
    searches = Searches()
    remains = remains_of(searches, 4000)

    for _ in range(WORTH_IT):
        remains.note_end()
    early = searches.times
    for _ in range(int(SHARE * 4000) - WORTH_IT):
        remains.note_end()

    assert (early, searches.times) == (0, 1)


def test_the_count_begins_anew_after_a_search() -> None:
    searches = Searches()
    remains = remains_of(searches, 3 * WORTH_IT)

    for _ in range(3 * WORTH_IT):
        remains.note_end()

    assert searches.times == 3


def resident_octets() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc can be asked")
def test_a_search_gives_free_memory_back_although_something_behind_it_stays() -> None:
    remains = [bytes(2000) for _ in range(20_000)]  # 40 MB
    stays = bytes(2000)
    del remains
    before = resident_octets()

    search_all()

    assert before - resident_octets() > 20_000_000
    assert len(stays) == 2000
