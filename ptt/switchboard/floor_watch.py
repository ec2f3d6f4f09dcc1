"""Watches the floor servers' reports for what must never happen, whatever else goes wrong.

    two holders    a burst starts in a channel where another one runs
    stray end      a burst ends that did not run
    no permission  more voice was relayed than the bursts account for
    waits too long somebody is still queued when everybody before them must have been cut off

The floor servers keep these rules by themselves (ptt/floor); this is a second opinion, by other
means. Pure. Does not repair anything: what it finds is logged as `rule-broken` and counted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ptt.switchboard.records import ChannelSettings
from ptt.wire import trunk

# Implementation
REVOKING = 1.0  # s that a talker who does not obey can hold up the next one
SLACK = 1.0  # s of delay on the way


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that was broken, by which numbers."""

    rule: str
    channel: int
    numbers: dict[str, object]


@dataclass
class _Floor:
    floor_server: int
    burst: int | None = None
    waiting: list[int] = field(default_factory=list)
    until: dict[int, float] = field(default_factory=dict)  # when each one's turn must have come


class FloorWatch:
    """All channels of all floor servers."""

    def __init__(self) -> None:
        self._limits: dict[int, float] = {}
        self._floors: dict[int, _Floor] = {}
        self._packets: dict[int, int] = {}  # of the bursts that ended, by floor server

    def learn(self, channels: Iterable[ChannelSettings]) -> None:
        """These are all; a talk limit that shrinks holds only from the next burst on."""
        known = {each.number: each.talk_limit for each in channels}
        self._limits = {n: max(limit, self._limits.get(n, 0.0)) for n, limit in known.items()}
        for number in self._floors.keys() - known.keys():
            self._floors[number].waiting.clear()

    def lose(self, floor_server: int) -> None:
        """It is gone with all its bursts and queues."""
        gone = [n for n, floor in self._floors.items() if floor.floor_server == floor_server]
        for number in gone:
            del self._floors[number]
        self._packets.pop(floor_server, None)

    def handle(self, floor_server: int, report: trunk.ToSwitchboard, now: float) -> list[Broken]:
        """What this report, or the time that has passed until it, breaks."""
        match report:
            case trunk.TalkStarted():
                return self._start(self._floor(report.channel, floor_server), report, now)
            case trunk.TalkEnded():
                return self._end(self._floor(report.channel, floor_server), report)
            case trunk.QueueChanged():
                self._queue(self._floor(report.channel, floor_server), report, now)
                return []
            case trunk.Statistics():
                return [*self._count(floor_server, report), *self._look_at_clock(now)]
            case _:
                return []

    def _floor(self, channel: int, floor_server: int) -> _Floor:
        floor = self._floors.setdefault(channel, _Floor(floor_server))
        floor.floor_server = floor_server
        return floor

    def _start(self, floor: _Floor, report: trunk.TalkStarted, now: float) -> list[Broken]:
        former, floor.burst = floor.burst, report.burst
        for client in floor.waiting:  # somebody may have cut in before them
            floor.until[client] = max(floor.until[client], self._turn(floor, report, client, now))
        if former is None:
            return []
        return [Broken("two holders", report.channel, {"burst": report.burst, "former": former})]

    def _end(self, floor: _Floor, report: trunk.TalkEnded) -> list[Broken]:
        running, floor.burst = floor.burst, None
        server = floor.floor_server
        self._packets[server] = self._packets.get(server, 0) + report.packets
        if running == report.burst:
            return []
        return [Broken("stray end", report.channel, {"burst": report.burst, "running": running})]

    def _queue(self, floor: _Floor, report: trunk.QueueChanged, now: float) -> None:
        former, floor.waiting = floor.waiting, report.clients
        until = {}
        for place, client in enumerate(report.clients):
            turn = self._turn(floor, report, client, now)
            advanced = client in former and place <= former.index(client)
            until[client] = min(turn, floor.until[client]) if advanced else turn
        floor.until = until

    def _turn(
        self,
        floor: _Floor,
        report: trunk.TalkStarted | trunk.QueueChanged,
        client: int,
        now: float,
    ) -> float:
        """When the turn of somebody in the queue comes at the latest."""
        talks = floor.waiting.index(client) + 1
        return now + talks * (self._limits.get(report.channel, 0.0) + REVOKING) + SLACK

    def _count(self, floor_server: int, report: trunk.Statistics) -> list[Broken]:
        floors = [floor for floor in self._floors.values() if floor.floor_server == floor_server]
        if any(floor.burst is not None for floor in floors):
            return []
        counters = report.counters
        relayed = counters.get("voice_received", 0) + counters.get("dropped_excess", 0)
        allowed = self._packets.get(floor_server, 0)
        if relayed <= allowed:
            return []
        self._packets[floor_server] = relayed  # told once
        return [Broken("no permission", 0, {"relayed": relayed, "allowed": allowed})]

    def _look_at_clock(self, now: float) -> list[Broken]:
        broken = []
        for number, floor in self._floors.items():
            late = [client for client in floor.waiting if now > floor.until[client]]
            broken += [Broken("waits too long", number, {"participant": each}) for each in late]
            floor.waiting = [client for client in floor.waiting if client not in late]
        return broken
