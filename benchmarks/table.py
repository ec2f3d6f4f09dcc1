"""Answers of benchmarks: a table and a picture for people, a JSON file for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median, quantiles

from rich.console import Console
from rich.table import Table

OUT = Path("out/bench")
WIDTH, HEAD, ROW_HEIGHT = 9.0, 1.1, 0.35  # inches
BAR, RANGE = "#4878a8", "#202020"


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure measured several times: the middle, the extremes, and how often."""

    median: float
    p95: float
    least: float
    most: float
    times: int


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an answer."""

    what: str
    figure: Spread


@dataclass(frozen=True, slots=True)
class Answer:
    """What a benchmark found out; `unit` names the figures' unit."""

    name: str
    unit: str
    rows: list[Row]

    def show(self) -> None:
        """Print the table and write out/bench/NAME.json and NAME.png."""
        table = Table(title=f"{self.name}: {self.unit}", title_justify="left")
        for heading in ("", "median", "p95", "least", "most", "n"):
            table.add_column(heading, justify="left" if heading == "" else "right")
        for row in self.rows:
            figures = (row.figure.median, row.figure.p95, row.figure.least, row.figure.most)
            table.add_row(row.what, *(f"{f:.2f}" for f in figures), str(row.figure.times))
        Console(width=100).print(table)
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / f"{self.name}.json").write_text(json.dumps(asdict(self), indent=1) + "\n")
        self.draw(OUT / f"{self.name}.png")

    def draw(self, path: Path) -> None:
        """A bar from nothing to each median, and a line from the least to the most."""
        import matplotlib as mpl  # a second to import, and only needed here

        mpl.use("Agg")
        from matplotlib import pyplot as plt

        figures = [row.figure for row in self.rows]
        places = range(len(figures))
        picture, axes = plt.subplots(figsize=(WIDTH, HEAD + ROW_HEIGHT * len(figures)))
        axes.barh(places, [figure.median for figure in figures], color=BAR, height=0.6)
        axes.hlines(places, [f.least for f in figures], [f.most for f in figures], color=RANGE)
        axes.set_yticks(places, [row.what for row in self.rows])
        axes.invert_yaxis()
        axes.set_title(f"{self.name}: {self.unit}", loc="left")
        axes.spines[["top", "right"]].set_visible(False)
        picture.savefig(path, bbox_inches="tight", dpi=100)
        plt.close(picture)


def spread(figures: Sequence[float]) -> Spread:
    """The spread of at least one figure."""
    p95 = quantiles(figures, n=20)[-1] if len(figures) > 1 else figures[0]
    return Spread(median(figures), min(p95, max(figures)), min(figures), max(figures), len(figures))
