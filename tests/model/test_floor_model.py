"""SPIN searches all histories of the model of floor control, and finds every planted bug."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("floor.pml")
PATIENCE = 110  # s
MEMORY = 2000  # MB
DEPTH = 400_000  # steps

SAFETY = ("WILD", "CLIENTS=3", "BURSTS=3")
LIVENESS = ("CLIENTS=2", "BURSTS=3", "ROOM=1", "TROUBLES=1", "HAPPENINGS=3")
FORMULAS = ("nobody_waits_forever", "nobody_talks_in_vain", "nobody_keeps_the_floor")

NEVER_RIGHT = (
    "RELEASE_WITHOUT_BURST",
    "BARE_RELEASE_ENDS_WHAT_IS_HEARD",
    "MEDIA_WITHOUT_BURST",
    "PRE_EMPTED_IS_RELAYED_ON",
    "DUPLICATE_REQUEST_QUEUED_TWICE",
    "QUEUE_KEEPS_THE_DEAD",
    "FORMER_BURST_IS_TAKEN",
)
NEVER_DONE = (
    ("NO_T1", "nobody_waits_forever"),
    ("NO_T1", "nobody_keeps_the_floor"),
    ("REVOKED_ONCE", "nobody_talks_in_vain"),
)

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("spin") is None or shutil.which("gcc") is None,
        reason="SPIN or a C compiler is not installed: apt install spin gcc libc6-dev",
    ),
]


@dataclass(frozen=True, slots=True)
class Search:
    """What SPIN says at the end of a search."""

    errors: int
    states: int
    words: str

    @property
    def is_whole(self) -> bool:
        """Nothing was left out."""
        return not re.search("max search depth too small|out of memory|interrupted", self.words)


class Searches:
    """Compiles what is searched, each set of definitions once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._compiled: dict[tuple[str, ...], Path] = {}

    def __call__(self, definitions: tuple[str, ...], formula: str = "") -> Search:
        """All histories: for assertions, or for one formula under weak fairness."""
        flags = ("-DNFAIR=16",) if formula else ("-DSAFETY",)
        folder = self._compile(definitions, flags)
        wanted = ("-a", "-f", "-N", formula) if formula else ()
        words = run(folder, "./pan", f"-m{DEPTH}", "-n", *wanted)
        errors, states = re.search(r"errors: (\d+)", words), re.search(r"(\d+) states, st", words)
        assert errors is not None, words
        assert states is not None, words
        return Search(int(errors[1]), int(states[1]), words)

    def _compile(self, definitions: tuple[str, ...], flags: tuple[str, ...]) -> Path:
        if definitions not in self._compiled:
            folder = self._folder / str(len(self._compiled))
            folder.mkdir()
            run(folder, "spin", "-a", *(f"-D{each}" for each in definitions), str(MODEL))
            options = ("-O1", "-w", "-DCOLLAPSE", "-DVECTORSZ=2048", f"-DMEMLIM={MEMORY}", *flags)
            run(folder, "gcc", *options, "-o", "pan", "pan.c")
            self._compiled[definitions] = folder
        return self._compiled[definitions]


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Searches:
    return Searches(tmp_path_factory.mktemp("model"))


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return done.stdout


def test_what_must_never_be_is_in_no_history(search: Searches) -> None:
    found = search(SAFETY)

    assert found.errors == 0, found.words
    assert found.is_whole
    assert found.states > 800_000


@pytest.mark.parametrize("formula", FORMULAS)
def test_what_must_come_to_pass_does_in_every_history(search: Searches, formula: str) -> None:
    found = search(LIVENESS, formula)

    assert found.errors == 0, found.words
    assert found.is_whole
    assert found.states > 300_000


@pytest.mark.parametrize("bug", NEVER_RIGHT)
def test_a_planted_bug_that_breaks_a_rule_is_found(search: Searches, bug: str) -> None:
    assert search((*SAFETY, bug)).errors == 1


@pytest.mark.parametrize(("bug", "formula"), NEVER_DONE)
def test_a_planted_bug_that_leaves_somebody_waiting_is_found(
    search: Searches, bug: str, formula: str
) -> None:
    assert search((*LIVENESS, bug), formula).errors == 1
