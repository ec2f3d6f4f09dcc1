"""Whether the microphone is wanted, from all keys, buttons and commands together. Pure.

            press                 all up within 200 ms
    OFF ------------> HELD ---------------------------> LATCHED
     ^                 | ^ <---------------------------   |
     |   all up        v |          press                 |
     +--- 150 ms --- ENDING                               |
     ^-- ended: denied, revoked, limit; from any state ---+

A hand holds to talk, or taps once to talk and once more to end. Each source is counted by
itself, and a source that is lost counts as up. Only a burst that a tap began can latch: not one
that goes on after a re-press (a pedal that bounces), nor one that a second tap ends.

Does not ask for the floor: see presses.py.
"""

from dataclasses import dataclass
from enum import Enum, auto
from math import inf

# Implementation
LATCH = 0.200  # s; Clear-Com's beltpacks tell a tap from a hold by it
RELEASE_DELAY = 0.150  # s; others use 100 to 200, and those without one cut last syllables


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """What a person may change.

    latch: seconds within which a press is a tap, 0 for none; release_delay: seconds that the
    microphone stays open after the last key came up.
    """

    latch: float = LATCH
    release_delay: float = RELEASE_DELAY


@dataclass(frozen=True, slots=True)
class Press:
    """Ask for the floor."""

    emergency: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Give it back."""


Order = Press | Release


class Position(Enum):
    """Where the switch stands."""

    OFF = auto()
    HELD = auto()
    LATCHED = auto()
    ENDING = auto()  # all keys are up, the release delay runs


class TalkSwitch:
    """Times are Trio's, in seconds. `settings` may be replaced at any time."""

    def __init__(self, settings: SwitchSettings | None = None) -> None:
        self.settings = settings or SwitchSettings()
        self.position = Position.OFF
        self._down: set[str] = set()
        self._ignored: set[str] = set()  # still down after the floor ended their burst
        self._emergency = False
        self._latched_by = ""
        self._tap_until = -inf  # all keys up before this latches
        self._off_at = inf

    @property
    def wanted(self) -> bool:
        """Whether the microphone is wanted."""
        return self.position is not Position.OFF

    @property
    def held(self) -> frozenset[str]:
        """The sources that are down and count."""
        return frozenset(self._down - self._ignored)

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return self._off_at

    def press(
        self, source: str, now: float, emergency: bool = False, *, latches: bool = True
    ) -> list[Order]:
        """A source went down; one that is down already changes nothing.

        latches: whether it may be a tap.
        """
        if source in self._down:
            return []
        self._down.add(source)
        orders: list[Order] = []
        if emergency and self.wanted and not self._emergency:
            orders += self._off()
        if not self.wanted:
            self._emergency = emergency
            self._tap_until = now + self.settings.latch if latches else -inf
            orders.append(Press(emergency))
        elif self.position is not Position.HELD or not latches:
            self._tap_until = -inf
        self.position, self._off_at = Position.HELD, inf
        return orders

    def release(self, source: str, now: float) -> list[Order]:
        """A source went up. From one that was not down (`ptt release`) it ends a latch."""
        if source not in self._down:
            return self._end(now) if self.position is Position.LATCHED else []
        return self._up(source, now, tap_until=self._tap_until)

    def tap(self, source: str, now: float, emergency: bool = False) -> list[Order]:
        """A source that tells no ups: it latches whatever the settings, or ends what goes on."""
        orders = self.press(source, now, emergency)
        return orders + self._up(source, now, tap_until=inf if orders else -inf)

    def lose(self, source: str, now: float) -> list[Order]:
        """A source is gone: it is up, no hand did it, and a latch of its making ends."""
        if self.position is Position.LATCHED and source == self._latched_by:
            return self._end(now)
        return self._up(source, now, tap_until=-inf) if source in self._down else []

    def ended(self, now: float) -> list[Order]:
        """The floor ended the burst: what is down must come up before it counts again."""
        del now
        self._ignored = set(self._down)
        return self._off() if self.wanted else []

    def interrupted(self, now: float) -> list[Order]:
        """The connection is gone: what a hand holds goes on with the next one, a latch does not."""
        return self.ended(now) if self.wanted and not self.held else []

    def handle_deadline(self, now: float) -> list[Order]:
        """The release delay may be over."""
        return self._off() if now >= self._off_at else []

    def _up(self, source: str, now: float, *, tap_until: float) -> list[Order]:
        self._down.discard(source)
        self._ignored.discard(source)
        if self.held or self.position is not Position.HELD:
            return []
        if now < tap_until:
            self.position, self._latched_by = Position.LATCHED, source
            return []
        return self._end(now)

    def _end(self, now: float) -> list[Order]:
        if self.settings.release_delay <= 0.0:
            return self._off()
        self.position = Position.ENDING
        self._off_at = now + self.settings.release_delay
        return []

    def _off(self) -> list[Order]:
        self.position, self._off_at = Position.OFF, inf
        return [Release()]
