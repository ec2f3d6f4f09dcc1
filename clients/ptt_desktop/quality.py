"""How good the network is for talking: one word, and a number to draw. Pure.

Each figure is judged by itself, and the worst decides: a person can be told which it was.
"""

from enum import Enum


class Grade(Enum):
    """What a person hears: nothing amiss, something, sentences that must be repeated, silence."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    NONE = "none"


# Implementation: where GOOD ends, where FAIR ends. What is good: Cisco's design guide for voice
# asks for no more than 1 % of loss, 30 ms of jitter and 150 ms one way.
LOSS = (0.01, 0.08)  # from 1 % on packets carry two copies of former frames, from 8 % on three
JITTER = (0.030, 0.100)  # s; five frames: what the jitter buffer must add is noticed by itself
DELAY = (0.150, 0.400)  # s; ITU-T G.114: up to 150 ms unnoticed, more than 400 ms not acceptable

_BANDS = ((2 / 3, 1.0), (1 / 3, 2 / 3), (0.0, 1 / 3))  # of the score, for GOOD, FAIR and POOR
_LEAST = 0.02  # of the score, as long as anything is heard at all


def judged(loss: float, jitter: float, delay: float, rtt: float | None) -> Grade:
    """The word. loss is 0..1, all others in seconds; without an rtt nothing is known."""
    if rtt is None:
        return Grade.NONE
    worst = score(loss, jitter, delay, rtt)
    if worst > _BANDS[0][0]:
        return Grade.GOOD
    return Grade.FAIR if worst > _BANDS[1][0] else Grade.POOR


def score(loss: float, jitter: float, delay: float, rtt: float | None) -> float:
    """1 is perfect, each third of it a grade, 0 is no connection.

    delay: how long voice is held back here; half of rtt is added for the way.
    """
    if rtt is None:
        return 0.0
    way = delay + rtt / 2
    figures = ((loss, LOSS), (jitter, JITTER), (way, DELAY))
    return max(_LEAST, min(_share(figure, limits) for figure, limits in figures))


def _share(figure: float, limits: tuple[float, float]) -> float:
    """Straight lines through the limits; three times what is fair is nothing."""
    ends = (0.0, *limits, 3 * limits[1])
    for (low, high), start, end in zip(_BANDS, ends, ends[1:], strict=False):
        if figure < end:
            return high - (high - low) * (figure - start) / (end - start)
    return 0.0
