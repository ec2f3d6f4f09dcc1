"""All channels of this floor server: what their machines decide is carried out here.

    trunk orders, floor messages, time --> Channel (pure) --> actions
        Send, Announce      --> downlink          control packets, in the machine's order
        StartForwarding ... --> media plane       voice, never before the messages above it
                            --> switchboard       who talks, who waits

No Trio and no clock: the shell passes the time.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import inf

from ptt.channel.channel import Channel, ChannelSettings
from ptt.channel.roster import Member
from ptt.floor.actions import (
    Action,
    Announce,
    EndReason,
    QueueChanged,
    Send,
    StartForwarding,
    StopForwarding,
)
from ptt.floor.deadlines import Deadlines
from ptt.floor_server.clients import Client, Clients
from ptt.floor_server.downlink import Downlink
from ptt.floor_server.media_plane import Burst, Listeners, MediaPlane
from ptt.floor_server.reports import LossReports
from ptt.floor_server.statistics import Counters
from ptt.floor_server.voice import ChannelVoice
from ptt.net.bulk_send import BulkSender
from ptt.net.datagrams import Address
from ptt.security.srtp import VoiceSender
from ptt.wire import trunk
from ptt.wire.floor import FloorMessage
from ptt.wire.rtcp import ReceiverReport


@dataclass(slots=True, eq=False)
class Floor:
    """One channel with everything that belongs to it here."""

    number: int
    channel: Channel
    voice: ChannelVoice
    losses: LossReports = field(default_factory=LossReports)
    burst: Burst | None = None


class Floors:
    """Every method leaves channels, media plane and switchboard in agreement."""

    def __init__(
        self,
        clients: Clients,
        plane: MediaPlane,
        downlink: Downlink,
        bulk: BulkSender,
        counters: Counters,
        *,
        new_burst: Callable[[], int],
        report: Callable[[trunk.ToSwitchboard], None],
    ) -> None:
        self._clients = clients
        self._plane = plane
        self._downlink = downlink
        self._bulk = bulk
        self._counters = counters
        self._new_burst = new_burst
        self._report = report
        self._floors: dict[int, Floor] = {}
        self._deadlines: Deadlines[int] = Deadlines()

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return self._deadlines.next

    def get(self, number: int) -> Floor | None:
        """The floor of a channel, None if the channel is not here."""
        return self._floors.get(number)

    # the switchboard's orders

    def set_channel(self, order: trunk.SetChannel) -> None:
        """A channel is new, or its settings have changed."""
        settings = ChannelSettings(order.ssrc, order.talk_limit, order.queue_size)
        voice = ChannelVoice(order.profile, strict=order.strict)
        floor = self._floors.get(order.channel)
        if floor is None:
            channel = Channel(settings, self._new_burst)
            self._floors[order.channel] = Floor(order.channel, channel, voice)
            return
        floor.channel.configure(settings)
        if (floor.voice.profile, floor.voice.strict) != (voice.profile, voice.strict):
            floor.voice = voice  # its keys follow at once, for everybody
            self._refresh(floor)

    def remove_channel(self, number: int, now: float) -> None:
        """The channel is no more; whoever talked there is told, and everybody is out."""
        floor = self._floors.get(number)
        if floor is None:
            return
        self._carry_out(floor, floor.channel.stop(now), now)
        for client in self._present(floor.channel.roster.all_but()):
            self._clients.leave(client, number)
        self._deadlines.stop(number)
        del self._floors[number]

    def set_member(
        self,
        floor: Floor,
        client: Client,
        member: Member,
        key: bytes | None,
        epoch: int,
        now: float,
    ) -> None:
        """The client is in the channel, or its rights or its own key have changed."""
        self._clients.enter(client, floor.number, member.ssrc)
        floor.voice.set_own(client.number, epoch, key)
        self._refresh(floor)
        self._carry_out(floor, floor.channel.set_member(member, now), now)

    def remove_member(self, floor: Floor, client: Client, now: float) -> None:
        """The client is out of the channel: hears nothing from here on, and its floor is free."""
        floor.voice.set_own(client.number, 0, None)
        floor.losses.forget(client.number)
        self._carry_out(floor, floor.channel.remove_member(client.number, now), now)
        self._refresh(floor)
        self._clients.leave(client, floor.number)

    def remove_client(self, client: Client, now: float) -> None:
        """The connection is gone: out of all channels, and unknown."""
        for number in list(client.ssrcs):
            self.remove_member(self._floors[number], client, now)
        self._clients.remove(client.number)

    def add_epoch(self, floor: Floor, epoch: int, key: bytes) -> None:
        """A new key, for the next burst."""
        floor.voice.add_epoch(epoch, key)
        self._refresh(floor)

    def use_epoch(self, floor: Floor, epoch: int) -> None:
        """Go over to that key inside the burst."""
        if floor.voice.use_epoch(epoch):
            self._refresh(floor)

    # what clients do

    def handle(self, client: Client, number: int, message: FloorMessage, now: float) -> None:
        """React to a floor message of a member."""
        floor = self._floors[number]
        if floor.channel.admits(client.number, message, now):
            self._carry_out(floor, floor.channel.handle(client.number, message, now), now)
        else:
            self._counters.turned_away += 1

    def handle_stray(self, client: Client, number: int, now: float) -> None:
        """React to authentic voice of a burst that is over."""
        floor = self._floors.get(number)
        if floor is not None:
            actions = floor.channel.handle_stray_media(client.number, now)
            self._carry_out(floor, actions, now)

    def note_report(self, client: Client, number: int, report: ReceiverReport, now: float) -> None:
        """A listener says how it hears."""
        self._floors[number].losses.note(client.number, report.blocks, now)

    def follow_address(self, client: Client) -> None:
        """The client is bound to another address: its voice goes there from here on."""
        for number in client.ssrcs:
            self._refresh(self._floors[number])

    # time

    def handle_deadline(self, now: float) -> None:
        """Let the channels whose time has come react; voice may have given some more time."""
        expired = []
        while (number := self._deadlines.pop_next(now)) is not None:
            expired.append(self._floors[number])
        for floor in expired:
            self._carry_out(floor, floor.channel.handle_deadline(now), now)

    def every_second(self, now: float) -> None:
        """Tell each talker how the others hear, and forget what is over."""
        for floor in self._floors.values():
            if floor.burst is not None:
                self._tell_talker(floor, floor.burst, now)
        self._plane.forget_ended(now)

    def stop(self, now: float) -> None:
        """The server ends: every floor is taken, every start gets its end."""
        for floor in self._floors.values():
            self._carry_out(floor, floor.channel.stop(now), now)

    # below: parts of the above

    def _carry_out(self, floor: Floor, actions: list[Action], now: float) -> None:
        former = floor.burst
        for action in actions:
            match action:
                case Send() | Announce():
                    recipients = self._present(floor.channel.recipients(action))
                    self._downlink.send(recipients, action.message)
                case StartForwarding():
                    self._start(floor, action, now)
                case StopForwarding(reason=reason):
                    self._stop(floor, reason, now)
                case QueueChanged(waiting=waiting):
                    clients = list(waiting)
                    self._report(trunk.QueueChanged(channel=floor.number, clients=clients))
        if floor.burst is not None and floor.burst is not former:
            self._tell_talker(floor, floor.burst, now)
        self._schedule(floor)

    def _schedule(self, floor: Floor) -> None:
        """Channels without a running timer are not looked through: most are silent."""
        deadline = floor.channel.deadline
        if deadline < inf:
            self._deadlines.start(floor.number, deadline)
        else:
            self._deadlines.stop(floor.number)

    def _start(self, floor: Floor, action: StartForwarding, now: float) -> None:
        talker = self._clients.get(action.talker)
        assert talker is not None, "a floor was granted to nobody"
        floor.voice.begin_burst()
        floor.losses.begin(action.burst)
        floor.burst = Burst(
            ssrc=action.burst,
            channel=floor.number,
            talker=talker,
            started=now,
            note_media=floor.channel.note_media,
            find_listeners=lambda: self._find_listeners(floor),
        )
        self._plane.start(floor.burst)
        self._report(
            trunk.TalkStarted(
                channel=floor.number,
                client=action.talker,
                burst=action.burst,
                emergency=action.emergency,
            )
        )

    def _stop(self, floor: Floor, reason: EndReason, now: float) -> None:
        burst = floor.burst
        assert burst is not None, "a burst ended that did not run"
        floor.burst = None
        self._plane.stop(burst, now)
        floor.voice.end_burst(burst.ssrc)
        self._report(
            trunk.TalkEnded(
                channel=floor.number,
                client=burst.talker.number,
                burst=burst.ssrc,
                reason=reason.value,
                seconds=now - burst.started,
                packets=burst.packets,
            )
        )

    def _tell_talker(self, floor: Floor, burst: Burst, now: float) -> None:
        ssrc = floor.channel.settings.ssrc
        report = floor.losses.for_talker(burst.talker.number, burst.ssrc, ssrc, now)
        if report is not None:
            self._downlink.send([burst.talker], report)

    def _refresh(self, floor: Floor) -> None:
        if floor.burst is not None:
            self._plane.refresh(floor.burst)

    def _find_listeners(self, floor: Floor) -> Listeners:
        route = floor.channel.route
        listeners = self._present(route.listeners if route else ())
        nobody = self._bulk.list_addresses(())
        if floor.voice.strict:
            return Listeners(None, nobody, _apart(floor.voice, listeners))
        addresses = [client.link.address for client in listeners if client.link.address]
        return Listeners(floor.voice.current, self._bulk.list_addresses(addresses))

    def _present(self, numbers: Iterable[int]) -> list[Client]:
        found = (self._clients.get(number) for number in numbers)
        return [client for client in found if client is not None]


def _apart(
    voice: ChannelVoice, listeners: Iterable[Client]
) -> tuple[tuple[VoiceSender, Address], ...]:
    """Each listener's own sender and address, of those who have both."""
    pairs = ((voice.own(client.number), client.link.address) for client in listeners)
    return tuple([(own, address) for own, address in pairs if own is not None and address])
