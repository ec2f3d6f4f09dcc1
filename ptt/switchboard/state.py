"""The switchboard as a value: who is connected, who is in which channel, with which keys.

    events + now --> Switchboard --> list[Output]

Events are method calls: a client connects, asks, goes; the directory has changed; the floor
server is ready, reports, is lost. The shells (session.py, floor_servers.py) carry out what comes
back. Pure: no socket, no database, no clock; chance comes through `Supply`.
"""

from math import inf

from ptt.switchboard.agenda import Agenda
from ptt.switchboard.channels import Channel
from ptt.switchboard.connection import Connection
from ptt.switchboard.descriptions import describe
from ptt.switchboard.doors import Doors
from ptt.switchboard.keys import Supply
from ptt.switchboard.outputs import Cut, Noted, Output, ToClient, ToFloorServer
from ptt.switchboard.records import ChannelSettings, Device, Directory, Role
from ptt.switchboard.spreading import Spreading
from ptt.switchboard.talks import Talks
from ptt.wire import trunk
from ptt.wire.signalling import (
    AskKey,
    Bye,
    Channels,
    ClientMessage,
    Hello,
    Join,
    KeyInUse,
    Leave,
    Left,
    Media,
    Presence,
    Refused,
    Welcome,
)

# Implementation
CHANNEL_CAPACITY = 2000  # members

REVOKED = "This device has been revoked: ask for a new invite."
REPLACED = "This device has connected again from elsewhere."
REMOVED = "This channel has been removed."
EXCLUDED = "You may no longer be in this channel."


class Switchboard:
    """All connections and channels of one daemon, which has so many floor servers."""

    def __init__(self, server: str, supply: Supply, floor_servers: int = 1) -> None:
        self.connections: dict[int, Connection] = {}
        self.channels: dict[int, Channel] = {}
        self.directory = Directory()
        self._server = server
        self._supply = supply
        self._next_participant = 1
        self._by_device: dict[str, int] = {}
        self._spreading = Spreading(floor_servers)
        self._talks = Talks()
        self._doors = Doors(self.directory)
        self._agenda = Agenda()
        self._touched: set[int] = set()  # channels whose deadline may be another now

    @property
    def is_ready(self) -> bool:
        """Whether all floor servers relay voice."""
        return self._spreading.is_complete

    @property
    def floor_servers(self) -> int:
        """How many floor servers relay voice."""
        return len(self._spreading.ports)

    @property
    def talks(self) -> int:
        """How many bursts run."""
        return len(self._talks)

    @property
    def deadline(self) -> float:
        """When `handle_deadline` wants to be called; inf if never."""
        while self._touched:
            number = self._touched.pop()
            channel = self.channels.get(number)
            self._agenda.put(number, inf if channel is None else channel.deadline)
        return min(self._spreading.deadline, self._agenda.next)

    def handle_deadline(self, now: float) -> list[Output]:
        """Do what is due."""
        if now < self.deadline:
            return []
        due = self._agenda.take_due(now)
        self._touched.update(due)
        outputs = [output for each in due for output in self.channels[each].handle_deadline(now)]
        for number in self._spreading.given_up(now):
            outputs += self._evacuate(number, now)
        return outputs

    # clients

    def connect(self, device: Device, now: float) -> tuple[int, list[Output]]:
        """A device has proved itself; returns its participant. A former connection ends."""
        outputs = self._replace(device.device, now)
        participant, self._next_participant = self._next_participant, self._next_participant + 1
        connection = Connection(participant, device.device, self.directory.people[device.person])
        self.connections[participant] = connection
        self._by_device[device.device] = participant
        connection.offered = describe(self.directory, self._doors, self.channels, connection.person)
        welcome = Welcome(
            participant=participant,
            person=connection.person.name,
            server=self._server,
            channels=connection.offered,
        )
        outputs += [Noted("connect", connection.facts), ToClient(participant, welcome)]
        return participant, [*outputs, *self._greet(connection)]

    def disconnect(self, participant: int, now: float) -> list[Output]:
        """The connection is gone: out of everything, the floor is free at once."""
        connection = self.connections.pop(participant, None)
        if connection is None:
            return []
        del self._by_device[connection.device]
        outputs: list[Output] = []
        self._touched.update(connection.channels)
        for floor_server, ssrc in connection.links.items():
            if floor_server in self._spreading.ports:
                removed = trunk.RemoveClient(client=participant)
                outputs.append(ToFloorServer(removed, floor_server))
            self._supply.take_back(ssrc)
        for number in connection.channels:
            self._spreading.change_members(self.channels[number].floor_server, -1)
            outputs += self.channels[number].leave(participant, now, is_gone=True)
        return [*outputs, Noted("disconnect", connection.facts)]

    def handle(self, participant: int, message: ClientMessage, now: float) -> list[Output]:
        """A message from a client that is in."""
        connection = self.connections.get(participant)
        if connection is None:
            return []
        if not isinstance(message, Hello | Presence):
            self._touched.add(message.channel)
        match message:
            case Hello():
                return [_refuse(participant, "protocol", "You have already said Hello.")]
            case Join():
                return self._join(connection, message.channel, now)
            case Leave() if message.channel in connection.channels:
                return self._leave(connection, message.channel, "", now)
            case KeyInUse() if message.channel in connection.channels:
                channel = self.channels[message.channel]
                return channel.confirm_key(participant, message.epoch, now)
            case AskKey() if message.channel in connection.channels:
                return self.channels[message.channel].tell_key_again(participant, now)
            case Presence():
                connection.presence = message
                self._touched.update(connection.channels)
                shown = (self.channels[number] for number in connection.channels)
                return [o for each in shown for o in each.show_member(connection.member, now)]
            case _:
                return []

    def end(self, sentence: str) -> list[Output]:
        """The daemon stops: say good-bye to everybody."""
        return [
            output
            for participant in self.connections
            for output in (ToClient(participant, Bye(sentence=sentence)), Cut(participant))
        ]

    # the directory

    def apply(self, directory: Directory, now: float) -> list[Output]:
        """People, devices, channels or roles have changed."""
        self.directory = directory
        self._doors = Doors(directory)
        self._touched |= self.channels.keys() | directory.channels.keys()
        outputs = self._drop_revoked(now)
        outputs += self._update_channels(now)
        for connection in self.connections.values():
            outputs += self._update_connection(connection, now)
        return outputs

    # the floor servers

    def open_floor(self, number: int, port: int, now: float) -> list[Output]:
        """A floor server is ready and knows nothing: tell it all, with new keys for everybody."""
        self._spreading.open(number, port)
        outputs: list[Output] = []
        for connection in self.connections.values():
            if number in connection.links or not connection.links:
                outputs += self._give_media(connection, number)
        for channel in self._channels_at(number):
            outputs += self._open_channel(channel, now)
        return outputs

    def close_floor(self, number: int, now: float) -> list[Output]:
        """A floor server is gone; the others go on."""
        if number not in self._spreading.ports:
            return []
        self._spreading.close(number, now)
        outputs: list[Output] = [*self._talks.lose(number, now)]
        for channel in self._channels_at(number):
            self._touched.add(channel.settings.number)
            outputs += channel.close()
        for connection in self.connections.values():
            if number in connection.links:
                self._supply.take_back(connection.links[number])
                connection.links[number] = 0
        return outputs

    def handle_report(self, number: int, report: trunk.ToSwitchboard, now: float) -> list[Output]:
        """What a floor server says about the floors; of a channel that has gone, nothing."""
        match report:
            case trunk.TalkStarted():
                return [self._start_talk(number, report, now)]
            case trunk.TalkEnded():
                if channel := self.channels.get(report.channel):
                    channel.note_talk(report.burst, runs=False)
                return [*self._talks.end(report)]
            case trunk.QueueChanged():
                channel = self.channels.get(report.channel)
                is_there = channel is not None and channel.floor_server == number
                return channel.show_queue(report.clients) if channel and is_there else []
            case _:
                return []

    # below: parts of the above

    def _replace(self, device: str, now: float) -> list[Output]:
        former = self._by_device.get(device)
        return [] if former is None else self._expel(former, REPLACED, now)

    def _expel(self, participant: int, sentence: str, now: float) -> list[Output]:
        bye = Bye(sentence=sentence, again=False)
        return [
            ToClient(participant, bye),
            Cut(participant),
            *self.disconnect(participant, now),
        ]

    def _greet(self, connection: Connection) -> list[Output]:
        """Media of the floor server that it will probably need, before it joins a channel."""
        ports = self._spreading.ports
        likely = (self.channels[each.channel].floor_server for each in connection.offered)
        number = next((each for each in likely if each in ports), min(ports, default=None))
        return [] if number is None else self._give_media(connection, number)

    def _give_media(self, connection: Connection, number: int) -> list[Output]:
        connection.links[number] = ssrc = self._supply.ssrc()
        uplink, control = self._supply.key("gcm"), self._supply.key("gcm")
        added = trunk.AddClient(
            client=connection.participant, ssrc=ssrc, uplink_key=uplink, control_key=control
        )
        media = Media(
            port=self._spreading.ports[number],
            ssrc=ssrc,
            uplink_key=uplink,
            control_key=control,
            floor_server=number,
        )
        return [ToFloorServer(added, number), ToClient(connection.participant, media)]

    def _give_missing_media(self, connection: Connection, number: int) -> list[Output]:
        if number not in self._spreading.ports or connection.links.get(number):
            return []
        return self._give_media(connection, number)

    def _channels_at(self, number: int) -> list[Channel]:
        return [each for each in self.channels.values() if each.floor_server == number]

    def _add_channel(self, settings: ChannelSettings, now: float) -> list[Output]:
        channel = Channel(settings, self._supply, self._spreading.place())
        self.channels[settings.number] = channel
        return self._open_channel(channel, now)

    def _open_channel(self, channel: Channel, now: float) -> list[Output]:
        """On its floor server, if that is there."""
        self._touched.add(channel.settings.number)
        if channel.floor_server not in self._spreading.ports:
            return []
        outputs: list[Output] = []
        for participant in channel.members:
            connection = self.connections[participant]
            outputs += self._give_missing_media(connection, channel.floor_server)
        return [*outputs, *channel.open(now)]

    def _evacuate(self, number: int, now: float) -> list[Output]:
        """A floor server does not come back: others take its channels."""
        outputs: list[Output] = []
        for channel in self._channels_at(number):
            members = len(channel.members)
            self._spreading.remove(number, members)
            channel.floor_server = self._spreading.place(members)
            outputs += self._open_channel(channel, now)
        return [*outputs, Noted("floor-server-given-up", {"floor_server": number})]

    def _place_again(self, channel: Channel, now: float) -> list[Output]:
        """Somebody comes into an empty channel: where is there room?"""
        former = channel.floor_server
        self._spreading.remove(former)
        number = self._spreading.place(stay_at=former)
        if number == former:
            return []
        outputs = channel.withdraw()
        channel.floor_server = number
        return [*outputs, *self._open_channel(channel, now)]

    def _join(self, connection: Connection, number: int, now: float) -> list[Output]:
        participant, channel = connection.participant, self.channels.get(number)
        right = self.directory.right(number, connection.person.number)
        if channel is None:
            sentence = "There is no such channel (any more)."
            return [_refuse(participant, "unknown-channel", sentence, number)]
        if right.role < Role.LISTEN:
            sentence = f'You may not enter the channel "{channel.settings.name}".'
            return [_refuse(participant, "not-allowed", sentence, number)]
        if number in connection.channels:
            return []
        if len(channel.members) >= CHANNEL_CAPACITY:
            sentence = f'The channel "{channel.settings.name}" is full.'
            return [_refuse(participant, "channel-full", sentence, number)]
        outputs = [] if channel.members else self._place_again(channel, now)
        outputs += self._give_missing_media(connection, channel.floor_server)
        self._spreading.change_members(channel.floor_server, +1)
        connection.channels.append(number)
        return [*outputs, *channel.join(connection.member, right, now)]

    def _leave(
        self, connection: Connection, number: int, sentence: str, now: float
    ) -> list[Output]:
        connection.channels.remove(number)
        self._spreading.change_members(self.channels[number].floor_server, -1)
        left = ToClient(connection.participant, Left(channel=number, sentence=sentence))
        return [left, *self.channels[number].leave(connection.participant, now)]

    def _drop_revoked(self, now: float) -> list[Output]:
        gone = [
            connection
            for connection in self.connections.values()
            if connection.device not in self.directory.devices
        ]
        outputs: list[Output] = []
        for connection in gone:
            outputs += [Noted("revoked", connection.facts)]
            outputs += self._expel(connection.participant, REVOKED, now)
        return outputs

    def _update_channels(self, now: float) -> list[Output]:
        outputs: list[Output] = []
        for number in self.channels.keys() - self.directory.channels.keys():
            outputs += self._remove_channel(number)
        for number, settings in self.directory.channels.items():
            if channel := self.channels.get(number):
                outputs += channel.change_settings(settings, now)
            else:
                outputs += self._add_channel(settings, now)
        return outputs

    def _remove_channel(self, number: int) -> list[Output]:
        channel = self.channels.pop(number)
        self._spreading.remove(channel.floor_server, len(channel.members))
        for participant in channel.members:
            self.connections[participant].channels.remove(number)
        return channel.remove(REMOVED)

    def _update_connection(self, connection: Connection, now: float) -> list[Output]:
        outputs: list[Output] = []
        connection.person = self.directory.people[connection.person.number]
        for number in list(connection.channels):
            right = self.directory.right(number, connection.person.number)
            if right.role < Role.LISTEN:
                outputs += self._leave(connection, number, EXCLUDED, now)
            else:
                outputs += self.channels[number].change_member(connection.member, right, now)
        offered = describe(self.directory, self._doors, self.channels, connection.person)
        if offered != connection.offered:
            connection.offered = offered
            outputs.append(ToClient(connection.participant, Channels(channels=offered)))
        return outputs

    def _start_talk(self, number: int, report: trunk.TalkStarted, now: float) -> Noted:
        channel = self.channels.get(report.channel)
        connection = self.connections.get(report.client)
        if channel:
            channel.note_talk(report.burst, runs=True)
        return self._talks.start(
            report,
            number,
            channel_name=channel.settings.name if channel else None,
            person=connection.person.name if connection else "",
            now=now,
        )


def _refuse(participant: int, cause: str, sentence: str, channel: int | None = None) -> ToClient:
    return ToClient(participant, Refused(cause=cause, sentence=sentence, channel=channel))
