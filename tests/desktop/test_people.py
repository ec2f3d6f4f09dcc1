"""What stands beside each person of a channel."""

from dataclasses import replace

import pytest

from ptt_desk.channel_state import State
from ptt_desktop.people import Doing, PersonRow, people

QUIET = State("Workshop", person="Anna", connected=True, joined=True, members=("Anna", "Ben"))

TABLE: list[tuple[dict[str, object], PersonRow]] = [
    ({}, PersonRow("Ben", Doing.HERE)),
    ({"talker": "Ben", "waiting": ("Ben",)}, PersonRow("Ben", Doing.TALKING, place=1)),
    ({"waiting": ("Anna", "Ben")}, PersonRow("Ben", Doing.QUEUED, place=2)),
    ({"muted": ("Ben",), "away": ("Ben",)}, PersonRow("Ben", Doing.MUTED)),
    ({"away": ("Ben",)}, PersonRow("Ben", Doing.AWAY)),
]


@pytest.mark.parametrize(("changes", "expected"), TABLE)
def test_a_person_is_shown_as_what_matters_most(
    changes: dict[str, object], expected: PersonRow
) -> None:
    _, ben = people(replace(QUIET, **changes))  # type: ignore[arg-type]

    assert ben == expected


def test_oneself_is_told_from_the_others() -> None:
    assert [row.me for row in people(QUIET)] == [True, False]


def test_nobody_is_seen_in_a_channel_that_one_is_not_in() -> None:
    assert people(replace(QUIET, joined=False)) == ()
