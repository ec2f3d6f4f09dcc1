"""Draws fan_out: bars for each case and relay, a line from the least to the most of its rounds."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.fan_out_case import Figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Implementation
SIZE = (12.0, 8.0)  # inches
BAR = 0.2  # of the place that a case has
COLOURS = {"ptt": "#4878a8", "C bound": "#909090", "Murmur": "#c07840", "SvxReflector": "#70a070"}
RANGE = "#202020"
TITLES = {
    "us": "CPU, us a delivered packet",
    "us/s": "CPU, us a listener and second of speech",
    "ms": "ms until the last listener has a packet",
    "KB": "KB a client",
}

Bar = tuple[str, str, list[float]]  # case, relay, rounds


def draw(cases: Mapping[str, Figures], path: Path) -> None:
    """Write the picture; each unit has axes of its own."""
    import matplotlib as mpl  # a second to import, and only needed here

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.patches import Patch

    bars = {unit: list(_bars(cases, unit)) for unit in TITLES}
    heights = [max(len(some), 2) for some in bars.values()]
    picture, all_axes = plt.subplots(
        len(TITLES), figsize=SIZE, height_ratios=heights, layout="constrained"
    )
    for axes, (unit, some) in zip(all_axes, bars.items(), strict=True):
        _draw_bars(axes, some)
        axes.set_title(f"fan_out: {TITLES[unit]}", loc="left", fontsize="medium")
    handles = [Patch(color=colour) for colour in COLOURS.values()]
    picture.legend(handles, list(COLOURS), loc="outside upper right", ncols=len(COLOURS))
    picture.savefig(path, dpi=100)
    plt.close(picture)


def _bars(cases: Mapping[str, Figures], unit: str) -> Iterator[Bar]:
    for case, figures in cases.items():
        for relay in COLOURS:
            if relay in figures.get(unit, {}):
                yield case, relay, figures[unit][relay]


def _draw_bars(axes: "Axes", bars: list[Bar]) -> None:
    names = list(dict.fromkeys(case for case, _, _ in bars))
    for case, relay, rounds in bars:
        place = names.index(case) + BAR * (list(COLOURS).index(relay) - 1.5)
        axes.barh(place, median(rounds), color=COLOURS[relay], height=BAR)
        axes.hlines(place, min(rounds), max(rounds), color=RANGE, linewidth=1)
        axes.annotate(f" {median(rounds):.3g}", (max(rounds), place), va="center", fontsize=7)
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.margins(x=0.08)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
