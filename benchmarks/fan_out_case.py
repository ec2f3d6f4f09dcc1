"""One case of fan_out, all relays side by side in a network of their own; run by fan_out.py.

argument: a case's name. stdout: one line of JSON, for each figure and relay a list of rounds.
"""

import gc
import json
import resource
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median

from benchmarks import fan_out_murmur, fan_out_svxreflector
from benchmarks.fan_out_load import (
    FRAME,
    Peer,
    check_destinations,
    last_delays,
    pace,
    resident_kilobytes,
    saturate,
)
from benchmarks.fan_out_peers import running_advised, running_bound, running_ours
from benchmarks.own_network import SHARED, enter_loopback

# Implementation
ROUNDS = 7
MANY = 1000  # clients
PACED_SECONDS = 2.0
TIMED_PACKETS = 50  # a round

Figures = dict[str, dict[str, list[float]]]  # what, relay, rounds
Start = Callable[[int, int], AbstractContextManager[Peer]]

RELAYS: dict[str, Start] = {"ptt": running_ours, "C bound": running_bound}
if fan_out_murmur.PROGRAM is not None:
    RELAYS["Murmur"] = fan_out_murmur.running_murmur
if fan_out_svxreflector.PROGRAM is not None:
    RELAYS["SvxReflector"] = fan_out_svxreflector.running_svxreflector


@dataclass(frozen=True, slots=True)
class Case:
    """Channels of so many listeners each, and what is measured there.

    `advised`: ours gets packets as long as it advises, the others 20 ms as their clients' defaults.
    """

    channels: int
    listeners: int
    measure: Callable[[Peer], dict[str, float]]
    advised: bool = False


def _saturated(peer: Peer) -> dict[str, float]:
    return {"us": saturate(peer)}


def _paced(peer: Peer) -> dict[str, float]:
    return {"us": pace(peer, PACED_SECONDS)}


def _spoken(peer: Peer) -> dict[str, float]:
    return {"us/s": pace(peer, PACED_SECONDS) / (FRAME * peer.frames)}


def _saturated_and_timed(peer: Peer) -> dict[str, float]:
    return {"us": saturate(peer), "ms": median(last_delays(peer, TIMED_PACKETS))}


CASES = {
    "N=10, 50 packets/s": Case(1, 10, _paced),
    "20 x 10, 1000 packets/s": Case(20, 10, _paced),
    "100 x 10, 5000 packets/s": Case(100, 10, _paced),
    "N=100, saturated": Case(1, 100, _saturated),
    "N=500, saturated": Case(1, 500, _saturated),
    "N=1000, saturated": Case(1, 1000, _saturated_and_timed),
    "N=500, speech": Case(1, 500, _spoken, advised=True),
}


def measure(case: Case, relays: Sequence[Start]) -> Figures:
    """All rounds, relays in turn: A B C, C B A, ...; the first round only warms up."""
    figures: Figures = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        peers = [stack.enter_context(_joined(start, case, figures)) for start in relays]
        gc.freeze()
        for number in range(-1, ROUNDS):
            for peer in peers[:: 1 if number % 2 else -1]:
                measured = case.measure(peer)
                for what, figure in measured.items() if number >= 0 else ():
                    figures[what][peer.name].append(figure)
                for each in peers:
                    each.rest()
    return figures


def _choose_relays(case: Case, *, shared: bool) -> list[Start]:
    """SvxReflector has one channel only, and is heard on every interface."""
    relays = dict(RELAYS)
    if case.advised:
        relays["ptt"] = running_advised
    if shared or case.channels > 1:
        relays.pop("SvxReflector", None)
    return list(relays.values())


@contextmanager
def _joined(start: Start, case: Case, figures: Figures) -> Iterator[Peer]:
    """A relay with all clients; notes the memory that each of them takes there.

    With few of them, what a process takes anyway prevails; the bound knows addresses only.
    """
    with start(0, 0) as empty:
        before = resident_kilobytes(empty.process_id)
    with start(case.channels, case.listeners) as peer:
        check_destinations(peer)
        clients = case.channels * (case.listeners + 1)
        grown = resident_kilobytes(peer.process_id) - before
        if clients > MANY and start is not running_bound:
            figures["KB"][peer.name].append(grown / clients)
        yield peer


def main() -> None:
    """Measure the case that is named and print its figures."""
    *shared, name = sys.argv[1:]
    if SHARED not in shared:
        enter_loopback()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    case = CASES[name]
    print(json.dumps(measure(case, _choose_relays(case, shared=SHARED in shared))))


if __name__ == "__main__":
    main()
