"""Does the server stay the same for half an hour of ten times what people do?

A real `pttd` with its floor server in a network of its own, 200 light clients in channels of ten.
In each channel a burst of three seconds begins every six; all the time connections are cut and made
anew, people leave and join, guests are invited and removed. Once in ten seconds memory, descriptors
and threads of both processes and the size of the database are read; the clients watch that never
two hold a floor, that all agree who talks, and that no voice comes without its Floor Taken.

`make soak` (SECONDS=1800 CLIENTS=200), or `python -m benchmarks soak`; not among the questions of
`make bench`. Fails if a bound is broken.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import linear_regression

from benchmarks.own_network import run_apart
from benchmarks.table import Answer, Row, Spread, spread

SECONDS, CLIENTS = 1800.0, 200
WARM_UP = 1 / 3  # of the time; memory and descriptors count from there on
WINDOW = 200.0  # s
MEMORY_SLOPE = 1.0  # MiB/h
MIB = 1 << 20
DATABASE = 8.0  # MB with its log of what is written ahead
LOST = 0.1  # percent
PATIENCE = 120.0  # s beyond the time itself

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Soak:
    """What was seen: samples over time, and counts of the whole."""

    samples: Sequence[Figures]
    counts: Figures

    def series(self, what: str) -> list[float]:
        """One figure over time, after the warm-up."""
        return [sample[what] for sample in self._settled]

    def slope(self, what: str) -> float:
        """By how much it grows in an hour, after the warm-up.

        What connections leave behind is looked for when a hundred have ended: memory goes up and
        down by 3 MB in a few minutes. So it is the least of each WINDOW that counts.
        """
        least: dict[int, tuple[float, float]] = {}
        for sample in self._settled:
            window, low = int(sample["at"] / WINDOW), (sample[what], sample["at"] / 3600)
            least[window] = min(low, least.get(window, low))
        figures, times = zip(*least.values(), strict=True)
        return linear_regression(times, figures).slope if len(times) > 1 else 0.0

    def thirds(self, what: str) -> tuple[Spread, Spread]:
        """The figure in the first and in the last third of the time."""
        figures = [sample[what] for sample in self.samples]
        third = max(len(figures) // 3, 1)
        return spread(figures[:third]), spread(figures[-third:])

    @property
    def _settled(self) -> Sequence[Figures]:
        return self.samples[round(len(self.samples) * WARM_UP) :]


def main(seconds: float = SECONDS, clients: int = CLIENTS) -> Answer:
    """Soak and return the table; raises SystemExit with what is broken."""
    printed = run_apart(
        "benchmarks.soak_run", str(seconds), str(clients), patience=seconds + PATIENCE
    )
    soak = Soak(**json.loads(printed))
    answer = Answer("soak", "each line says its unit", rows(soak))
    if broken := broken_bounds(soak):
        answer.show()
        raise SystemExit("Broken: " + "; ".join(broken))
    return answer


def rows(soak: Soak) -> list[Row]:
    """First and last third of each figure, how memory grows, and the counts."""
    found = []
    for what in soak.samples[0]:
        if what != "at":
            first, last = soak.thirds(what)
            found += [Row(f"{what}, first third", first), Row(f"{what}, last third", last)]
    found += [
        Row(f"{what.removesuffix(', MB')} grows, MiB/h", spread([_mib_per_hour(soak, what)]))
        for what in _memory(soak)
    ]
    return found + [Row(what, spread([figure])) for what, figure in sorted(soak.counts.items())]


def broken_bounds(soak: Soak) -> list[str]:
    """What must not be and is, in words."""
    return [what for what, holds in _BOUNDS.items() if not holds(soak)]


def _memory(soak: Soak) -> list[str]:
    return [what for what in soak.samples[0] if "RSS" in what]


def _mib_per_hour(soak: Soak, what: str) -> float:
    return soak.slope(what) * 1e6 / MIB


def _is_constant(soak: Soak, what: str) -> bool:
    """Reconnecting clients are missing, a thread works, for a moment: the medians count."""
    named = [name for name in soak.samples[0] if what in name]
    thirds = [soak.thirds(name) for name in named]
    return all(last.median <= first.median for first, last in thirds)


def _loss(soak: Soak) -> float:
    return 100 * soak.counts["packets lost"] / soak.counts["packets expected"]


_BOUNDS: dict[str, Callable[[Soak], bool]] = {
    f"memory grows by more than {MEMORY_SLOPE:g} MiB/h": lambda soak: all(
        _mib_per_hour(soak, what) <= MEMORY_SLOPE for what in _memory(soak)
    ),
    "there are more descriptors than at the beginning": lambda soak: _is_constant(
        soak, "descriptors"
    ),
    "there are more threads than at the beginning": lambda soak: _is_constant(soak, "threads"),
    "descriptors or threads stay behind": lambda soak: (
        not any(figure > 0 for what, figure in soak.counts.items() if what.endswith("left behind"))
    ),
    f"the database is larger than {DATABASE:g} MB": lambda soak: all(
        size <= DATABASE for size in soak.series("database, MB")
    ),
    "errors were logged": lambda soak: soak.counts["errors logged"] == 0,
    f"more than {LOST:g} % of the packets are lost": lambda soak: _loss(soak) <= LOST,
    "a packet could not be opened": lambda soak: not soak.counts.get("packets not opened"),
    "clients saw what must never be": lambda soak: (
        not any(what.startswith("broken") for what in soak.counts)
    ),
}


if __name__ == "__main__":
    main(*(float(sys.argv[1]), int(sys.argv[2])) if sys.argv[1:] else ()).show()
