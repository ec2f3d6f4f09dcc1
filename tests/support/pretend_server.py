"""A switchboard and a floor server in memory: real floor, real keys, no sockets, no database.

    engine <--PretendNetwork--> PretendServer --> ptt.channel

For tests of the engine: what the network or the server may do wrong can be switched on.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
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
from ptt.wire.link import Probe, ProbeReply
from ptt.wire.rtcp import ReceiverReport, ReportBlock

CHANNEL = "Workshop"
NUMBER = 1
_CHANNEL_SSRC = 0x100


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
    datagrams: trio.MemorySendChannel[bytes] | None = None
    said: list[wire.ClientMessage] = field(default_factory=list)
    control: list[ControlMessage] = field(default_factory=list)
    voice: int = 0

    @property
    def ssrc(self) -> int:
        """Of its control packets; that of its floor messages is one more."""
        return 0x1000 + 2 * self.number

    def new_keys(self) -> wire.Media:
        """What a new floor server means for this client."""
        uplink, control = new_key(), new_key()
        self.receiver, self.sender = UplinkReceiver(uplink), ControlSender(control)
        self.receiver.add_source(self.ssrc)
        self.receiver.add_source(self.ssrc + 1)
        return wire.Media(port=2, ssrc=self.ssrc, uplink_key=uplink, control_key=control)


class PretendServer:
    """Has one channel. `refusal`, if set, is the answer to every Hello.

    `loses(person, message)`: whether this message of the floor server is lost on its way to
    that person. `delay`: seconds of every datagram, each way.
    """

    def __init__(self, nursery: trio.Nursery, *, talk_limit: float = 60.0) -> None:
        self.refusal: wire.Refused | wire.Bye | None = None
        self.reachable = True
        self.delay = 0.001
        self.loses: Callable[[str, ControlMessage], bool] = lambda person, message: False
        self.loses_voice: Callable[[str], bool] = lambda person: False
        self.desks: dict[int, Desk] = {}
        self.sessions_opened = 0
        self._nursery = nursery
        self._talk_limit = talk_limit
        self._numbers = count(1)
        self._bursts = count(0x80000001)
        self._epochs = count(7000)
        self._woken = trio.Event()
        self._new_floor_server()
        nursery.start_soon(self._run_clock)

    def desk(self, person: str) -> Desk:
        """The newest session of that person."""
        return [desk for desk in self.desks.values() if desk.person == person][-1]

    # what tests do to it

    def restart_floor_server(self) -> None:
        """New keys, new SSRCs; everybody is told again."""
        members = self._channel.roster.all_but(None)
        self._new_floor_server()
        for number in members:
            self.desks[number].signalling.send_nowait(self.desks[number].new_keys())
        for number in members:
            self._join(self.desks[number])

    def change_epoch(self) -> None:
        """A new key, used at once."""
        self._new_epoch()
        self._tell_key()

    def cut(self, person: str, *, last: wire.ServerMessage | None = None) -> None:
        """End that person's session, after a last word."""
        desk = self.desk(person)
        if last is not None:
            desk.signalling.send_nowait(last)
        desk.signalling.close()

    def tell(self, person: str, message: wire.ServerMessage) -> None:
        """Say something to that person."""
        self.desk(person).signalling.send_nowait(message)

    def forget_to_tell_key(self) -> None:
        """A new key that is used at once, and that clients have to ask for."""
        self._new_epoch()

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
        if self.desks.pop(desk.number, None):
            self._carry_out(self._channel.remove_member(desk.number, trio.current_time()))
            self._tell_members(left=[desk.number])

    def handle(self, desk: Desk, message: wire.ClientMessage) -> None:
        """A message of a client."""
        desk.said.append(message)
        match message:
            case wire.Hello(device=person):
                self._welcome(desk, person)
            case wire.Join(channel=1):
                self._join(desk)
            case wire.Join(channel=number):
                desk.signalling.send_nowait(
                    wire.Refused(cause="not-allowed", sentence="Not for you.", channel=number)
                )
            case wire.AskKey():
                desk.signalling.send_nowait(self._key_message())
            case wire.Leave():
                self._carry_out(self._channel.remove_member(desk.number, trio.current_time()))
            case _:
                pass

    def _welcome(self, desk: Desk, person: str) -> None:
        if self.refusal is not None:
            desk.signalling.send_nowait(self.refusal)
            return
        desk.person = person
        self.desks[desk.number] = desk
        channels = [
            wire.ChannelDescription(channel=NUMBER, name=CHANNEL, role="talk", talk_limit=60.0),
            wire.ChannelDescription(channel=9, name="Board", role="listen"),
        ]
        desk.signalling.send_nowait(
            wire.Welcome(participant=desk.number, person=person, server="Office", channels=channels)
        )
        desk.signalling.send_nowait(desk.new_keys())

    def _join(self, desk: Desk) -> None:
        member = Member(client=desk.number, ssrc=desk.ssrc + 1, priority=0, may_talk=True)
        actions = self._channel.set_member(member, trio.current_time())
        members = [
            wire.Member(participant=number, name=self.desks[number].person)
            for number in self._channel.roster.all_but(None)
        ]
        desk.signalling.send_nowait(
            wire.Joined(
                channel=NUMBER, ssrc=desk.ssrc + 1, channel_ssrc=_CHANNEL_SSRC, members=members
            )
        )
        self._tell_members(joined=[wire.Member(participant=desk.number, name=desk.person)])
        desk.signalling.send_nowait(self._key_message())
        self._carry_out(actions)

    def _tell_members(
        self, joined: list[wire.Member] | None = None, left: list[int] | None = None
    ) -> None:
        changed = wire.Members(channel=NUMBER, joined=joined or [], left=left or [])
        for number in self._channel.roster.all_but(joined[0].participant if joined else None):
            self.desks[number].signalling.send_nowait(changed)

    def _new_epoch(self) -> None:
        self._epoch, self._key = next(self._epochs), new_key()
        self._voice = VoiceSender(self._key, self._epoch)

    def _key_message(self) -> wire.ChannelKey:
        return wire.ChannelKey(channel=NUMBER, epoch=self._epoch, key=self._key)

    def _tell_key(self) -> None:
        for number in self._channel.roster.all_but(None):
            self.desks[number].signalling.send_nowait(self._key_message())

    # the floor server

    def receive(self, desk: Desk, datagram: bytes) -> None:
        """A datagram of a client."""
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
        self._send(self.desk(person), ReceiverReport(_CHANNEL_SSRC, (block,)))

    def _new_floor_server(self) -> None:
        settings = ChannelSettings(_CHANNEL_SSRC, self._talk_limit, 16)
        self._channel = Channel(settings, lambda: next(self._bursts))
        self._new_epoch()

    def _handle_control(self, desk: Desk, message: ControlMessage) -> None:
        desk.control.append(message)
        match message:
            case Probe(token=token):
                self._send(desk, ProbeReply(desk.ssrc, token))
            case ReceiverReport():
                pass
            case _:
                now = trio.current_time()
                self._carry_out(self._channel.handle(desk.number, message, now))  # type: ignore[arg-type]

    def _relay(self, desk: Desk, datagram: bytes) -> None:
        burst = peek_ssrc(datagram, DatagramKind.RTP)
        now = trio.current_time()
        route = self._channel.route
        desk.receiver.add_source(burst)
        packet = desk.receiver.unprotect_rtp(datagram)
        if route is None or (route.talker, route.burst) != (desk.number, burst):
            self._carry_out(self._channel.handle_stray_media(desk.number, now))
            return
        desk.voice += 1
        self._channel.note_media(now)
        sealed = self._voice.protect(packet)
        for number in route.listeners:
            if not self.loses_voice(self.desks[number].person):
                self._deliver(self.desks[number], sealed)

    def _carry_out(self, actions: list[Action]) -> None:
        for action in actions:
            match action:
                case Send() | Announce():
                    for number in self._channel.recipients(action):
                        if number in self.desks:
                            self._send(self.desks[number], action.message)
                case QueueChanged(waiting=waiting):
                    changed = wire.Waiting(channel=NUMBER, participants=list(waiting))
                    for number in self._channel.roster.all_but(None):
                        self.desks[number].signalling.send_nowait(changed)
                case _:
                    pass
        self._woken.set()

    def _send(self, desk: Desk, message: ControlMessage) -> None:
        datagram = desk.sender.protect_rtcp(encode_control(message))
        if not self.loses(desk.person, message):
            self._deliver(desk, datagram)

    def _deliver(self, desk: Desk, datagram: bytes) -> None:
        self._nursery.start_soon(self._deliver_later, desk, datagram)

    async def _deliver_later(self, desk: Desk, datagram: bytes) -> None:
        await trio.sleep(self.delay)
        if desk.datagrams is not None:
            desk.datagrams.send_nowait(datagram)

    async def _run_clock(self) -> None:
        while True:
            self._woken = trio.Event()
            with trio.move_on_at(self._channel.deadline) as waited:
                await self._woken.wait()
            if waited.cancelled_caught:
                self._carry_out(self._channel.handle_deadline(trio.current_time()))


class PretendNetwork:
    """One client's way to the server."""

    def __init__(self, server: PretendServer) -> None:
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
        self._desk.datagrams, inbox = trio.open_memory_channel[bytes](1000)
        yield PretendSocket(self._server, self._desk, inbox)


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
        self, server: PretendServer, desk: Desk, inbox: "trio.MemoryReceiveChannel[bytes]"
    ) -> None:
        self._server, self._desk, self._inbox = server, desk, inbox

    def send(self, datagram: bytes) -> None:
        """Arrives at once."""
        self._server.receive(self._desk, datagram)

    async def receive(self) -> bytes:
        """The next datagram."""
        return await self._inbox.receive()

    def address_changed(self) -> bool:
        """Never."""
        return False
