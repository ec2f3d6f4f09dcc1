"""What does a delivered packet cost the floor server, beside other relays and a lower bound?

CPU microseconds of the relay's process per datagram that a listener received, over loopback in a
network of its own: as fast as the listeners take it, and at the pace of speech. Ours protects voice
once for all listeners, Murmur (Debian's mumble-server) for each listener; SvxReflector has no keys
and only one channel; the bound (fan_out_bound.c) does nothing but recv and sendmmsg, without keys.
All relays run beside each other and take turns; medians, and the spread between rounds. Ratios are
of the same round. Of a second of speech: ours in packets as long as it advises for that channel.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks import fan_out_picture
from benchmarks.fan_out_case import CASES, RELAYS, Figures
from benchmarks.own_network import run_on_loopback
from benchmarks.table import Answer, Row, spread

# Implementation
PACKAGES = {"Murmur": "mumble-server", "SvxReflector": "svxreflector"}
UNITS = {
    "us": "us a packet",
    "us/s": "us a listener and second",
    "ms": "ms until the last has it",
    "KB": "KB a client",
}


@dataclass(frozen=True, slots=True)
class FanOut(Answer):
    """All rounds of all relays in all cases, too."""

    cases: dict[str, Figures]

    def draw(self, path: Path) -> None:
        """Write the picture."""
        fan_out_picture.draw(self.cases, path)


def main() -> Answer:
    """Measure each case and return the table."""
    for name, package in PACKAGES.items():
        if name not in RELAYS:
            print(f"  {name} is left out: it is not here, install Debian's {package}.")
    cases = {case: _measure(case) for case in CASES}
    rows = [row for case, figures in cases.items() for row in _rows(case, figures)]
    return FanOut("fan_out", "what a delivered packet costs a relay (ratios: x)", rows, cases)


def _measure(case: str) -> Figures:
    print(f"  {case}", flush=True)
    figures: Figures = json.loads(run_on_loopback("benchmarks.fan_out_case", case))
    return figures


def _rows(case: str, figures: Figures) -> Iterator[Row]:
    for unit, name in UNITS.items():
        relays = figures.get(unit, {})
        for relay in [relay for relay in RELAYS if relay in relays]:
            yield Row(f"{case}: {relay}, {name}", spread(relays[relay]))
        for relay in [relay for relay in RELAYS if relay in relays and relay != "ptt"]:
            pairs = zip(relays["ptt"], relays[relay], strict=True)
            yield Row(f"{case}: ptt / {relay}, x {unit}", spread([a / b for a, b in pairs]))


if __name__ == "__main__":
    main().show()
