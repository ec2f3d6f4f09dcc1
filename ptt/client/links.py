"""The links of one client, one to each floor server that it was given Media for. Pure.

In most places there is one floor server; where there are several, each carries some of the
channels, and each link is watched for itself (link_watch.py).
"""

from collections.abc import Collection
from math import inf
from random import Random

from ptt.client.link_watch import LinkWatch
from ptt.wire.control import ControlMessage
from ptt.wire.link import LinkMessage

ToSend = list[tuple[int, ControlMessage]]  # floor server, message


class Links:
    """All of them, by the number of the floor server."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._watches: dict[int, LinkWatch] = {}

    def __len__(self) -> int:
        return len(self._watches)

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return min((watch.deadline for watch in self._watches.values()), default=inf)

    def get(self, floor_server: int) -> LinkWatch | None:
        """The link to this one, if there are keys for it."""
        return self._watches.get(floor_server)

    def open(self, floor_server: int, ssrc: int, now: float) -> None:
        """There are new keys for this one; whatever was known of its link is void."""
        self._watches[floor_server] = LinkWatch(ssrc, self._rng, now)

    def close_all(self) -> None:
        """All keys are void."""
        self._watches.clear()

    def handle_deadline(self, now: float) -> ToSend:
        """The probes that are due."""
        return [
            (number, message)
            for number, watch in self._watches.items()
            for message in watch.handle_deadline(now)
        ]

    def handle(self, floor_server: int, message: LinkMessage, now: float) -> ToSend:
        """React to a message of this floor server."""
        watch = self._watches.get(floor_server)
        answers = [] if watch is None else watch.handle(message, now)
        return [(floor_server, answer) for answer in answers]

    def probe_now(self, now: float) -> None:
        """Something made all of them doubtful."""
        for watch in self._watches.values():
            watch.probe_now(now)

    def are_dead(self, now: float) -> bool:
        """All that were ever bound are: the session is doubtful too.

        One that is dead alone is the fault of its floor server, whose channels wait for it. The
        others are then probed each second, so that it is soon known whether it is alone.
        """
        bound = [watch for watch in self._watches.values() if watch.state.bound]
        alive = [watch for watch in bound if not watch.is_dead(now)]
        if len(alive) < len(bound):
            for watch in alive:
                watch.probe_soon(now)
        return bool(bound) and not alive

    def note_media(self, floor_server: int, now: float) -> None:
        """Voice came from there."""
        if watch := self._watches.get(floor_server):
            watch.note_media(now)

    def expect(self, busy: Collection[int], expecting: Collection[int], now: float) -> None:
        """At the `busy` floor servers somebody talks, from the `expecting` ones voice must come."""
        for number, watch in self._watches.items():
            watch.set_busy(number in busy, now)
            watch.expect_media(number in expecting, now)
