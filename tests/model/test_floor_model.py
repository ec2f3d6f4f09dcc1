"""The floor's protocol under the model checker SPIN: all histories, and that errors are found.

What the model is, and where its parts are in ptt/floor, stands on top of floor.pml.
"""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

MODEL = Path(__file__).with_name("floor.pml")
WILD = ("WILD",)
SMALL = ("BURSTS=2",)  # where that is enough to find an error
NEVER_ENDS = "acceptance cycle"
WHOLE = ((), WILD)  # what is searched to the end
LONG, SHORT = "-O2", "-O0"  # optimising takes longer than it saves where errors come soon
SECONDS = 300.0  # far beyond what a search takes

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("spin") is None, reason="needs spin (Debian package spin)"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="needs a C compiler (package gcc)"),
]


@dataclass(frozen=True)
class Search:
    """What the checker said. `unreached`: statements that no history came to."""

    text: str
    errors: int
    states: int
    complete: bool
    unreached: list[str]


class Checkers:
    """Compiled searches: those of one model serve all its claims."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def search(self, *defines: str, claim: str | None = None) -> Search:
        """All histories of the model; with `claim` the endless ones, else until an error."""
        folder = self._folder / "-".join(["floor", *defines])
        if not folder.exists():
            folder.mkdir()
            self._compile(folder, defines)
        options = ["-a", "-f", "-N", claim] if claim else []
        return read(run(folder, "./pan", "-m2000000", *options))

    def _compile(self, folder: Path, defines: tuple[str, ...]) -> None:
        run(folder, "spin", *(f"-D{name}" for name in defines), "-a", str(MODEL))
        kind = "-DSAFETY" if "WILD" in defines else "-DNFAIR=3"
        run(
            folder,
            "cc",
            LONG if defines in WHOLE else SHORT,
            "-w",
            "-DMEMLIM=1500",
            kind,
            "-o",
            "pan",
            "pan.c",
        )


@pytest.fixture(scope="module")
def checkers(tmp_path_factory: pytest.TempPathFactory) -> Checkers:
    return Checkers(tmp_path_factory.mktemp("model"))


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def read(text: str) -> Search:
    errors = re.search(r"errors: (\d+)", text)
    states = re.search(r"(\d+(?:\.\d+e\+\d+)?) states, stored", text)
    assert errors, text
    assert states, text
    gaps = ("Search not completed", "max search depth too small", "out of memory", "truncated")
    return Search(
        text,
        int(errors[1]),
        int(float(states[1])),
        not any(gap in text for gap in gaps),
        [one for one in re.findall(r"state \d+, \"(.*)\"", text) if one != "-end-"],
    )


def test_at_most_one_is_relayed_whatever_the_network_does(checkers: Checkers) -> None:
    found = checkers.search(*WILD)

    assert found.errors == 0, found.text
    assert found.complete
    assert found.states > 500_000
    assert found.unreached == []


@pytest.mark.parametrize(
    "claim", ["nobody_waits_forever", "nobody_talks_in_vain", "nobody_keeps_the_floor"]
)
def test_nothing_lasts_for_ever(claim: str, checkers: Checkers) -> None:
    found = checkers.search(claim=claim)

    assert found.errors == 0, found.text
    assert found.complete
    assert found.states > 500_000


@pytest.mark.parametrize(
    ("error", "violated"),
    [
        ("RELEASE_WITHOUT_BURST", "live=="),
        ("BARE_RELEASE_ENDS_WHAT_IS_HEARD", "!(heard)"),
        ("MEDIA_WITHOUT_BURST", "(holder==owner[b])&&(live==b)"),
        ("PRE_EMPTED_IS_RELAYED_ON", "(holder==owner[b])&&(live==b)"),
        ("NOBODY_IS_PRE_EMPTED", "!((i==(3-1)))"),
        ("QUEUE_KEEPS_THE_DEAD", "present["),
        ("DUPLICATE_REQUEST_QUEUED_TWICE", "!(Q_has(waiting"),
        ("FORMER_BURST_IS_TAKEN", "!(((over[i]>>"),
    ],
)
def test_a_planted_error_breaks_its_assertion(
    error: str, violated: str, checkers: Checkers
) -> None:
    found = checkers.search(error, *WILD)

    assert found.errors == 1
    assert violated in "".join(line for line in found.text.splitlines() if "violated" in line)


@pytest.mark.parametrize(
    ("error", "claim"),
    [
        ("NO_T1", "nobody_keeps_the_floor"),
        ("NO_T1", "nobody_waits_forever"),
        ("REVOKE_IS_NOT_REPEATED", "nobody_talks_in_vain"),
        ("WHO_WAITS_IN_SILENCE_ASKS_NOBODY", "nobody_waits_forever"),
    ],
)
def test_a_planted_error_lasts_for_ever(error: str, claim: str, checkers: Checkers) -> None:
    found = checkers.search(error, *SMALL, claim=claim)

    assert found.errors == 1
    assert NEVER_ENDS in found.text
