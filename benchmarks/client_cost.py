"""What does a client cost the computer it runs on?

The whole process `ptt talk --plain` on a virtual sound card, at a real daemon: its CPU time in
percent of one core while it is connected and idle, hears somebody, talks, and waits hands-free for
a voice; and its resident memory. Beside it, in the same seconds and on the same sound server,
Mumble's client with its defaults (mumble_desk.py), at Murmur. CPU time and memory are Linux's
/proc, like the sound card.
"""

import json
from collections.abc import Iterator

from benchmarks.client_cost_rounds import Figures
from benchmarks.own_network import run_apart
from benchmarks.table import Answer, Row, spread


def main() -> Answer:
    """Measure each client in each state and return the table."""
    figures: Figures = json.loads(run_apart("benchmarks.client_cost_rounds"))
    if "Mumble" not in figures:
        print("  Mumble is left out: install Debian's mumble, mumble-server and xvfb.")
    rows = list(_rows(figures))
    return Answer("client_cost", "percent of one core; memory in MB (ratios: x)", rows)


def _rows(figures: Figures) -> Iterator[Row]:
    peer = figures.get("Mumble", {})
    for state, found in figures["ptt"].items():
        yield Row(f"ptt, {state}", spread(found))
        if state in peer:
            yield Row(f"Mumble, {state}", spread(peer[state]))
            pairs = zip(found, peer[state], strict=True)
            yield Row(f"ptt / Mumble, {state}", spread([a / b for a, b in pairs]))


if __name__ == "__main__":
    main().show()
