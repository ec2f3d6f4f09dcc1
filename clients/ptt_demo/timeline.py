"""The conversation as a picture: who had the floor, who waited, how loud each listener heard it.

marks (what happened when) --spans()--> bars --draw()--> PNG
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ptt_demo.measure import Sound, loudness

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TALKS, EMERGENCY, HEARD, OUTLINE = "#2e7d4f", "#c0392b", "#5b8aa6", "#44606e"


class What(Enum):
    """What can happen to one person."""

    PRESSED = "presses"
    GRANTED = "has the floor"
    QUEUED = "waits"
    DENIED = "is denied"
    REVOKED = "loses the floor"
    RELEASED = "lets go"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that happened; `at` in seconds since the conversation began."""

    at: float
    person: str
    what: What
    emergency: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A person waited or talked from `start` to `end` (seconds)."""

    person: str
    start: float
    end: float
    talks: bool
    emergency: bool = False
    cut: bool = False


def spans(marks: Sequence[Mark], until: float) -> list[Span]:
    """The bars of the picture; what is still open ends at `until`."""
    running: dict[str, Span] = {}
    done: list[Span] = []

    def close(person: str, at: float, *, cut: bool = False) -> None:
        if span := running.pop(person, None):
            done.append(
                Span(person, span.start, at, talks=span.talks, emergency=span.emergency, cut=cut)
            )

    for mark in marks:
        match mark.what:
            case What.QUEUED if mark.person not in running:
                running[mark.person] = Span(mark.person, mark.at, until, talks=False)
            case What.GRANTED:
                close(mark.person, mark.at)
                running[mark.person] = Span(
                    mark.person, mark.at, until, talks=True, emergency=mark.emergency
                )
            case What.RELEASED | What.DENIED | What.REVOKED:
                close(mark.person, mark.at, cut=mark.what is What.REVOKED)
            case _:
                pass
    for person in list(running):
        close(person, until)
    return sorted(done, key=lambda span: span.start)


def draw(
    path: Path, people: Sequence[str], bars: Sequence[Span], heard: Mapping[str, Sound], rate: int
) -> None:
    """Write the picture: one lane a person; `heard` is what each heard from second 0 on."""
    import matplotlib as mpl  # a second to import, and only needed here

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    heights = [0.5 * len(people)] + [1.0] * len(people)
    figure, (floor, *meters) = plt.subplots(
        len(heights),
        sharex=True,
        figsize=(13, 2.4 + 1.3 * len(people)),
        height_ratios=heights,
        layout="constrained",
    )
    _draw_floor(floor, people, bars)
    for axis, person in zip(meters, people, strict=True):
        _draw_meter(axis, person, loudness(heard[person], rate))
    meters[-1].set_xlabel("seconds")
    figure.savefig(path, dpi=100)
    plt.close(figure)


def _draw_floor(axis: "Axes", people: Sequence[str], bars: Sequence[Span]) -> None:
    lanes = {person: lane for lane, person in enumerate(reversed(people))}
    for bar in bars:
        span, lane = (bar.start, max(bar.end - bar.start, 0.03)), lanes[bar.person]
        axis.broken_barh([span], (lane + 0.2, 0.6), **_look(bar))
        if bar.cut:
            axis.text(bar.end, lane + 0.5, " cut", va="center", color=EMERGENCY)
    axis.set_yticks([lane + 0.5 for lane in lanes.values()], list(lanes))
    axis.set_ylim(0, len(people))
    axis.set_title("Who had the floor, who waited, and what each of them heard", loc="left")
    _legend(axis)


def _look(bar: Span) -> dict[str, Any]:
    if not bar.talks:
        return {"facecolor": "white", "edgecolor": OUTLINE, "hatch": "////"}
    return {"facecolor": EMERGENCY if bar.emergency else TALKS, "edgecolor": OUTLINE}


def _legend(axis: "Axes") -> None:
    from matplotlib.patches import Patch

    patches = [
        Patch(facecolor=TALKS, label="talks"),
        Patch(facecolor=EMERGENCY, label="talks, emergency"),
        Patch(facecolor="white", edgecolor=OUTLINE, hatch="////", label="waits"),
    ]
    axis.legend(handles=patches, loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)


def _draw_meter(axis: "Axes", person: str, levels: Sound) -> None:
    axis.fill_between(np.arange(len(levels)) * 0.05, -60, levels, color=HEARD, linewidth=0)
    axis.set_ylim(-60, 0)
    axis.set_ylabel(f"{person} hears\ndBFS")
