"""Which floor server gets a channel, and when one that is gone is given up."""

from math import inf

import pytest

from ptt.errors import LocalProtocolError
from ptt.switchboard.spreading import PATIENCE, Spreading


def ready(amount: int) -> Spreading:
    spreading = Spreading(amount)
    for number in range(amount):
        spreading.open(number, 4000 + number)
    return spreading


def test_channels_without_members_are_dealt_out_evenly() -> None:
    spreading = ready(3)

    assert [spreading.place() for _ in range(7)] == [0, 1, 2, 0, 1, 2, 0]


def test_members_count_more_than_channels() -> None:
    spreading = ready(2)
    full, *_ = [spreading.place() for _ in range(3)]

    spreading.change_members(full, +2)

    assert [spreading.place() for _ in range(3)] == [1, 1, 1]


def test_members_who_left_and_channels_that_are_gone_count_no_more() -> None:
    spreading = ready(2)
    spreading.place(members=5)
    spreading.place(members=1)
    spreading.change_members(0, -4)
    spreading.remove(0, members=1)

    assert spreading.place() == 0


def test_a_channel_stays_where_the_load_is_the_same() -> None:
    spreading = ready(2)
    spreading.place()
    spreading.place()
    spreading.remove(1)

    assert spreading.place(stay_at=1) == 1


def test_only_floor_servers_that_are_ready_get_channels() -> None:
    spreading = ready(2)
    spreading.close(0, now=10.0)

    assert [spreading.place(), spreading.place()] == [1, 1]


def test_before_any_is_ready_channels_are_dealt_out_to_all() -> None:
    spreading = Spreading(2)

    assert [spreading.place(), spreading.place()] == [0, 1]
    assert not spreading.is_complete


def test_a_floor_server_that_comes_back_in_time_keeps_its_channels() -> None:
    spreading = ready(2)
    spreading.close(0, now=10.0)
    spreading.open(0, 4000)

    assert spreading.deadline == inf
    assert spreading.given_up(10.0 + PATIENCE) == []
    assert spreading.is_complete


def test_a_floor_server_that_stays_away_is_given_up_once() -> None:
    spreading = ready(2)
    spreading.close(0, now=10.0)

    assert spreading.given_up(10.0 + PATIENCE - 0.01) == []
    assert spreading.given_up(spreading.deadline) == [0]
    assert spreading.deadline == inf


def test_with_nobody_to_take_over_channels_wait_on() -> None:
    spreading = ready(2)
    spreading.close(0, now=10.0)
    spreading.close(1, now=10.0)

    assert spreading.deadline == inf
    assert spreading.given_up(10.0 + PATIENCE) == []
    spreading.open(1, 4001)
    assert spreading.given_up(spreading.deadline) == [0]


def test_the_only_floor_server_is_never_given_up() -> None:
    spreading = ready(1)

    spreading.close(0, now=10.0)

    assert spreading.deadline == inf


def test_a_floor_server_cannot_be_ready_twice() -> None:
    with pytest.raises(LocalProtocolError):
        ready(1).open(0, 4000)
