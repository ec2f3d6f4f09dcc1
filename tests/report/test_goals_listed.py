"""goals.toml names tests that exist, and every fault; the page is made from outcomes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GOALS = tomllib.loads(Path(__file__).with_name("goals.toml").read_text())["goal"]
TESTS = sorted({test for goal in GOALS for test in goal["tests"]})


def test_every_row_of_both_tables_is_listed_once() -> None:
    losses = [f"L{number}" for number in range(1, 10)]
    faults = [f"R{number}" for number in range(1, 24)]

    assert [goal["id"] for goal in GOALS] == losses + faults


@pytest.mark.parametrize("goal", GOALS, ids=[goal["id"] for goal in GOALS])
def test_a_goal_that_nothing_shows_says_why(goal: dict[str, object]) -> None:
    assert goal["tests"] or goal.get("figures") or goal.get("note")


@pytest.mark.parametrize("test", TESTS)
def test_a_test_that_shows_a_goal_is_there(test: str) -> None:
    path, _, name = test.partition("::")
    words = (ROOT / path).read_text()

    assert not name or re.search(rf"^(async )?def {name}\(", words, re.MULTILINE)
