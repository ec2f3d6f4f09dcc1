"""Believes only what the switchboard sends: what clients and a floor server would know by it."""

from dataclasses import dataclass, field

from ptt.switchboard.outputs import Cut, Noted, Output, ToClient, ToFloorServer
from ptt.wire import trunk
from ptt.wire.signalling import (
    Bye,
    ChannelKey,
    Joined,
    Left,
    Media,
    Members,
    ServerMessage,
    Welcome,
)


@dataclass
class ClientSide:
    """What one client knows."""

    messages: list[ServerMessage] = field(default_factory=list)
    channels: dict[int, dict[int, str]] = field(default_factory=dict)  # channel -> members
    epochs: dict[int, set[int]] = field(default_factory=dict)  # channel -> epochs with a key
    media: dict[int, Media] = field(default_factory=dict)  # floor server -> the newest
    places: dict[int, int] = field(default_factory=dict)  # channel -> floor server
    is_cut: bool = False

    def take(self, message: ServerMessage) -> None:
        assert not self.is_cut, f"{message} after the cut"
        self.messages.append(message)
        match message:
            case Media():
                self.media[message.floor_server] = message
            case Joined():
                assert message.floor_server in self.media, "joined to a place without a way"
                self.places[message.channel] = message.floor_server
                self.channels[message.channel] = {
                    member.participant: member.name for member in message.members
                }
            case Left():
                self.channels.pop(message.channel, None)  # perhaps it was never let in
            case Members():
                roster = self.channels[message.channel]
                roster.update((member.participant, member.name) for member in message.joined)
                for participant in message.left:
                    roster.pop(participant, None)
            case ChannelKey():
                assert message.channel in self.channels, "a key for somebody outside"
                self.epochs.setdefault(message.channel, set()).add(message.epoch)
            case Welcome():
                assert len(self.messages) == 1
            case _:
                pass

    def last(self, kind: type) -> ServerMessage:
        return [message for message in self.messages if isinstance(message, kind)][-1]


@dataclass
class FloorServerSide:
    """What the floor server knows; it refuses orders that make no sense."""

    clients: dict[int, trunk.AddClient] = field(default_factory=dict)
    channels: dict[int, trunk.SetChannel] = field(default_factory=dict)
    members: dict[tuple[int, int], trunk.SetMember] = field(default_factory=dict)
    epochs: dict[int, int] = field(default_factory=dict)  # channel -> newest
    in_use: dict[int, int] = field(default_factory=dict)  # channel -> of the burst that runs

    def take(self, order: trunk.ToFloorServer) -> None:
        match order:
            case trunk.AddClient():
                assert order.client not in self.clients
                self.clients[order.client] = order
            case trunk.RemoveClient():
                del self.clients[order.client]
                for key in [key for key in self.members if key[1] == order.client]:
                    del self.members[key]
            case trunk.SetChannel():
                self.channels[order.channel] = order
            case trunk.RemoveChannel():
                del self.channels[order.channel]
                self.epochs.pop(order.channel, None)
                self.in_use.pop(order.channel, None)
                for key in [key for key in self.members if key[0] == order.channel]:
                    del self.members[key]
            case trunk.SetMember():
                assert order.client in self.clients
                strict = self.channels[order.channel].strict
                assert (order.voice_key is not None) == strict
                self.members[order.channel, order.client] = order
            case trunk.RemoveMember():
                del self.members[order.channel, order.client]
            case trunk.AddEpoch():
                assert not self.channels[order.channel].strict
                self.epochs[order.channel] = order.epoch
            case trunk.UseEpoch():
                assert self.epochs[order.channel] == order.epoch
                self.in_use[order.channel] = order.epoch
            case trunk.Stop():
                pass

    @property
    def ssrcs(self) -> list[int]:
        return [
            *(each.ssrc for each in self.clients.values()),
            *(each.ssrc for each in self.channels.values()),
            *(each.ssrc for each in self.members.values()),
        ]


@dataclass
class Witness:
    """Both sides, and the log."""

    clients: dict[int, ClientSide] = field(default_factory=dict)
    floor_servers: dict[int, FloorServerSide] = field(
        default_factory=lambda: {0: FloorServerSide()}
    )
    orders: list[trunk.ToFloorServer] = field(default_factory=list)
    noted: list[Noted] = field(default_factory=list)

    def take(self, outputs: list[Output]) -> None:
        for output in outputs:
            match output:
                case ToClient(participant, message):
                    self.clients.setdefault(participant, ClientSide()).take(message)
                case ToFloorServer(order, number):
                    self.orders.append(order)
                    self.floor_servers[number].take(order)
                case Cut(participant):
                    client = self.clients[participant]
                    assert isinstance(client.messages[-1], Bye)
                    client.is_cut = True
                case Noted():
                    self.noted.append(output)

    @property
    def floor_server(self) -> FloorServerSide:
        """The only one."""
        [floor_server] = self.floor_servers.values()
        return floor_server

    def media(self, participant: int) -> Media:
        media = self.clients[participant].last(Media)
        assert isinstance(media, Media)
        return media
