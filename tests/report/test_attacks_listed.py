"""attacks.toml says which test carries out which attack: it must not say more than there is."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ATTACKS = tomllib.loads(Path(__file__).with_name("attacks.toml").read_text())["attack"]
TESTS = sorted({test for attack in ATTACKS for test in attack["tests"]})


def test_every_attack_of_the_threat_model_is_listed_once() -> None:
    assert [attack["id"] for attack in ATTACKS] == [f"S{number}" for number in range(1, 25)]


@pytest.mark.parametrize("attack", ATTACKS, ids=[attack["id"] for attack in ATTACKS])
def test_an_attack_without_a_test_says_why(attack: dict[str, object]) -> None:
    assert attack["attack"]
    assert attack["note"]
    assert attack["tests"] or re.search("Missing", str(attack["note"]))


@pytest.mark.parametrize("test", TESTS)
def test_a_test_that_is_named_is_there(test: str) -> None:
    path, name = test.split("::")

    assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(), re.MULTILINE)
