"""One channel: who is in it, who has the floor, and therefore who hears whom. Pure.

    member comes, goes, says something --> Roster, Admission, Arbitrator --> actions
                                                                       '--> route

The caller carries out the actions in their order, and relays voice along `route` and nowhere
else. Keys and addresses are not known here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ptt.channel.admission import Admission
from ptt.channel.forwarding import Route
from ptt.channel.roster import Member, Roster
from ptt.floor.actions import Action, Announce, ParticipantId, Send, StartForwarding, StopForwarding
from ptt.floor.arbitrator import Arbitrator
from ptt.wire.floor import FloorMessage


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """`ssrc` is that of the channel's floor messages to its members, `talk_limit` seconds."""

    ssrc: int
    talk_limit: float
    queue_size: int


class Channel:
    """The decisions of one channel. `new_burst` gives the SSRC of each talk burst."""

    def __init__(self, settings: ChannelSettings, new_burst: Callable[[], int]) -> None:
        self.settings = settings
        self.roster = Roster()
        self._live: StartForwarding | None = None
        self._admission: dict[ParticipantId, Admission] = {}
        self._arbitrator = Arbitrator(
            ssrc=settings.ssrc,
            talk_limit=settings.talk_limit,
            queue_size=settings.queue_size,
            new_burst=new_burst,
        )

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this; voice only ever moves it later."""
        return self._arbitrator.deadline

    @property
    def route(self) -> Route | None:
        """Who hears the live burst, None while nobody has the floor."""
        if self._live is None:
            return None
        talker = self._live.talker
        return Route(self._live.burst, talker, self.roster.all_but(talker))

    def configure(self, settings: ChannelSettings) -> None:
        """New settings, effective from the next burst; the SSRC of a channel stays."""
        self.settings = settings
        self._arbitrator.configure(talk_limit=settings.talk_limit, queue_size=settings.queue_size)

    def recipients(self, action: Send | Announce) -> tuple[ParticipantId, ...]:
        """To whom the message of the action goes."""
        match action:
            case Send(to=to):
                return (to,)
            case Announce(but=but):
                return self.roster.all_but(but)

    def set_member(self, member: Member, now: float) -> list[Action]:
        """The client is in the channel, or its rights there have changed."""
        tell = self._arbitrator.change
        if member.client not in self.roster:
            self._admission[member.client] = Admission()
            tell = self._arbitrator.join
        self.roster.put(member)
        return self._follow(
            tell(member.client, priority=member.priority, may_talk=member.may_talk, now=now)
        )

    def remove_member(self, client: ParticipantId, now: float) -> list[Action]:
        """The client has left; what it held is free. Nothing happens if it was not in."""
        if self.roster.remove(client) is None:
            return []
        del self._admission[client]
        return self._follow(self._arbitrator.leave(client, now))

    def admits(self, client: ParticipantId, message: FloorMessage, now: float) -> bool:
        """Whether to `handle` this; asked once for each message, for floods are counted here."""
        admission = self._admission.get(client)
        return admission is not None and admission.admits(message, now)

    def handle(self, client: ParticipantId, message: FloorMessage, now: float) -> list[Action]:
        """React to a floor message of a member."""
        return self._follow(self._arbitrator.handle(client, message, now))

    def handle_stray_media(self, client: ParticipantId, now: float) -> list[Action]:
        """React to authentic voice of a burst that this member no longer holds."""
        if client not in self.roster:
            return []
        return self._follow(self._arbitrator.handle_stray_media(client, now))

    def note_media(self, now: float) -> None:
        """A packet of the live burst came: the talker is there."""
        self._arbitrator.note_media(now)

    def handle_deadline(self, now: float) -> list[Action]:
        """React to the timers that have expired by `now`."""
        return self._follow(self._arbitrator.handle_deadline(now))

    def stop(self, now: float) -> list[Action]:
        """The server ends, or the channel does: nobody talks any more."""
        return self._follow(self._arbitrator.stop(now))

    def _follow(self, actions: list[Action]) -> list[Action]:
        for action in actions:
            match action:
                case StartForwarding():
                    self._live = action
                case StopForwarding():
                    self._live = None
                case _:
                    pass
        return actions
