r"""When to tell by a tone that the connection is lost, and that it is back. Pure.

    up --down--> doubtful --1 s--> down (LOST) --up--> up (BACK)
                    \--up--> up, nothing is told

A floor server that was restarted is back within half a second; that is no news, and neither are
the many attempts within one outage.
"""

from math import inf

from ptt.media.tones import Tone

# Implementation
GRACE = 1.0  # s that an outage may last before it is told; a restart takes less than half of it


class Outage:
    """What is known of the connection, as the person hears it."""

    def __init__(self) -> None:
        self._was_up = False
        self._since = inf
        self._told = False

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return inf if self._told else self._since + GRACE

    def note(self, up: bool, now: float) -> list[Tone]:
        """Whether the person can be heard and can hear; as often as one likes."""
        if not up:
            self._since = min(self._since, now) if self._was_up else inf
            return []
        tones = [Tone.BACK] if self._told and now >= self._since + GRACE else []
        self._was_up, self._since, self._told = True, inf, False
        return tones

    def note_told(self) -> None:
        """A burst was cut by this outage, and LOST has said so at once."""
        self._told = self._since != inf

    def handle_deadline(self, now: float) -> list[Tone]:
        """It lasts."""
        if now < self.deadline:
            return []
        self._told = True
        return [Tone.LOST]
