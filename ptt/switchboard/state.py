"""The switchboard as a value: who is connected, who is in which channel, with which keys.

    events + now --> Switchboard --> list[Output]

Events are method calls: a client connects, asks, goes; the directory has changed; the floor
server is ready, reports, is lost. The shells (session.py, floor_servers.py) carry out what comes
back. Pure: no socket, no database, no clock; chance comes through `Supply`.
"""

from dataclasses import dataclass, field
from math import inf

from ptt.errors import LocalProtocolError
from ptt.switchboard.agenda import Agenda
from ptt.switchboard.channels import Channel
from ptt.switchboard.doors import Doors
from ptt.switchboard.keys import Supply
from ptt.switchboard.outputs import Cut, Noted, Output, ToClient, ToFloorServer
from ptt.switchboard.records import Device, Directory, Person, Role
from ptt.wire import trunk
from ptt.wire.signalling import (
    AskKey,
    Bye,
    ChannelDescription,
    Channels,
    ClientMessage,
    Hello,
    Join,
    KeyInUse,
    Leave,
    Left,
    Media,
    Member,
    Refused,
    Welcome,
)

# Implementation
CHANNEL_CAPACITY = 2000  # members

REVOKED = "This device has been revoked: ask for a new invite."
REPLACED = "This device has connected again from elsewhere."
REMOVED = "This channel has been removed."
EXCLUDED = "You may no longer be in this channel."


@dataclass(slots=True)
class Connection:
    """One connected device."""

    participant: int
    device: str
    person: Person
    ssrc: int = 0
    channels: list[int] = field(default_factory=list)
    offered: list[ChannelDescription] = field(default_factory=list)

    @property
    def member(self) -> Member:
        """How others see it."""
        return Member(participant=self.participant, name=self.person.name)


@dataclass(frozen=True, slots=True)
class Talk:
    """A burst that runs; kept so that its end is noted whatever happens."""

    channel: int
    facts: dict[str, object]
    since: float


class Switchboard:
    """All connections and channels of one daemon."""

    def __init__(self, server: str, supply: Supply) -> None:
        self.connections: dict[int, Connection] = {}
        self.channels: dict[int, Channel] = {}
        self.directory = Directory()
        self._server = server
        self._supply = supply
        self._next_participant = 1
        self._by_device: dict[str, int] = {}
        self._media_port: int | None = None  # of a floor server that is ready
        self._talks: dict[int, Talk] = {}
        self._doors = Doors(self.directory)
        self._agenda = Agenda()
        self._touched: set[int] = set()  # channels whose deadline may be another now

    @property
    def is_ready(self) -> bool:
        """Whether a floor server relays voice."""
        return self._media_port is not None

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
        return self._agenda.next

    def handle_deadline(self, now: float) -> list[Output]:
        """Do what is due."""
        if now < self.deadline:
            return []
        due = self._agenda.take_due(now)
        self._touched.update(due)
        return [output for each in due for output in self.channels[each].handle_deadline(now)]

    # clients

    def connect(self, device: Device, now: float) -> tuple[int, list[Output]]:
        """A device has proved itself; returns its participant. A former connection ends."""
        outputs = self._replace(device.device, now)
        participant, self._next_participant = self._next_participant, self._next_participant + 1
        connection = Connection(participant, device.device, self.directory.people[device.person])
        self.connections[participant] = connection
        self._by_device[device.device] = participant
        connection.offered = self._describe(connection)
        welcome = Welcome(
            participant=participant,
            person=connection.person.name,
            server=self._server,
            channels=connection.offered,
        )
        outputs += [Noted("connect", self._facts(connection)), ToClient(participant, welcome)]
        return participant, [*outputs, *self._give_media(connection)]

    def disconnect(self, participant: int, now: float) -> list[Output]:
        """The connection is gone: out of everything, the floor is free at once."""
        connection = self.connections.pop(participant, None)
        if connection is None:
            return []
        del self._by_device[connection.device]
        self._supply.take_back(connection.ssrc)
        outputs: list[Output] = []
        if self.is_ready:
            outputs.append(ToFloorServer(trunk.RemoveClient(client=participant)))
        self._touched.update(connection.channels)
        for number in connection.channels:
            outputs += self.channels[number].leave(participant, now, is_gone=True)
        return [*outputs, Noted("disconnect", self._facts(connection))]

    def handle(self, participant: int, message: ClientMessage, now: float) -> list[Output]:
        """A message from a client that is in."""
        connection = self.connections.get(participant)
        if connection is None:
            return []
        if not isinstance(message, Hello):
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

    # the floor server

    def open_floor(self, port: int, now: float) -> list[Output]:
        """A floor server is ready and knows nothing: tell it all, with new keys for everybody."""
        if self.is_ready:
            raise LocalProtocolError("there is already a floor server")
        self._media_port = port
        self._touched.update(self.channels)
        outputs: list[Output] = []
        for connection in self.connections.values():
            outputs += self._give_media(connection)
        for channel in self.channels.values():
            outputs += channel.open(now)
        return outputs

    def close_floor(self, now: float) -> list[Output]:
        """The floor server is gone."""
        if not self.is_ready:
            return []
        self._media_port = None
        self._touched.update(self.channels)
        outputs: list[Output] = [
            self._end_talk(burst, "floor-server-lost", now - talk.since, 0)
            for burst, talk in list(self._talks.items())
        ]
        for channel in self.channels.values():
            outputs += channel.close()
        for connection in self.connections.values():
            self._supply.take_back(connection.ssrc)
        return outputs

    def handle_report(self, report: trunk.ToSwitchboard, now: float) -> list[Output]:
        """What the floor server says about the floors; of a channel that has gone, nothing."""
        match report:
            case trunk.TalkStarted():
                return self._start_talk(report, now)
            case trunk.TalkEnded() if report.burst in self._talks:
                return [self._end_talk(report.burst, report.reason, report.seconds, report.packets)]
            case trunk.QueueChanged() if report.channel in self.channels:
                return self.channels[report.channel].show_queue(report.clients)
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

    def _give_media(self, connection: Connection) -> list[Output]:
        if self._media_port is None:
            return []
        connection.ssrc = self._supply.ssrc()
        uplink, control = self._supply.key("gcm"), self._supply.key("gcm")
        added = trunk.AddClient(
            client=connection.participant,
            ssrc=connection.ssrc,
            uplink_key=uplink,
            control_key=control,
        )
        media = Media(
            port=self._media_port, ssrc=connection.ssrc, uplink_key=uplink, control_key=control
        )
        return [ToFloorServer(added), ToClient(connection.participant, media)]

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
        connection.channels.append(number)
        return channel.join(connection.member, right, now)

    def _leave(
        self, connection: Connection, number: int, sentence: str, now: float
    ) -> list[Output]:
        connection.channels.remove(number)
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
            outputs += [Noted("revoked", self._facts(connection))]
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
                channel = self.channels[number] = Channel(settings, self._supply)
                outputs += channel.open(now) if self.is_ready else []
        return outputs

    def _remove_channel(self, number: int) -> list[Output]:
        channel = self.channels.pop(number)
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
        offered = self._describe(connection)
        if offered != connection.offered:
            connection.offered = offered
            outputs.append(ToClient(connection.participant, Channels(channels=offered)))
        return outputs

    def _describe(self, connection: Connection) -> list[ChannelDescription]:
        descriptions = []
        for number in self._doors.of(connection.person.number):
            channel = self.channels[number]
            right = self.directory.right(number, connection.person.number)
            if right.role < Role.LISTEN:
                continue
            description = ChannelDescription(
                channel=number,
                name=channel.settings.name,
                role=right.role.word,
                priority=right.priority,
                talk_limit=channel.settings.talk_limit,
                profile=channel.settings.profile,
                replay=channel.settings.replay,
            )
            descriptions.append(description)
        return descriptions

    def _start_talk(self, report: trunk.TalkStarted, now: float) -> list[Output]:
        channel, connection = (
            self.channels.get(report.channel),
            self.connections.get(report.client),
        )
        facts: dict[str, object] = {
            "channel": channel.settings.name if channel else report.channel,
            "person": connection.person.name if connection else "",
            "participant": report.client,
            "burst": report.burst,
        }
        if channel:
            channel.note_talk(report.burst, runs=True)
        self._talks[report.burst] = Talk(report.channel, facts, now)
        return [Noted("talk-start", {**facts, "emergency": report.emergency})]

    def _end_talk(self, burst: int, reason: str, seconds: float, packets: int) -> Noted:
        talk = self._talks.pop(burst)
        if channel := self.channels.get(talk.channel):
            channel.note_talk(burst, runs=False)
        end = {"reason": reason, "seconds": round(seconds, 3), "packets": packets}
        return Noted("talk-end", {**talk.facts, **end})

    def _facts(self, connection: Connection) -> dict[str, object]:
        return {
            "participant": connection.participant,
            "person": connection.person.name,
            "device": connection.device,
        }


def _refuse(participant: int, cause: str, sentence: str, channel: int | None = None) -> ToClient:
    return ToClient(participant, Refused(cause=cause, sentence=sentence, channel=channel))
