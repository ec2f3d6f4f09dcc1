from ptt.switchboard.garbage import SHARE, WORTH_IT, ConnectionRemains


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
