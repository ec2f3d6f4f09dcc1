"""Every input that is kept, and a short seeded search from there, in every run of the tests."""

import ast
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from tests.fuzz import corpus
from tests.fuzz.targets import TARGETS

SEED = 1
ROUNDS = 300  # a target
SOURCES = Path(__file__).parents[2] / "ptt"
# Not parsers by themselves, but fed by those that are: by the target that is named.
WITHIN = {
    "take_untrusted": "strangers",
    "open_untrusted": "sealed_voice",
    "_open_untrusted": "sealed_voice",
    "blocks_untrusted": "red_blocks",
    "feed_untrusted": "trunk_stream",
    "opus_samples_untrusted": "opus",
}


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_kept_breaks_nothing(name: str) -> None:
    inputs = corpus.kept(name)

    for octets in (*inputs, *TARGETS[name].seeds, b""):
        TARGETS[name].feed(octets)

    assert inputs


@pytest.mark.parametrize("name", TARGETS)
def test_what_is_near_to_it_breaks_nothing(name: str) -> None:
    rng = Random(SEED)
    known = [*corpus.kept(name), *TARGETS[name].seeds]

    for _ in range(ROUNDS):
        octets = rng.choice(CHANGES)(rng, rng.choice(known), rng.choice(known))
        TARGETS[name].feed(octets)


def changed(rng: Random, octets: bytes, _other: bytes) -> bytes:
    """Some octets are others."""
    damaged = bytearray(octets or b"\0")
    for _ in range(rng.randint(1, 4)):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    return bytes(damaged)


def cut(rng: Random, octets: bytes, _other: bytes) -> bytes:
    """Some octets are missing."""
    at = rng.randint(0, len(octets))
    return octets[:at] + octets[at + rng.randint(0, 4) :]


def spliced(rng: Random, octets: bytes, other: bytes) -> bytes:
    """The begin of one, the end of another."""
    return octets[: rng.randint(0, len(octets))] + other[rng.randint(0, len(other)) :]


CHANGES: tuple[Callable[[Random, bytes, bytes], bytes], ...] = (changed, cut, spliced)


def test_every_parser_of_untrusted_octets_is_a_target() -> None:
    named = {
        node.name
        for path in SOURCES.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.endswith("_untrusted")
    }

    fed = {name.removeprefix("parse_").removesuffix("_untrusted"): name for name in named}
    assert {name for short, name in fed.items() if short not in TARGETS} <= set(WITHIN)
    assert set(WITHIN.values()) <= set(TARGETS)
