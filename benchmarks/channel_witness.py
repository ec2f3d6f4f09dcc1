"""What the clients of one channel see, held against what must never be seen.

    two holders    two clients were granted the floor and neither has lost it
    disagreement   clients that are in name different bursts, or one none, as the running one
    no Floor Taken voice of a burst that nobody has announced to its listener
    loss           a packet that was sent while its listener was in, and did not come

What travels takes a moment, so the first three count only when they last. Pure: `now` in seconds.
Clients are any numbers; a client is looked at once it has heard how the floor stands.
"""

from collections import Counter
from dataclasses import dataclass, field

# Implementation
HOLDERS_OVERLAP = 0.25  # s; a Revoke and the next Granted leave the server together
DISAGREEMENT = 1.0  # s
UNANNOUNCED = 0.5  # s; a listener asks for a lost Floor Taken after 0.15 s
LATE = 1.0  # s after the end of a burst in which its last packets may come


@dataclass
class _Said:
    """A burst: who sent it, how many packets, who was in from its beginning, who heard how many."""

    listeners: set[int]
    packets: int = 0
    ended_at: float | None = None
    heard: Counter[int] = field(default_factory=Counter)


class ChannelWitness:
    """One channel. `broken` counts what must never be; `lost` of `expected` packets."""

    def __init__(self) -> None:
        self.broken: Counter[str] = Counter()
        self.bursts = self.expected = self.lost = 0
        self._views: dict[int, int | None] = {}  # client -> the burst that it knows of
        self._holders: set[int] = set()
        self._since: dict[str | int, float] = {}
        self._said: dict[int, _Said] = {}

    def grant(self, client: int, burst: int) -> None:
        """The client was granted the floor, and begins to send."""
        self._holders.add(client)
        self._views[client] = burst
        self._said[burst] = _Said(set(self._views) - {client})
        self.bursts += 1

    def send(self, burst: int) -> None:
        """The holder sent a packet."""
        self._said[burst].packets += 1

    def give_back(self, client: int, burst: int, now: float, *, whole: bool) -> None:
        """The client does not hold the floor any more; `whole`: what it sent had to be relayed."""
        self._holders.discard(client)
        self._views.pop(client, None)  # until it hears how the floor stands
        if whole:
            self._said[burst].ended_at = now
        else:
            del self._said[burst]

    def learn(self, client: int, burst: int | None) -> None:
        """The client heard Floor Taken for this burst, or Floor Idle."""
        self._views[client] = burst
        self._since.pop(client, None)

    def leave(self, client: int) -> None:
        """The client is out, or its connection is gone: it misses packets by right."""
        self._views.pop(client, None)
        self._since.pop(client, None)
        for said in self._said.values():
            said.listeners.discard(client)

    def hear(self, client: int, burst: int, now: float) -> bool:
        """The client got a packet; whether it knew of the burst."""
        if (said := self._said.get(burst)) is not None:
            said.heard[client] += 1
        if self._views.get(client) == burst:
            return True
        if self._lasts(client, UNANNOUNCED, now):
            self.broken["voice without Floor Taken"] += 1
        return False

    def look(self, now: float) -> None:
        """Call it a few times a second, when all that has come was taken."""
        views = set(self._views.values())
        self._judge("two holders", len(self._holders) > 1, HOLDERS_OVERLAP, now)
        self._judge("disagreement", len(views) > 1, DISAGREEMENT, now)
        for burst, said in list(self._said.items()):
            if said.ended_at is not None and now > said.ended_at + LATE:
                self._count(said)
                del self._said[burst]

    def _judge(self, what: str, wrong: bool, patience: float, now: float) -> None:
        if not wrong:
            self._since.pop(what, None)
        elif self._lasts(what, patience, now):
            self.broken[what] += 1

    def _lasts(self, what: str | int, patience: float, now: float) -> bool:
        """Whether it has been so for too long; then it is counted from now on anew."""
        if now - self._since.setdefault(what, now) <= patience:
            return False
        del self._since[what]
        return True

    def _count(self, said: _Said) -> None:
        for listener in said.listeners:
            self.expected += said.packets
            self.lost += said.packets - said.heard[listener]
