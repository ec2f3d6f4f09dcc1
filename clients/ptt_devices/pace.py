"""Tells new sound from old after a time in which nothing ran: machine asleep, program stopped.

Then a device, or the sound server, hands over what it had kept faster than anybody could have said
it. Pure: `now` is seconds of a clock that goes on while the machine sleeps.
"""

# Implementation
STOOD_STILL = 0.5  # s without a block; longer than what a queue of the program holds
LIVE = 0.005  # s between two blocks of 10 ms: what comes faster was kept


class Pace:
    """Of one stream's blocks."""

    def __init__(self) -> None:
        self._before: float | None = None
        self._catches_up = False

    def restart(self) -> None:
        """A new stream begins: no time was lost before its first block."""
        self._before = None
        self._catches_up = False

    def stood_still(self, now: float) -> bool:
        """To be called with every block: whether what came before it is history."""
        interval = 0.0 if self._before is None else now - self._before
        stood_still = interval > STOOD_STILL
        self._catches_up = stood_still or (self._catches_up and interval < LIVE)
        self._before = now
        return stood_still

    @property
    def catches_up(self) -> bool:
        """Whether the block that came last is history as well."""
        return self._catches_up
