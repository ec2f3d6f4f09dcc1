"""What is drawn of the floor, for each state of a channel."""

from dataclasses import replace

import pytest

from ptt.client import events
from ptt_desk.channel_state import Own, State
from ptt_desktop.floor_picture import FloorPicture, Kind, floor_picture

NOW = 100.0
QUIET = State("Workshop", person="Anna", connected=True, joined=True)
TALKING = replace(QUIET, own=Own.TALKING, own_since=85.0, talk_limit=60.0, talker="Anna")
DENIED = events.FloorDenied("Workshop", "queue-full", "Too many.")

TABLE: list[tuple[State, FloorPicture]] = [
    (State("Workshop"), FloorPicture(Kind.OFFLINE)),
    (State("Workshop", connected=True), FloorPicture(Kind.CLOSED)),
    (QUIET, FloorPicture(Kind.FREE)),
    (replace(QUIET, own=Own.ASKING), FloorPicture(Kind.ASKED)),
    (TALKING, FloorPicture(Kind.MINE, "Anna", 15, 45, 0.75)),
    (
        replace(TALKING, warning=events.OpenMicrophone("Workshop", 2.0)),
        FloorPicture(Kind.MINE, "Anna", 15, 45, 0.75, silent=True),
    ),
    (
        replace(QUIET, talker="Ben", talker_since=88.0, emergency=True, waiting=("Carl",)),
        FloorPicture(Kind.TAKEN, "Ben", 12, 18, 0.6, emergency=True, waiting=("Carl",)),
    ),
    (
        replace(QUIET, own=Own.QUEUED, own_since=97.0, talker="Ben", position=2, before=("Carl",)),
        FloorPicture(Kind.QUEUED, "Ben", 3, place=2, before=("Carl",)),
    ),
    (
        replace(QUIET, again=events.ReplayStarted("Workshop", "Ben", 8.0, 3.0)),
        FloorPicture(Kind.AGAIN, "Ben"),
    ),
    (replace(QUIET, notice=DENIED), FloorPicture(Kind.FREE, why="Too many.")),
    (replace(QUIET, notice=events.AudioFailed("No sound.")), FloorPicture(Kind.FREE)),
]


@pytest.mark.parametrize(("state", "expected"), TABLE)
def test_the_floor_is_drawn_as_it_is(state: State, expected: FloorPicture) -> None:
    assert floor_picture(state, NOW, talk_limit=30.0) == expected


def test_nobody_has_less_than_nothing_left() -> None:
    picture = floor_picture(replace(TALKING, own_since=0.0), NOW)

    assert (picture.left, picture.share) == (0, 0.0)


def test_of_an_unknown_limit_nothing_is_said() -> None:
    picture = floor_picture(replace(QUIET, talker="Ben"), NOW)

    assert (picture.left, picture.share) == (None, None)
