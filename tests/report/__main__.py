"""Writes tests/REPORT.md: each goal and each attack, what was measured, and how.

    goals.toml, attacks.toml --> pytest, benchmarks --> out/report, out/bench --> tests/REPORT.md

`python -m tests.report` runs the tests, ten minutes; benchmarks are run if their answer is not in
out/bench, an hour, half of which is the soak.
`--as-it-is` runs nothing. What was missed, or is not tested, stands in the page like the rest.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

HERE = Path(__file__).parent
PAGE = HERE.parent / "REPORT.md"
OUTCOMES = Path("out/report/tests.xml")
HOLDS, IN_PART = "holds", "holds in part"
BENCHMARKS = Path("out/bench")

Entry = dict[str, Any]


@dataclass
class Outcome:
    """What became of the tests of one function or one file, and what they have measured."""

    passed: int = 0
    skipped: int = 0
    failed: int = 0
    measured: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured figure, as text, and whether it reaches the goal; None: not measured."""

    text: str
    reached: bool | None


def main() -> None:
    """Run what is to be run, write the page."""
    parser = argparse.ArgumentParser(prog="tests.report", description=__doc__)
    parser.add_argument("--as-it-is", action="store_true", help="run nothing")
    as_it_is = parser.parse_args().as_it_is
    goals, attacks = (_entries(name) for name in ("goals", "attacks"))
    if not as_it_is:
        _run_tests({test for entry in (*goals, *attacks) for test in entry["tests"]})
        _run_benchmarks({each["bench"] for goal in goals for each in goal.get("figures", ())})
    PAGE.write_text("\n".join(_page(goals, attacks, outcomes(OUTCOMES))) + "\n")
    print(f"{PAGE.relative_to(Path.cwd())} is written.")


def _entries(name: str) -> list[Entry]:
    document = tomllib.loads((HERE / f"{name}.toml").read_text())
    [entries] = document.values()
    return list(entries)


def _run_tests(tests: Iterable[str]) -> None:
    """Failures stand in the page."""
    OUTCOMES.parent.mkdir(parents=True, exist_ok=True)
    options = [f"--junitxml={OUTCOMES}", "-o", "junit_family=xunit1", "-q"]
    subprocess.run([sys.executable, "-m", "pytest", *options, *sorted(tests)], check=False)


def _run_benchmarks(names: Iterable[str]) -> None:
    missing = [name for name in sorted(names) if not (BENCHMARKS / f"{name}.json").exists()]
    if missing:
        subprocess.run([sys.executable, "-m", "benchmarks", *missing], check=False)


def outcomes(path: Path) -> dict[str, Outcome]:
    """By file, and by file::function."""
    found: defaultdict[str, Outcome] = defaultdict(Outcome)
    # Written by pytest a moment ago, not by anybody else.
    for case in ElementTree.parse(path).iter("testcase"):
        name = case.attrib["name"].split("[")[0]
        file = _file_of(case.attrib["classname"])
        for key in (file, f"{file}::{name}"):
            _count(found[key], case)
    return found


def _file_of(classname: str) -> str:
    """Hypothesis says that its machines stand in its own file; the name of the class knows."""
    parts = classname.split(".")
    paths = ["/".join(parts[:end]) + ".py" for end in range(1, len(parts) + 1)]
    return next((path for path in paths if (HERE.parents[1] / path).is_file()), classname)


def _count(outcome: Outcome, case: ElementTree.Element) -> None:
    if case.find("failure") is not None or case.find("error") is not None:
        outcome.failed += 1
    elif case.find("skipped") is not None:
        outcome.skipped += 1
    else:
        outcome.passed += 1
    for each in case.iter("property"):
        outcome.measured[each.attrib["name"]].append(each.attrib["value"])


def _page(goals: list[Entry], attacks: list[Entry], found: dict[str, Outcome]) -> Iterator[str]:
    speech = [goal for goal in goals if goal["id"].startswith("L")]
    faults = [goal for goal in goals if not goal["id"].startswith("L")]
    yield "# What holds, and how that is known"
    yield ""
    yield f"Made by `make report` on {date.today().isoformat()}: {_machine()}. The goals stand in"
    yield "[report/goals.toml](report/goals.toml), the attacks in"
    yield "[report/attacks.toml](report/attacks.toml), with every test by its name."
    yield "A figure of a benchmark is its median, with the least and the most."
    for title, entries in (("Speech under loss", speech), ("Faults", faults)):
        yield from ("", f"## {title}", "", "| | goal | measured | how | |", "|-|-|-|-|-|")
        yield from (_goal_line(goal, found) for goal in entries)
    yield from ("", "## Attacks", "", "| | attack | what is asserted | tests | |", "|-|-|-|-|-|")
    yield from (_attack_line(attack, found) for attack in attacks)


def _machine() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} processors, {platform.system()}, {python}"


def _goal_line(goal: Entry, found: dict[str, Outcome]) -> str:
    figures = [_figure(each) for each in goal.get("figures", ())]
    tests = [found.get(test, Outcome()) for test in goal["tests"]]
    measured = [figure.text for figure in figures] + [*_measured(tests)]
    if goal.get("note"):
        measured.append(goal["note"])
    benches = dict.fromkeys(f"`{each['bench']}`" for each in goal.get("figures", ()))
    how = ", ".join([*benches, *_how(tests)])
    verdict = _verdict(tests, [figure.reached for figure in figures])
    if verdict == HOLDS and goal.get("in_part"):
        verdict = IN_PART
    return f"| {goal['id']} | {goal['goal']} | {'; '.join(measured)} | {how} | {verdict} |"


def _attack_line(attack: Entry, found: dict[str, Outcome]) -> str:
    tests = [found.get(test, Outcome()) for test in attack["tests"]]
    what = "; ".join([*_measured(tests), attack["note"]])
    how, verdict = ", ".join(_how(tests)), _verdict(tests, [])
    if verdict == HOLDS and "Missing" in attack["note"]:
        verdict = IN_PART
    return f"| {attack['id']} | {attack['attack']} | {what} | {how} | {verdict} |"


def _measured(tests: list[Outcome]) -> Iterator[str]:
    for test in tests:
        for name, values in test.measured.items():
            yield f"{name}: {', '.join(dict.fromkeys(values))}"


def _how(tests: list[Outcome]) -> Iterator[str]:
    if tests:
        yield f"{sum(test.passed + test.failed + test.skipped for test in tests)} tests"
    if skipped := sum(test.skipped for test in tests):
        yield f"{skipped} skipped"


def _figure(wanted: Entry) -> Figure:
    path = BENCHMARKS / f"{wanted['bench']}.json"
    rows = json.loads(path.read_text())["rows"] if path.exists() else []
    for row in rows:
        if row["what"] == wanted["row"]:
            spread = row["figure"]
            text = f"{spread['median']:.4g}"
            if spread["times"] > 1:
                text += f" ({spread['least']:.4g} to {spread['most']:.4g})"
            least, most = wanted.get("least", float("-inf")), wanted.get("most", float("inf"))
            return Figure(f"{text} {wanted['unit']}", least <= spread["median"] <= most)
    return Figure(f"{wanted['row']}: not measured", None)


def _verdict(tests: list[Outcome], figures: list[bool | None]) -> str:
    if any(test.failed for test in tests) or False in figures:
        return "**missed**"
    if None in figures or any(test.passed == 0 for test in tests) or not (tests or figures):
        return "**not tested**"
    return HOLDS


if __name__ == "__main__":
    main()
