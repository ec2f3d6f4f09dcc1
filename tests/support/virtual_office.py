"""A switchboard, a floor server and clients, joined directly, in virtual time.

    Conversation --tell--> Switchboard --orders--> FloorServer --datagrams--> Conversation
                 --datagrams under real keys------^

Everything is the product's own but the sockets, the tasks and the clock: a datagram arrives at
once, `now` is a number. A day of it takes less than a minute. The floor server's process, the
database and the sound devices are not here.
"""

from collections import Counter, deque
from functools import partial
from heapq import heappop, heappush
from itertools import count
from math import inf
from random import Random
from typing import TYPE_CHECKING

from ptt.channel.forwarding import BurstNumbers
from ptt.client.conversation import Conversation
from ptt.client.events import Event
from ptt.client.settings import Settings
from ptt.client.talker import Phase
from ptt.errors import AuthenticationError
from ptt.floor_server.server import FloorServer
from ptt.media.frames import FRAME_SAMPLES, FRAME_SECONDS
from ptt.media.tones import Tone
from ptt.net.bulk_send import AddressList
from ptt.security.srtp import ControlReceiver, UplinkSender, new_key
from ptt.switchboard.keys import Supply
from ptt.switchboard.outputs import Cut, Noted, Output, ToClient, ToFloorServer
from ptt.switchboard.records import ChannelSettings, Device, Directory, Person
from ptt.switchboard.state import Switchboard
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.datagram import DatagramKind, classify
from ptt.wire.rtp import RtpPacket, encode_rtp
from ptt.wire.signalling import ClientMessage, Joined, Media, ServerMessage, Welcome

if TYPE_CHECKING:
    from collections.abc import Callable

FLOOR_SERVER = 0
SECOND = 1.0
PLAIN = Settings(complexity=0, open_microphone_after=inf)


class VirtualOffice:
    """People in channels. `noted`: events of the switchboard's log, counted.

    `loses(datagram)`: whether this one is lost, whoever sent it; `delays`: by how many seconds
    the switchboard's messages to somebody are late. Everything else arrives at once.
    """

    def __init__(
        self,
        names: list[str],
        channels: list[ChannelSettings],
        *,
        rng: Random | None = None,
        settings: Settings = PLAIN,
        now: float = 1e3,
    ) -> None:
        self.now = now
        self.rng = rng or Random(1)
        self.loses: Callable[[bytes], bool] = lambda datagram: False
        self.delays: dict[str, float] = {}
        self._late: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self.noted: Counter[str] = Counter()
        self.pending: deque[Callable[[], None]] = deque()
        people = {number: Person(number, name) for number, name in enumerate(names, 1)}
        devices = {name: Device(name, number, "desk", b"") for number, name in enumerate(names, 1)}
        self.directory = Directory(1, people, devices, {each.number: each for each in channels}, {})
        self.board = Switchboard("Office", Supply(self.rng, new_key))
        self.server = FloorServer(
            _ServerSocket(self),
            _Bulk(self),
            new_nonce=lambda: self.rng.randbytes(8),
            new_burst=BurstNumbers(self.rng.getrandbits(31), self.rng.getrandbits(31)),
            report=lambda report: self.pending.append(partial(self._report, report)),
        )
        self.clients = {name: VirtualClient(self, name, settings) for name in names}
        self._second = now + SECOND
        self._frame = now
        self._carry_out(self.board.apply(self.directory, now))
        self._carry_out(self.board.open_floor(FLOOR_SERVER, 40000, now))
        self.settle()

    # what people do; all of it arrives at once

    def connect(self, name: str, *channels: str) -> "VirtualClient":
        """The person's client comes, wants these channels and is in them."""
        client = self.clients[name]
        for channel in channels:
            client.conversation.want(channel)
        participant, outputs = self.board.connect(self.directory.devices[name], self.now)
        client.participant = participant
        self._carry_out(outputs)
        self.settle()
        return client

    def disconnect(self, name: str) -> None:
        """The connection of the person's client breaks."""
        client = self.clients[name]
        self._carry_out(self.board.disconnect(client.participant, self.now))
        client.lose()
        self.settle()

    def settle(self) -> None:
        """Deliver what is on its way, and what follows from it."""
        while self.pending:
            self.pending.popleft()()

    # time

    def run(self, seconds: float) -> None:
        """Let so much time go by; microphones give frames, loudspeakers take them."""
        until = self.now + seconds
        self.settle()
        while (due := self._next()) <= until:
            self.now = max(self.now, due)
            self._go_on()
        self.now = until

    def _next(self) -> float:
        late = self._late[0][0] if self._late else inf
        due = min(late, self._second, self.server.deadline, self.board.deadline)
        due = min(due, *(client.conversation.deadline for client in self.clients.values()))
        if any(client.needs_frames for client in self.clients.values()):
            self._frame = max(self._frame, self.now)
            due = min(due, self._frame)
        return due

    def _go_on(self) -> None:
        now = self.now
        while self._late and self._late[0][0] <= now:
            self.pending.append(heappop(self._late)[2])
        if now >= self._frame:
            self._frame = now + FRAME_SECONDS
            for client in self.clients.values():
                client.step_sound()
        if now >= self._second:
            self._second += SECOND
            self.server.every_second(now)
        if now >= self.server.deadline:
            self.server.handle_deadline(now)
        self._carry_out(self.board.handle_deadline(now))
        for client in self.clients.values():
            if now >= client.conversation.deadline:
                client.conversation.handle_deadline(now)
        self.settle()

    # between the parts

    def tell(self, participant: int, message: ClientMessage) -> None:
        """A client's message for the switchboard."""
        self.pending.append(
            lambda: self._carry_out(self.board.handle(participant, message, self.now))
        )

    def receive(self, datagram: bytes, address: tuple[str, int]) -> None:
        """A client's datagram for the floor server."""
        if not self.loses(datagram):
            self.pending.append(lambda: self.server.take_untrusted([(datagram, address)], self.now))

    def deliver(self, datagram: bytes, address: tuple[str, int]) -> None:
        """A datagram of the floor server."""
        client = self.clients[address[0]]
        if not self.loses(datagram) and address == client.address:
            self.pending.append(lambda: client.receive(datagram))

    @property
    def parts(self) -> list[object]:
        """All that could grow: both servers, the clients and their keys."""
        return [self.board, self.server, *(p for each in self.clients.values() for p in each.parts)]

    @property
    def is_quiet(self) -> bool:
        """Whether nobody holds a floor, wants one, or is believed to."""
        conversations = [client.conversation for client in self.clients.values()]
        idle = all(each.talker.phase is Phase.IDLE for each in conversations)
        channels = [channel for each in conversations for channel in each.channels.values()]
        return idle and not self.board.talks and not any(each.talker for each in channels)

    def _report(self, report: object) -> None:
        self._carry_out(self.board.handle_report(FLOOR_SERVER, report, self.now))

    def _carry_out(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case ToClient(participant, message):
                    self._post(participant, message)
                case ToFloorServer(order):
                    self.server.obey(order, self.now)
                case Noted(event):
                    self.noted[event] += 1
                case Cut():
                    pass

    def _post(self, participant: int, message: ServerMessage) -> None:
        """In order: each message of a client is late by the same time."""
        bring = partial(self._bring, participant, message)
        connection = self.board.connections.get(participant)
        delay = self.delays.get(connection.device, 0.0) if connection else 0.0
        if delay:
            heappush(self._late, (self.now + delay, next(self._order), bring))
        else:
            self.pending.append(bring)

    def _bring(self, participant: int, message: ServerMessage) -> None:
        for client in self.clients.values():
            if client.participant == participant:
                client.take(message)


class VirtualClient:
    """One person's conversation, its keys and its sound; implements Surroundings.

    `says`: the frame that the microphone gives; `events`: how often each kind was published;
    `refused`: datagrams that could not be opened; `heard`: frames that sounded; `sequences`: the
    numbers of all voice packets that were sent.
    """

    def __init__(self, office: VirtualOffice, name: str, settings: Settings) -> None:
        self.name = name
        self.participant = 0
        self.events: Counter[str] = Counter()
        self.refused = self.heard = 0
        self.says = _noise()
        self.address = (name, 1)
        self._office = office
        self._sender: UplinkSender | None = None
        self._receiver: ControlReceiver | None = None
        self.sequences: list[int] = []
        self.conversation = Conversation(settings, office.rng, self)

    @property
    def needs_frames(self) -> bool:
        """Whether the microphone is open or something sounds."""
        conversation = self.conversation
        return conversation.talker.wants_microphone or not conversation.playback.rests

    @property
    def parts(self) -> list[object]:
        """Its conversation and its keys."""
        return [self.conversation, self._sender, self._receiver]

    def press(self, channel: str, *, emergency: bool = False) -> None:
        """The key goes down."""
        self.conversation.press(channel, self._office.now, emergency=emergency)
        self._office.settle()

    def release(self) -> None:
        """The key goes up."""
        self.conversation.release(self._office.now)
        self._office.settle()

    def leave(self, channel: str) -> None:
        """Be in this channel no more."""
        self.conversation.leave(channel, self._office.now)
        self._office.settle()

    def join(self, channel: str) -> None:
        """Be in this channel."""
        self.conversation.want(channel)
        self._office.settle()

    def move(self) -> None:
        """Have another address from now on."""
        name, port = self.address
        self.address = name, port + 1

    def replay(self, channel: str) -> bool:
        """Hear the channel's last burst again."""
        number = self.conversation.described[channel].channel
        return self.conversation.playback.replay(channel, number, self._office.now)

    def step_sound(self) -> None:
        """20 ms of microphone and loudspeaker."""
        now = self._office.now
        if self.conversation.talker.wants_microphone:
            self.conversation.own_voice.handle_frame(self.says, now)
        if not self.conversation.playback.rests:
            self.heard += len(self.conversation.playback.play(now))

    def lose(self) -> None:
        """The connection is gone."""
        self.participant, self._sender, self._receiver = 0, None, None
        self.conversation.lose_media("The connection broke.", self._office.now)

    def take(self, message: ServerMessage) -> None:
        """What the engine does with a message of the switchboard."""
        match message:
            case Media():
                self._sender = UplinkSender(message.uplink_key)
                self._receiver = ControlReceiver(message.control_key)
                self._receiver.add_source(message.ssrc)
            case Joined() if self._receiver is not None:
                self._receiver.add_source(message.channel_ssrc)
            case Welcome():
                pass
            case _:
                pass
        self.conversation.handle_signalling(message, self._office.now)

    def receive(self, datagram: bytes) -> None:
        """What the engine does with a datagram of the floor server."""
        if classify(datagram) is DatagramKind.RTP:
            self.conversation.handle_voice(datagram, self._office.now)
        elif self._receiver is not None:
            try:
                messages = parse_control_untrusted(self._receiver.unprotect_rtcp(datagram))
            except AuthenticationError:
                self.refused += 1
                return
            self.conversation.handle_control(FLOOR_SERVER, messages, self._office.now)

    # Surroundings

    def publish(self, event: Event) -> None:
        self.events[type(event).__name__] += 1

    def tell(self, message: ClientMessage) -> None:
        self._office.tell(self.participant, message)

    def send_control(self, _floor_server: int, message: ControlMessage) -> None:
        if self._sender is not None:
            self._send(self._sender.protect_rtcp(encode_control(message)))

    def send_voice(self, _floor_server: int, packet: RtpPacket) -> None:
        if self._sender is not None:
            self.sequences.append(packet.sequence)
            self._send(self._sender.protect_rtp(encode_rtp(packet)))
            playback, person = self.conversation.playback, self.conversation.person
            playback.note_sent(packet, person, self._office.now)

    def play_tone(self, tone: Tone) -> None:
        pass

    def _send(self, datagram: bytes) -> None:
        self._office.receive(datagram, self.address)


class _ServerSocket:
    """As much of DatagramSocket as the floor server uses; an address is a client's name."""

    def __init__(self, office: VirtualOffice) -> None:
        self._office = office

    def send(self, octets: bytes, address: tuple[str, int]) -> bool:
        self._office.deliver(octets, address)
        return True


class _Bulk:
    """A BulkSender over the same."""

    def __init__(self, office: VirtualOffice) -> None:
        self._office = office

    def list_addresses(self, addresses: list[tuple[str, int]]) -> AddressList:
        return AddressList(tuple(addresses))

    def send(self, octets: bytes, to: AddressList) -> int:
        for address in to.addresses:
            self._office.deliver(octets, address)
        return len(to)


def _noise() -> bytes:
    """A frame that no silence detector takes for silence."""
    rng = Random(1)
    return b"".join(
        rng.randrange(-3000, 3000).to_bytes(2, "little", signed=True) for _ in range(FRAME_SAMPLES)
    )
