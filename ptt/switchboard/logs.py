"""One JSON object a line on stdout for every event; no keys, no voice, no text of users.

Floods are folded: of each kind and source at most one line in a minute, with the number of those
left out. A line for which the disk has no room, or that nobody reads any more, stops nobody: the
next ones say how many there were, as `unwritten`.
"""

import json
import logging
import os
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any, TextIO, cast

import structlog

FOLD_INTERVAL = 60.0  # s
MAX_SOURCES = 1000  # remembered at once

Log = Any  # structlog's bound logger makes its methods at run time


def make_log() -> Log:
    """The daemon's log: `log.info("event", key=value)`."""
    lines = _PatientLines(sys.stdout)
    return structlog.wrap_logger(
        structlog.WriteLogger(cast("TextIO", lines)),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            lines.say_unwritten,
            structlog.processors.JSONRenderer(serializer=_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger("info"),
        context_class=dict,
    )


def give_up_unwritten() -> None:
    """At the end: what still cannot be written is no failure of the program."""
    try:
        sys.stdout.flush()
    except OSError:  # Python would try once more, complain, and exit with 120
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _PatientLines:
    """A text stream that takes what it can and counts what it cannot."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._unwritten = 0

    def write(self, line: str) -> None:
        """One line, at once."""
        try:
            self._out.write(line)
            self._out.flush()
        except OSError:
            self._unwritten += 1
        else:
            self._unwritten = 0

    def flush(self) -> None:
        """Nothing waits here."""

    def say_unwritten(
        self, _logger: object, _method: str, entry: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """A step on the way to a line: how many before it could not be written when due."""
        if self._unwritten:
            entry["unwritten"] = self._unwritten
        return entry


def _to_json(entry: object, **_options: object) -> str:
    # Escaped beyond ASCII: no line separator of any kind can split a line.
    return json.dumps(entry, ensure_ascii=True, default=str)


class Folding:
    """Decides which of many equal events are worth a line. `now` in seconds."""

    def __init__(self) -> None:
        self._last: dict[tuple[str, str], float] = {}
        self._left_out: dict[tuple[str, str], int] = {}

    def admit(self, kind: str, source: str, now: float) -> int | None:
        """How many like it were left out before this one; None: leave this out too."""
        key = (kind, source)
        if key not in self._last and len(self._last) >= MAX_SOURCES:
            key = (kind, "")  # too many sources: fold them all into one
        if now < self._last.get(key, -FOLD_INTERVAL) + FOLD_INTERVAL:
            self._left_out[key] = self._left_out.get(key, 0) + 1
            return None
        self._forget(now)
        self._last[key] = now
        return self._left_out.pop(key, 0)

    def _forget(self, now: float) -> None:
        if len(self._last) < MAX_SOURCES:
            return
        old = [key for key, last in self._last.items() if now > last + FOLD_INTERVAL]
        for key in old:
            del self._last[key]
            self._left_out.pop(key, None)


class FoldedLog:
    """Writes warnings that somebody else can cause in any number."""

    def __init__(self, log: Log, clock: Callable[[], float]) -> None:
        self._log = log
        self._clock = clock
        self._folding = Folding()

    def warning(self, event: str, source: str, **facts: object) -> None:
        """A line about `source`, unless there was one like it a moment ago."""
        left_out = self._folding.admit(event, source, self._clock())
        if left_out is not None:
            self._log.warning(event, source=source, left_out=left_out, **facts)


def stdlib_logger(name: str) -> logging.Logger:
    """A logger of the standard library whose warnings come out as lines of ours, folded."""
    logger = logging.getLogger(name)
    if not logger.handlers:
        logger.addHandler(_ToJson(logging.WARNING))
        logger.propagate = False
    return logger


class _ToJson(logging.Handler):
    """What a library says of strangers, they can make it say as often as they like."""

    def __init__(self, level: int) -> None:
        super().__init__(level)
        self._folding = Folding()

    def emit(self, record: logging.LogRecord) -> None:
        left_out = self._folding.admit(record.name, str(record.msg), time.monotonic())
        if left_out is not None:
            facts = {"message": record.getMessage(), "exc_info": record.exc_info}
            make_log().warning(record.name, left_out=left_out, **facts)
