"""What a check found out, as a value that a terminal, a file or a window can show.

A finding is one line: how it is, a sentence, and what to do if it is not well. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from ptt.errors import PttError

Figure = str | float | bool | None
Measured = Mapping[str, Figure]

# with none behind it but in brackets, and not in brackets itself
_LAST_COLON = re.compile(r": (?=(?:[^:()]|:(?! )|\([^()]*\))*$)")


class Verdict(Enum):
    """How it is; the value is the word for people and for programs."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check.

    name: what was looked at, from names.py; sentence: how it is, without its last full stop;
    advice: what to do, empty if nothing; measured: figures in seconds, Hz, dBFS and shares from
    0 to 1, unless the key names another unit.
    """

    name: str
    verdict: Verdict
    sentence: str
    advice: str = ""
    measured: Measured = field(default_factory=dict)

    def __str__(self) -> str:
        text = f"{self.sentence}: {self.advice}" if self.advice else self.sentence
        return text if text.endswith("?") else f"{text}."


def ok(name: str, sentence: str, **measured: Figure) -> Finding:
    """All is well."""
    return Finding(name, Verdict.OK, sentence, measured=measured)


def warning(name: str, sentence: str, advice: str, **measured: Figure) -> Finding:
    """It works, but not as well as it could."""
    return Finding(name, Verdict.WARNING, sentence, advice, measured)


def problem(name: str, sentence: str, advice: str, **measured: Figure) -> Finding:
    """Somebody cannot talk, or cannot hear, until this is mended."""
    return Finding(name, Verdict.PROBLEM, sentence, advice, measured)


def skipped(names: str | Iterable[str], because: str) -> list[Finding]:
    """What was not looked at, one for each name."""
    listed = [names] if isinstance(names, str) else names
    return [Finding(name, Verdict.SKIPPED, f"Skipped, because {because}") for name in listed]


def failed(name: str, error: PttError) -> Finding:
    """A problem in the words of an error of ours: what is wrong, a colon, what to do."""
    return problem(name, *parted(str(error)))


def parted(text: str) -> tuple[str, str]:
    """What is wrong and what to do; names of devices may have colons of their own."""
    parts = _LAST_COLON.split(text.removesuffix("."), maxsplit=1)
    return (parts[0], parts[1]) if len(parts) > 1 else (parts[0], "")


def worst(findings: Iterable[Finding]) -> Verdict:
    """Problem before warning before ok; what was skipped does not count."""
    verdicts = {finding.verdict for finding in findings}
    order = (Verdict.PROBLEM, Verdict.WARNING)
    return next((verdict for verdict in order if verdict in verdicts), Verdict.OK)
