"""What changes all the time while a client runs: level, microphone, network."""

from dataclasses import dataclass
from typing import Protocol

from ptt.client.client import Quality
from ptt.client.event_stream import EventStream


@dataclass(frozen=True, slots=True)
class Meters:
    """What changes all the time: level in dBFS; loss 0..1; jitter, delay and rtt in seconds.

    talking: somebody hears the open microphone, or is about to. kept: seconds of its sound that
    wait in memory. threshold: in dBFS, hands-free only. latched: a tap left it on.
    """

    level: float = -100.0
    microphone_open: bool = False
    talking: bool = False
    kept: float = 0.0
    threshold: float | None = None
    latched: bool = False
    loss: float = 0.0
    jitter: float = 0.0
    delay: float = 0.0
    rtt: float | None = None


class Shown(Protocol):
    """What a face wants to know of a client."""

    def events(self) -> EventStream:
        """As Client.events."""
        ...

    def quality(self, name: str) -> Quality:
        """As Client.quality."""
        ...

    @property
    def level(self) -> float:
        """As Client.level."""
        ...

    @property
    def microphone_open(self) -> bool:
        """As Client.microphone_open."""
        ...

    @property
    def talking(self) -> bool:
        """As Client.talking."""
        ...

    @property
    def preroll_seconds(self) -> float:
        """As Client.preroll_seconds."""
        ...

    @property
    def threshold_dbfs(self) -> float | None:
        """As Client.threshold_dbfs."""
        ...


def meters(client: Shown, channel: str, *, latched: bool) -> Meters:
    """As they are now, the network as this channel is heard by it."""
    quality = client.quality(channel)
    return Meters(
        level=client.level,
        microphone_open=client.microphone_open,
        talking=client.talking,
        kept=client.preroll_seconds,
        threshold=client.threshold_dbfs,
        latched=latched,
        loss=quality.loss,
        jitter=quality.jitter,
        delay=quality.playout_delay,
        rtt=quality.rtt,
    )
