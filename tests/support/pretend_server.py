"""A switchboard and a floor server in memory: real floor, real keys, no sockets, no database.

    engine <--PretendNetwork--> PretendServer --> ptt.channel

For tests of the engine: what the network or the server may do wrong can be switched on.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from itertools import count

import trio

from ptt.channel.channel import Channel, ChannelSettings
from ptt.channel.roster import Member
from ptt.client.credentials import Credential
from ptt.errors import AuthenticationError, ServerUnreachableError
from ptt.floor.actions import Action, Announce, QueueChanged, Send
from ptt.security.srtp import ControlSender, UplinkReceiver, VoiceSender, new_key
from ptt.wire import signalling as wire
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.datagram import DatagramKind, classify, peek_ssrc
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.rtcp import ReceiverReport, ReportBlock

CHANNEL, OTHER_CHANNEL = "Workshop", "Store"
_NAMES = {1: CHANNEL, 2: OTHER_CHANNEL}
_CLOSED = 9  # a channel that nobody may enter
_EPOCHS = count(7000)


def credential(person: str) -> Credential:
    """What `person` logs in with."""
    return Credential(
        host="pretended",
        port=1,
        key_hash="key",
        device=person,
        secret=b"secret",
        person=person,
        server="Office",
    )


@dataclass
class Desk:
    """One session as the server sees it. `said` and `reports`: what came from the client."""

    number: int
    person: str
    signalling: trio.MemorySendChannel[wire.ServerMessage]
    datagrams: trio.MemorySendChannel[tuple[float, bytes]] | None = None
    said: list[wire.ClientMessage] = field(default_factory=list)
    control: list[ControlMessage] = field(default_factory=list)

    @property
    def ssrc(self) -> int:
        """Of its control packets; those of its floor messages come after it."""
        return 0x1000 + 0x10 * self.number

    def tell(self, message: wire.ServerMessage) -> None:
        """Say it, unless the session was cut."""
        with suppress(trio.ClosedResourceError, trio.BrokenResourceError):
            self.signalling.send_nowait(message)

    def new_keys(self) -> wire.Media:
        """What a new floor server means for this client."""
        uplink, control = new_key(), new_key()
        self.receiver, self.sender = UplinkReceiver(uplink), ControlSender(control)
        self.receiver.add_source(self.ssrc)
        for channel in _NAMES:
            self.receiver.add_source(self.ssrc + channel)
        return wire.Media(port=2, ssrc=self.ssrc, uplink_key=uplink, control_key=control)


class PretendChannel:
    """Floor and key of one channel."""

    def __init__(self, number: int, talk_limit: float, new_burst: Callable[[], int]) -> None:
        self.number = number
        self.ssrc = 0x100 + number
        self.floor = Channel(ChannelSettings(self.ssrc, talk_limit, 16), new_burst)
        self.new_epoch()

    def new_epoch(self) -> None:
        """Another key, used from the next packet on."""
        self._epoch, self._key = next(_EPOCHS), new_key()
        self.voice = VoiceSender(self._key, self._epoch)

    @property
    def members(self) -> tuple[int, ...]:
        """Who is in it."""
        return self.floor.roster.all_but(None)

    @property
    def key_message(self) -> wire.ChannelKey:
        """What a member has to know."""
        return wire.ChannelKey(channel=self.number, epoch=self._epoch, key=self._key)


class PretendServer:
    """Has two channels. `refusal`, if set, is the answer to every Hello.

    `loses(person, message)`: whether this message of the floor server is lost on its way to
    that person; `misses(message)`: whether one of a client is lost. `delay`: seconds of
    every datagram to a client.
    """

    def __init__(self, nursery: trio.Nursery, *, talk_limit: float = 60.0) -> None:
        self.refusal: wire.Refused | wire.Bye | None = None
        self.reachable = True
        self.cut_off: set[str] = set()  # whose datagrams are lost in both directions
        self.delay = 0.001
        self.loses: Callable[[str, ControlMessage], bool] = lambda person, message: False
        self.misses: Callable[[ControlMessage], bool] = lambda message: False
        self.loses_voice: Callable[[str], bool] = lambda person: False
        self.desks: dict[int, Desk] = {}
        self.sessions_opened = 0
        self._talk_limit = talk_limit
        self._numbers = count(1)
        self._bursts = count(0x80000001)
        self._woken = trio.Event()
        self._new_floor_server()
        nursery.start_soon(self._run_clock)

    def desk(self, person: str) -> Desk:
        """The newest session of that person."""
        return [desk for desk in self.desks.values() if desk.person == person][-1]

    # what tests do to it

    def restart_floor_server(self) -> None:
        """New keys, new SSRCs; everybody is told again."""
        members = {number: channel.members for number, channel in self._channels.items()}
        self._new_floor_server()
        for desk in self.desks.values():
            desk.tell(desk.new_keys())
        for number, desks in members.items():
            for desk in desks:
                self._join(self.desks[desk], self._channels[number])

    def change_epoch(self) -> None:
        """A new key, used at once."""
        for channel in self._channels.values():
            channel.new_epoch()
            for number in channel.members:
                self.desks[number].tell(channel.key_message)

    def cut(self, person: str, *, last: wire.ServerMessage | None = None) -> None:
        """End that person's session, after a last word."""
        desk = self.desk(person)
        if last is not None:
            desk.tell(last)
        desk.signalling.close()

    def tell(self, person: str, message: wire.ServerMessage) -> None:
        """Say something to that person."""
        self.desk(person).tell(message)

    def forget_to_tell_key(self) -> None:
        """A new key that is used at once, and that clients have to ask for."""
        for channel in self._channels.values():
            channel.new_epoch()

    def asked_for_key(self, person: str) -> int:
        """How often."""
        return sum(isinstance(message, wire.AskKey) for message in self.desk(person).said)

    def reports(self, person: str) -> list[ReportBlock]:
        """What that person reported about the voice of others."""
        reports = (one for one in self.desk(person).control if isinstance(one, ReceiverReport))
        return [block for report in reports for block in report.blocks]

    # the switchboard

    def connect(self, signalling: "trio.MemorySendChannel[wire.ServerMessage]") -> Desk:
        """A session begins."""
        self.sessions_opened += 1
        return Desk(next(self._numbers), "", signalling)

    def disconnect(self, desk: Desk) -> None:
        """A session is over."""
        self.desks.pop(desk.number, None)
        for channel in self._channels.values():
            self._leave(desk, channel)

    def handle(self, desk: Desk, message: wire.ClientMessage) -> None:
        """A message of a client."""
        desk.said.append(message)
        match message:
            case wire.Hello(device=person):
                self._welcome(desk, person)
            case wire.Join(channel=number) if number in self._channels:
                self._join(desk, self._channels[number])
            case wire.Join(channel=number):
                desk.tell(
                    wire.Refused(cause="not-allowed", sentence="Not for you.", channel=number)
                )
            case wire.AskKey(channel=number):
                desk.tell(self._channels[number].key_message)
            case wire.Leave(channel=number):
                self._leave(desk, self._channels[number])
                desk.tell(wire.Left(channel=number))
            case _:
                pass

    def _welcome(self, desk: Desk, person: str) -> None:
        if self.refusal is not None:
            desk.tell(self.refusal)
            return
        desk.person = person
        self.desks[desk.number] = desk
        channels = [
            wire.ChannelDescription(channel=number, name=name, role="talk")
            for number, name in (_NAMES | {_CLOSED: "Board"}).items()
        ]
        desk.tell(
            wire.Welcome(participant=desk.number, person=person, server="Office", channels=channels)
        )
        desk.tell(desk.new_keys())

    def _join(self, desk: Desk, channel: PretendChannel) -> None:
        ssrc = desk.ssrc + channel.number
        member = Member(client=desk.number, ssrc=ssrc, priority=0, may_talk=True)
        actions = channel.floor.set_member(member, trio.current_time())
        members = [
            wire.Member(participant=number, name=self.desks[number].person)
            for number in channel.members
        ]
        desk.tell(
            wire.Joined(
                channel=channel.number, ssrc=ssrc, channel_ssrc=channel.ssrc, members=members
            )
        )
        desk.tell(channel.key_message)
        came = wire.Member(participant=desk.number, name=desk.person)
        self._tell_others(channel, desk, wire.Members(channel=channel.number, joined=[came]))
        self._carry_out(channel, actions)

    def _leave(self, desk: Desk, channel: PretendChannel) -> None:
        if desk.number in channel.members:
            actions = channel.floor.remove_member(desk.number, trio.current_time())
            gone = wire.Members(channel=channel.number, left=[desk.number])
            self._tell_others(channel, desk, gone)
            self._carry_out(channel, actions)

    def _tell_others(self, channel: PretendChannel, desk: Desk, news: wire.ServerMessage) -> None:
        for number in channel.members:
            if number != desk.number:
                self.desks[number].tell(news)

    # the floor server

    def receive(self, desk: Desk, datagram: bytes) -> None:
        """A datagram of a client."""
        if desk.person in self.cut_off:
            return
        kind = classify(datagram)
        try:
            if kind is DatagramKind.RTCP:
                for message in parse_control_untrusted(desk.receiver.unprotect_rtcp(datagram)):
                    self._handle_control(desk, message)
            elif kind is DatagramKind.RTP:
                self._relay(desk, datagram)
        except AuthenticationError:
            return  # of a floor server that is no more

    def report_loss(self, person: str, fraction_lost: float) -> None:
        """Tell that person what the listeners miss."""
        block = ReportBlock(0, fraction_lost, 0, 0, 0)
        self._send(self.desk(person), ReceiverReport(self._channels[1].ssrc, (block,)))

    def _new_floor_server(self) -> None:
        self._channels = {
            number: PretendChannel(number, self._talk_limit, lambda: next(self._bursts))
            for number in _NAMES
        }

    def _handle_control(self, desk: Desk, message: ControlMessage) -> None:
        desk.control.append(message)
        if self.misses(message):
            return
        match message:
            case Probe(token=token):
                self._send(desk, ProbeReply(desk.ssrc, token))
            case ProbeReply() | Challenge() | ChallengeReply() | ReceiverReport():
                pass
            case _:
                channel = self._channels[message.ssrc - desk.ssrc]
                actions = channel.floor.handle(desk.number, message, trio.current_time())
                self._carry_out(channel, actions)

    def _relay(self, desk: Desk, datagram: bytes) -> None:
        burst = peek_ssrc(datagram, DatagramKind.RTP)
        desk.receiver.add_source(burst)
        packet = desk.receiver.unprotect_rtp(datagram)
        now = trio.current_time()
        for channel in self._channels.values():
            route = channel.floor.route
            if route is not None and (route.talker, route.burst) == (desk.number, burst):
                channel.floor.note_media(now)
                self._send_voice(channel.voice.protect(packet), route.listeners)
                return
        for channel in self._channels.values():
            self._carry_out(channel, channel.floor.handle_stray_media(desk.number, now))

    def _send_voice(self, datagram: bytes, listeners: tuple[int, ...]) -> None:
        for number in listeners:
            if not self.loses_voice(self.desks[number].person):
                self._deliver(self.desks[number], datagram)

    def _carry_out(self, channel: PretendChannel, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send() | Announce():
                    for number in channel.floor.recipients(action):
                        if number in self.desks:
                            self._send(self.desks[number], action.message)
                case QueueChanged(waiting=waiting):
                    changed = wire.Waiting(channel=channel.number, participants=list(waiting))
                    for number in channel.members:
                        self.desks[number].tell(changed)
                case _:
                    pass
        self._woken.set()

    def _send(self, desk: Desk, message: ControlMessage) -> None:
        datagram = desk.sender.protect_rtcp(encode_control(message))
        if not self.loses(desk.person, message):
            self._deliver(desk, datagram)

    def _deliver(self, desk: Desk, datagram: bytes) -> None:
        """In order: a network that reorders has tests of its own."""
        if desk.datagrams is not None and desk.person not in self.cut_off:
            desk.datagrams.send_nowait((trio.current_time() + self.delay, datagram))

    async def _run_clock(self) -> None:
        while True:
            self._woken = trio.Event()
            deadline = min(channel.floor.deadline for channel in self._channels.values())
            with trio.move_on_at(deadline):
                await self._woken.wait()
            now = trio.current_time()
            for channel in self._channels.values():
                if channel.floor.deadline <= now:
                    self._carry_out(channel, channel.floor.handle_deadline(now))


class PretendNetwork:
    """One client's way to the server. `moved`: its machine has got another address."""

    def __init__(self, server: PretendServer) -> None:
        self.moved = False
        self.sockets_opened = 0
        self._server = server
        self._desk: Desk | None = None

    @asynccontextmanager
    async def open_session(self, credential: Credential) -> AsyncIterator["PretendSession"]:
        """Raises ServerUnreachableError while the server is not reachable."""
        await trio.lowlevel.checkpoint()
        if not self._server.reachable:
            raise ServerUnreachableError("Nobody answers.")
        signalling, inbox = trio.open_memory_channel[wire.ServerMessage](1000)
        self._desk = desk = self._server.connect(signalling)
        try:
            yield PretendSession(self._server, desk, inbox)
        finally:
            self._server.disconnect(desk)

    @asynccontextmanager
    async def open_datagrams(self, host: str, port: int) -> AsyncIterator["PretendSocket"]:
        """Datagrams to and from the desk of the present session."""
        await trio.lowlevel.checkpoint()
        assert self._desk is not None
        self._desk.datagrams, inbox = trio.open_memory_channel[tuple[float, bytes]](1000)
        self.moved = False
        self.sockets_opened += 1
        yield PretendSocket(self, self._server, self._desk, inbox)


class PretendSession:
    """A Session of ptt.client.network."""

    peer_host = "pretended"

    def __init__(
        self,
        server: PretendServer,
        desk: Desk,
        inbox: "trio.MemoryReceiveChannel[wire.ServerMessage]",
    ) -> None:
        self._server, self._desk, self._inbox = server, desk, inbox

    async def send(self, message: wire.ClientMessage) -> None:
        """Arrives at once."""
        await trio.lowlevel.checkpoint()
        self._server.handle(self._desk, message)

    async def receive(self) -> wire.ServerMessage:
        """Raises ServerUnreachableError when the server has cut the session."""
        try:
            return await self._inbox.receive()
        except trio.EndOfChannel:
            raise ServerUnreachableError("The connection broke.") from None


class PretendSocket:
    """A DatagramSocket of ptt.client.network."""

    def __init__(
        self,
        network: PretendNetwork,
        server: PretendServer,
        desk: Desk,
        inbox: "trio.MemoryReceiveChannel[tuple[float, bytes]]",
    ) -> None:
        self._network, self._server, self._desk, self._inbox = network, server, desk, inbox

    def send(self, datagram: bytes) -> None:
        """Arrives at once, or nowhere after a move."""
        if not self._network.moved:
            self._server.receive(self._desk, datagram)

    async def receive(self) -> bytes:
        """The next datagram."""
        at, datagram = await self._inbox.receive()
        await trio.sleep_until(at)
        return datagram

    def address_changed(self) -> bool:
        """After a move."""
        return self._network.moved
