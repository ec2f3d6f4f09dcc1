"""How the window, which lives in Qt's slots, has something done in Trio's world."""

from collections.abc import Awaitable, Callable
from typing import Protocol


class Tasks(Protocol):
    """Both come back at once, and may be called before Trio runs: what was asked for is kept."""

    def call(self, function: Callable[[], object]) -> None:
        """Call it soon, where `trio.current_time()` and the client can be used."""
        ...

    def start(self, task: Callable[[], Awaitable[object]]) -> None:
        """Start it as a task of its own; the person is told of its PttError."""
        ...
