"""Random histories of the switchboard, judged only by what it sends.

The witness refuses senseless orders by itself (a member of no channel, a key for somebody
outside, a word after the cut). Here: who must be able to hear can, who must not cannot.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptt.security.epochs import CHANGE_INTERVAL, SWITCH_AFTER
from ptt.switchboard.keys import Supply
from ptt.switchboard.outputs import Output, ToFloorServer
from ptt.switchboard.records import ChannelSettings, Device, Directory, Person, Right, Role
from ptt.switchboard.state import Switchboard
from ptt.wire import trunk
from ptt.wire.signalling import ChannelKey, Join, KeyInUse, Leave
from tests.support.switchboard_witness import FloorServerSide, Witness

PEOPLE = 4
FLOOR_SERVERS = 2
SPANS = (0.0, 0.05, 0.3, 1.6, 2.1, 90_000.0)  # s


class History:
    """Devices come and go, rights change, floor servers die; time passes.

    Each event takes two small numbers, to choose among what is possible then.
    """

    def __init__(self, *, strict: bool) -> None:
        keys, self.bursts = count(), count(1 << 31)
        self.now = 0.0
        self.witness = Witness()
        self.here: dict[str, int] = {}
        self.talks: dict[int, tuple[int, int]] = {}
        self.heard: dict[int, set[int]] = {1: set(), 2: set()}  # epochs that were talked under
        supply = Supply(Random(1), lambda profile: next(keys).to_bytes(28, "big"))
        self.board = Switchboard("ptt", supply, FLOOR_SERVERS)
        self.witness.floor_servers.clear()
        people = {number: Person(number, f"P{number}") for number in range(PEOPLE)}
        self.devices = {f"d{each}": Device(f"d{each}", each, "x", b"") for each in range(PEOPLE)}
        channels = {
            1: ChannelSettings(number=1, name="a"),
            2: ChannelSettings(number=2, name="b", strict=strict),
        }
        self.directory = Directory(1, people, self.devices, channels, {})
        self.apply(self.directory)
        self.have_floor_servers()

    def take(self, outputs: Iterable[Output]) -> None:
        outputs = list(outputs)
        self.witness.take(outputs)
        for output in outputs:
            match output:
                case ToFloorServer(trunk.UseEpoch(channel=channel, epoch=epoch)):
                    if any(talk[0] == channel for talk in self.talks.values()):
                        self.heard[channel].add(epoch)
                case ToFloorServer(trunk.RemoveChannel(channel=channel), place):
                    self.end_talks(channel, place)
                case _:
                    pass

    def end_talks(self, channel: int, place: int) -> None:
        """As a floor server does that is to forget the channel."""
        for burst, (where, client) in list(self.talks.items()):
            if where == channel:
                del self.talks[burst]
                ended = talk_ended(channel, client, burst)
                self.take(self.board.handle_report(place, ended, self.now))

    def connect(self, who: int, _channel: int) -> None:
        device = f"d{who % PEOPLE}"
        if device in self.directory.devices:
            participant, outputs = self.board.connect(self.devices[device], self.now)
            self.here[device] = participant
            self.take(outputs)

    def disconnect(self, who: int, _channel: int) -> None:
        if self.here:
            device = sorted(self.here)[who % len(self.here)]
            self.take(self.board.disconnect(self.here.pop(device), self.now))

    def join(self, who: int, channel: int) -> None:
        if self.here:
            participant = sorted(self.here.values())[who % len(self.here)]
            client = self.witness.clients[participant]
            before = len(client.messages)
            self.take(self.board.handle(participant, Join(channel=channel), self.now))
            for message in client.messages[before:]:
                if isinstance(message, ChannelKey):
                    assert message.epoch not in self.heard[channel], "a newcomer hears the past"

    def leave(self, who: int, channel: int) -> None:
        if self.here:
            participant = sorted(self.here.values())[who % len(self.here)]
            self.take(self.board.handle(participant, Leave(channel=channel), self.now))

    def confirm(self, who: int, channel: int) -> None:
        for participant in sorted(self.here.values())[who % 2 :]:
            for epoch in self.witness.clients[participant].epochs.get(channel, ()):
                message = KeyInUse(channel=channel, epoch=epoch)
                self.take(self.board.handle(participant, message, self.now))

    def talk(self, who: int, channel: int) -> None:
        place, members = self.place_of(channel), []
        if place is not None:
            members = [
                client
                for (number, client), order in self.witness.floor_servers[place].members.items()
                if number == channel and order.may_talk
            ]
        if place is None or not members or any(talk[0] == channel for talk in self.talks.values()):
            return
        burst, client = next(self.bursts), members[who % len(members)]
        self.talks[burst] = (channel, client)
        if channel in self.witness.floor_servers[place].epochs:
            self.heard[channel].add(self.witness.floor_servers[place].epochs[channel])
        started = trunk.TalkStarted(channel=channel, client=client, burst=burst)
        self.take(self.board.handle_report(place, started, self.now))

    def place_of(self, channel: int) -> int | None:
        """The floor server that knows the channel; there is never more than one."""
        sides = self.witness.floor_servers.items()
        places = [number for number, side in sides if channel in side.channels]
        assert len(places) < 2, "two floor servers grant one floor"
        return places[0] if places else None

    def stop_talking(self, _who: int, _channel: int) -> None:
        if self.talks:
            burst, (channel, client) = self.talks.popitem()
            ended = talk_ended(channel, client, burst)
            self.take(self.board.handle_report(self.place_of(channel) or 0, ended, self.now))

    def revoke_or_restore(self, who: int, _channel: int) -> None:
        device, own = f"d{who % PEOPLE}", dict(self.directory.devices)
        if own.pop(device, None) is None:
            own[device] = self.devices[device]
        self.here = {name: each for name, each in self.here.items() if name in own}
        self.apply(replace(self.directory, devices=own))

    def change_right(self, who: int, channel: int) -> None:
        right = Right(Role(who % len(Role)))
        rights = {**self.directory.rights, (channel, who % PEOPLE): right}
        self.apply(replace(self.directory, rights=rights))

    def apply(self, directory: Directory) -> None:
        self.directory = directory
        self.take(self.board.apply(directory, self.now))

    def lose_or_have_floor_server(self, who: int, _channel: int) -> None:
        number = who % FLOOR_SERVERS
        if number not in self.witness.floor_servers:
            self.have_floor_server(number)
            return
        lost = self.witness.floor_servers.pop(number)
        running = self.talks.items()
        self.talks = {burst: talk for burst, talk in running if talk[0] not in lost.channels}
        self.take(self.board.close_floor(number, self.now))

    def have_floor_server(self, number: int) -> None:
        self.witness.floor_servers[number] = FloorServerSide()
        self.take(self.board.open_floor(number, 4000 + number, self.now))

    def have_floor_servers(self) -> None:
        for number in set(range(FLOOR_SERVERS)) - set(self.witness.floor_servers):
            self.have_floor_server(number)
        assert self.board.is_ready

    def pass_time(self, who: int, _channel: int) -> None:
        self.wait(SPANS[who % len(SPANS)])

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        for _ in range(1000):
            if self.board.deadline > until:
                break
            self.now = max(self.now, self.board.deadline)
            self.take(self.board.handle_deadline(self.now))
        else:
            pytest.fail("a deadline that is never over")
        self.now = until

    def check(self) -> None:
        """What holds at every moment."""
        ssrcs = [ssrc for each in self.witness.floor_servers.values() for ssrc in each.ssrcs]
        assert len(ssrcs) == len(set(ssrcs))
        assert all(0 < ssrc < 1 << 31 for ssrc in ssrcs)
        starts = [each.facts["burst"] for each in self.witness.noted if each.event == "talk-start"]
        ends = [each.facts["burst"] for each in self.witness.noted if each.event == "talk-end"]
        assert sorted(starts) == sorted([*ends, *self.talks])
        earliest = min(channel.deadline for channel in self.board.channels.values())
        assert self.board.deadline <= earliest, "a channel's time is forgotten"
        if self.board.is_ready:  # otherwise a lost floor server may be given up before
            assert self.board.deadline == earliest

    def check_at_rest(self) -> None:
        """What holds after the longest merging and waiting, with all floor servers."""
        self.have_floor_servers()
        self.wait(CHANGE_INTERVAL + SWITCH_AFTER + 0.1)
        assert {self.place_of(channel) for channel in self.directory.channels} <= {0, 1}
        for number, floor_server in self.witness.floor_servers.items():
            self.check_who_hears(number, floor_server)

    def check_who_hears(self, place: int, floor_server: FloorServerSide) -> None:
        for (channel, participant), order in floor_server.members.items():
            client = self.witness.clients[participant]
            newest = order.epoch or floor_server.epochs[channel]
            assert newest in client.epochs[channel], "a member cannot hear"
            here = {client for number, client in floor_server.members if number == channel}
            assert set(client.channels[channel]) == here, "a member sees somebody who is not there"
            assert client.places[channel] == place, "a member asks the wrong floor server"
            key = floor_server.clients[participant].uplink_key
            assert client.media[place].uplink_key == key, "a member cannot be understood"
        for participant, client in self.witness.clients.items():
            for channel, newest in floor_server.epochs.items():
                if (channel, participant) not in floor_server.members:
                    assert newest not in client.epochs.get(channel, ()), "one who left can hear"


def talk_ended(channel: int, client: int, burst: int) -> trunk.TalkEnded:
    return trunk.TalkEnded(
        channel=channel, client=client, burst=burst, reason="released", seconds=1.0, packets=50
    )


# What happens often stands twice.
KINDS = [
    *[History.connect, History.join, History.leave, History.talk, History.pass_time] * 2,
    *[History.disconnect, History.confirm, History.stop_talking, History.join],
    *[History.revoke_or_restore, History.change_right, History.lose_or_have_floor_server],
]
events = st.tuples(st.sampled_from(KINDS), st.integers(0, 11), st.sampled_from([1, 1, 2]))


@given(history=st.lists(events, min_size=40, max_size=80), strict=st.booleans())
@settings(max_examples=150)
def test_who_must_hear_can_and_who_must_not_cannot(
    history: list[tuple[object, int, int]], strict: bool
) -> None:
    house = History(strict=strict)

    for number, (event, who, channel) in enumerate(history):
        assert callable(event)
        event(house, who, channel)
        house.check()
        if number % 20 == 19:
            house.check_at_rest()

    house.check_at_rest()
    house.check()
