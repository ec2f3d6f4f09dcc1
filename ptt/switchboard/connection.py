"""One connected device, as the switchboard knows it."""

from dataclasses import dataclass, field

from ptt.switchboard.records import Person
from ptt.wire.signalling import ChannelDescription, Member, Presence


@dataclass(slots=True)
class Connection:
    """`links`: floor server -> SSRC of the client's control packets there, 0 while it is away."""

    participant: int
    device: str
    person: Person
    links: dict[int, int] = field(default_factory=dict)
    channels: list[int] = field(default_factory=list)
    offered: list[ChannelDescription] = field(default_factory=list)
    presence: Presence = field(default_factory=Presence)

    @property
    def facts(self) -> dict[str, object]:
        """For the log."""
        return {
            "participant": self.participant,
            "person": self.person.name,
            "device": self.device,
        }

    @property
    def member(self) -> Member:
        """How others see it."""
        return Member(
            participant=self.participant,
            name=self.person.name,
            away=self.presence.away,
            muted=self.presence.muted,
        )
