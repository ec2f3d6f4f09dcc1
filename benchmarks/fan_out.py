"""What does a delivered packet cost the floor server, beside other relays and a lower bound?

CPU microseconds of the relay's process per datagram that a listener received, over loopback in a
network of its own: as fast as the listeners take it, and at the pace of speech. Ours protects voice
once for all listeners, Murmur (Debian's mumble-server) for each listener; SvxReflector has no keys
and only one channel; the bound (fan_out_bound.c) does nothing but recv and sendmmsg, without keys.
All relays run beside each other and take turns; medians, and the spread between rounds. Ratios are
of the same round.
"""

import json
from collections.abc import Iterator

from benchmarks.fan_out_case import CASES, RELAYS, Figures
from benchmarks.own_network import run_on_loopback
from benchmarks.table import Answer, Row, spread

# Implementation
PACKAGES = {"Murmur": "mumble-server", "SvxReflector": "svxreflector"}
UNITS = {
    "us": "us a packet",
    "ms": "ms until the last has it",
    "KB": "KB a client",
}
MEMORY_OF = "N=1000, saturated"  # with few clients, what a process allocates anyway prevails


def main() -> Answer:
    """Measure each case and return the table."""
    for name, package in PACKAGES.items():
        if name not in RELAYS:
            print(f"  {name} is left out: it is not here, install Debian's {package}.")
    rows = [row for case in CASES for row in _rows(case)]
    return Answer("fan_out", "what a delivered packet costs a relay (ratios: x)", rows)


def _rows(case: str) -> Iterator[Row]:
    print(f"  {case}", flush=True)
    figures: Figures = json.loads(run_on_loopback("benchmarks.fan_out_case", case))
    for unit, name in UNITS.items():
        relays = figures.get(unit, {})
        if unit == "KB" and case != MEMORY_OF:
            continue
        for relay in RELAYS:
            if relay in relays:
                yield Row(f"{case}: {relay}, {name}", spread(relays[relay]))
        for relay in list(RELAYS)[1:]:
            if relay in relays:
                pairs = zip(relays["ptt"], relays[relay], strict=True)
                yield Row(f"{case}: ptt / {relay}, x {unit}", spread([a / b for a, b in pairs]))


if __name__ == "__main__":
    main().show()
