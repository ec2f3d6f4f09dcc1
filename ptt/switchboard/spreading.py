"""Which floor server carries which channel.

A channel goes where the fewest members are, then the fewest channels: when it is made, and once
more whenever its first member comes in, since only then it costs anything. One that is in use
stays where it is, unless its floor server is away for longer than a restart takes. Pure: decides
and counts; state.py tells those concerned.
"""

from math import inf

from ptt.errors import LocalProtocolError

# Implementation
PATIENCE = 3.0  # s that channels wait for their floor server; a restart takes half a second


class Spreading:
    """`amount` floor servers, numbered from 0. `ports`: UDP ports of those that are ready."""

    def __init__(self, amount: int) -> None:
        self.ports: dict[int, int] = {}
        self._amount = amount
        self._members = [0] * amount
        self._channels = [0] * amount
        self._given_up_at: dict[int, float] = {}

    @property
    def is_complete(self) -> bool:
        """Whether all of them are ready."""
        return len(self.ports) == self._amount

    @property
    def deadline(self) -> float:
        """When `given_up` wants to be asked; inf if never."""
        return min(self._given_up_at.values(), default=inf) if self.ports else inf

    def open(self, number: int, port: int) -> None:
        """This one is ready; raises LocalProtocolError if it was."""
        if number in self.ports:
            raise LocalProtocolError(f"there is already a floor server {number}")
        self.ports[number] = port
        self._given_up_at.pop(number, None)

    def close(self, number: int, now: float) -> None:
        """This one is gone."""
        del self.ports[number]
        self._given_up_at[number] = now + PATIENCE

    def given_up(self, now: float) -> list[int]:
        """Those whose channels wait no longer; with nobody to take them over, they do."""
        if not self.ports:
            return []
        due = [number for number, at in self._given_up_at.items() if now >= at]
        for number in due:
            del self._given_up_at[number]
        return due

    def place(self, members: int = 0, *, stay_at: int | None = None) -> int:
        """Where a channel with so many members goes; it counts there from now on.

        `stay_at` is preferred to others with the same load.
        """

        def load(number: int) -> tuple[int, int, bool, int]:
            return self._members[number], self._channels[number], number != stay_at, number

        number = min(self.ports or range(self._amount), key=load)
        self._channels[number] += 1
        self._members[number] += members
        return number

    def remove(self, number: int, members: int = 0) -> None:
        """A channel with so many members is no longer with this one."""
        self._channels[number] -= 1
        self._members[number] -= members

    def change_members(self, number: int, change: int) -> None:
        """So many came into (or, below 0, left) a channel that is with this one."""
        self._members[number] += change
