"""What the floor ring shows, as values that can be compared. Pure but for the names of signs."""

from dataclasses import dataclass
from enum import Enum, auto

from ptt_desktop.theme import Colours

# Implementation
NEARLY_OVER = 0.1  # of the talk time
STEPS = 720  # of a whole ring; more than a ring of 220 pixels can show


class Floor(Enum):
    """Whose the floor is, as far as the ring knows."""

    FREE = auto()
    ASKING = auto()
    QUEUED = auto()
    TALKER = auto()
    MINE = auto()
    EMERGENCY = auto()
    REPLAY = auto()
    UNAVAILABLE = auto()


@dataclass(frozen=True, slots=True)
class Picture:
    """Two equal ones look the same.

    title: the name, large; steps: of STEPS, how much of the ring is left, None for no limit.
    """

    floor: Floor
    title: str
    detail: str = ""
    left_text: str = ""
    steps: int | None = None

    @property
    def share_left(self) -> float:
        """1 to 0; without a limit all is left."""
        return 1.0 if self.steps is None else self.steps / STEPS

    @property
    def nearly_over(self) -> bool:
        """Whether it is time to come to an end."""
        return self.steps is not None and self.share_left <= NEARLY_OVER


def steps(share_left: float | None) -> int | None:
    """The share as the ring can show it."""
    return None if share_left is None else round(STEPS * min(max(share_left, 0.0), 1.0))


def sign(floor: Floor) -> str:
    """The name of the symbol: what tells states apart without colour."""
    match floor:
        case Floor.FREE:
            return "done"
        case Floor.ASKING:
            return "asking"
        case Floor.QUEUED:
            return "queued"
        case Floor.TALKER:
            return "talking"
        case Floor.MINE:
            return "microphone"
        case Floor.EMERGENCY:
            return "emergency"
        case Floor.REPLAY:
            return "replay"
        case Floor.UNAVAILABLE:
            return "warning"


def colour(floor: Floor, those: Colours) -> str:
    """Of the arc and the sign."""
    match floor:
        case Floor.FREE | Floor.UNAVAILABLE:
            return those.soft_text
        case Floor.ASKING | Floor.REPLAY:
            return those.accent
        case Floor.QUEUED:
            return those.waiting
        case Floor.TALKER:
            return those.talking
        case Floor.MINE:
            return those.mine
        case Floor.EMERGENCY:
            return those.refused
