"""`ptt doctor`: what works here, what does not, and what to do; a line for each finding.

    + ok        clock          Within 1 s of the server's.
    x problem   voice port     Nothing comes back from UDP port 17880 ...: let UDP out ...

The checks are ptt_desk's. With --json all findings come at the end, as one object.
"""

import json
from collections.abc import Callable, Sequence
from functools import partial

import trio
import typer

from ptt_desk.checks.examination import Wishes, examine
from ptt_desk.checks.finding import Finding, Verdict, worst
from ptt_desk.checks.names import ALL
from ptt_devices.quiet import quiet_libraries

# Implementation
_SIGNS = {
    Verdict.OK: ("+", typer.colors.GREEN),
    Verdict.WARNING: ("!", typer.colors.YELLOW),
    Verdict.PROBLEM: ("x", typer.colors.RED),
    Verdict.SKIPPED: ("-", typer.colors.BRIGHT_BLACK),
}
_WORD = max(len(verdict.value) for verdict in Verdict)
_NAME = max(len(name) for name in ALL)
_FIGURES = 6  # decimals; of a second, the sixth is a microsecond


def doctor(wishes: Wishes, *, as_json: bool) -> bool:
    """Examine and print; whether there is no problem."""
    tell: Callable[[Finding], None] = (lambda finding: None) if as_json else print_finding
    with quiet_libraries():
        findings = trio.run(partial(examine, wishes, tell))
    if as_json:
        typer.echo(json.dumps(as_object(findings), indent=2))
    else:
        typer.echo(summary(findings))
    return worst(findings) is not Verdict.PROBLEM


def print_finding(finding: Finding) -> None:
    """One line; coloured on a terminal, where colour only repeats sign and word."""
    sign, colour = _SIGNS[finding.verdict]
    head = typer.style(f"{sign} {finding.verdict.value:{_WORD}}", fg=colour)
    typer.echo(f"{head}  {finding.name:{_NAME}}  {finding}")


def summary(findings: Sequence[Finding]) -> str:
    """The last line."""
    counted = {
        verdict: sum(finding.verdict is verdict for finding in findings) for verdict in Verdict
    }
    problems, warnings = counted[Verdict.PROBLEM], counted[Verdict.WARNING]
    if not problems and not warnings:
        return "All is well."
    return f"{_number(problems, 'problem')}, {_number(warnings, 'warning')}."


def as_object(findings: Sequence[Finding]) -> dict[str, object]:
    """For programs; `verdict` of the whole decides about the exit code."""
    return {
        "verdict": worst(findings).value,
        "findings": [
            {
                "name": finding.name,
                "verdict": finding.verdict.value,
                "sentence": finding.sentence,
                "advice": finding.advice,
                "measured": {key: _rounded(value) for key, value in finding.measured.items()},
            }
            for finding in findings
        ],
    }


def _number(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _rounded(value: object) -> object:
    return round(value, _FIGURES) if isinstance(value, float) else value
