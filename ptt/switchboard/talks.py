"""The talk bursts that run, so that each start in the log has one end, whatever happens. Pure."""

from dataclasses import dataclass

from ptt.switchboard.outputs import Noted
from ptt.wire.trunk import TalkEnded, TalkStarted


@dataclass(frozen=True, slots=True)
class Talk:
    """A burst that runs: where, and what the log says of it."""

    channel: int
    floor_server: int
    facts: dict[str, object]
    since: float


class Talks:
    """All of them, by burst."""

    def __init__(self) -> None:
        self._talks: dict[int, Talk] = {}

    def __len__(self) -> int:
        return len(self._talks)

    def start(
        self,
        report: TalkStarted,
        floor_server: int,
        *,
        channel_name: str | None,
        person: str,
        now: float,
    ) -> Noted:
        """Somebody talks; `channel_name` is None for a channel that has just gone."""
        facts: dict[str, object] = {
            "channel": report.channel if channel_name is None else channel_name,
            "person": person,
            "participant": report.client,
            "burst": report.burst,
        }
        self._talks[report.burst] = Talk(report.channel, floor_server, facts, now)
        return Noted("talk-start", {**facts, "emergency": report.emergency})

    def end(self, report: TalkEnded) -> list[Noted]:
        """Nobody talks any more; nothing for a burst that has ended already."""
        if report.burst not in self._talks:
            return []
        return [self._end(report.burst, report.reason, report.seconds, report.packets)]

    def lose(self, floor_server: int, now: float) -> list[Noted]:
        """The floor server is gone with all its bursts."""
        lost = [burst for burst, talk in self._talks.items() if talk.floor_server == floor_server]
        return [
            self._end(burst, "floor-server-lost", now - self._talks[burst].since, 0)
            for burst in lost
        ]

    def _end(self, burst: int, reason: str, seconds: float, packets: int) -> Noted:
        talk = self._talks.pop(burst)
        end = {"reason": reason, "seconds": round(seconds, 3), "packets": packets}
        return Noted("talk-end", {**talk.facts, **end})
