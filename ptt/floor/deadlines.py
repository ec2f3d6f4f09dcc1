"""The running timers of one state machine, as plain numbers."""

from collections.abc import Hashable
from math import inf
from typing import Generic, TypeVar

TimerName = TypeVar("TimerName", bound=Hashable)


class Deadlines(Generic[TimerName]):
    """Named points in time; nobody is called back, the owner asks."""

    def __init__(self) -> None:
        self._at: dict[TimerName, float] = {}

    def start(self, timer: TimerName, at: float) -> None:
        """Let `timer` expire at that time, whatever it was set to before."""
        self._at[timer] = at

    def stop(self, *timers: TimerName) -> None:
        """Forget these; one that does not run is no error."""
        for timer in timers:
            self._at.pop(timer, None)

    def at(self, timer: TimerName, otherwise: float) -> float:
        """When `timer` expires, or `otherwise` if it does not run."""
        return self._at.get(timer, otherwise)

    @property
    def next(self) -> float:
        """When the earliest timer expires; infinity when none is running."""
        return min(self._at.values(), default=inf)

    def pop_next(self, now: float) -> TimerName | None:
        """Take out the earliest expired timer, None if there is none.

        One at a time, so that what the first one causes may stop or start the others.
        """
        if self.next > now:
            return None
        timer = min(self._at, key=self._at.__getitem__)
        self.stop(timer)
        return timer
