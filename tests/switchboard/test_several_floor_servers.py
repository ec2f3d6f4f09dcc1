"""The pure switchboard with two floor servers: who is told what, and what a loss takes down."""

from itertools import count
from random import Random

from ptt.switchboard.keys import Supply
from ptt.switchboard.outputs import Output
from ptt.switchboard.records import ChannelSettings, Device, Directory, Person
from ptt.switchboard.spreading import PATIENCE
from ptt.switchboard.state import Switchboard
from ptt.wire import trunk
from ptt.wire.signalling import Join, Joined, Media
from tests.support.switchboard_witness import FloorServerSide, Witness

STORE, YARD, GATE = 1, 2, 3  # with floor servers 0, 1, 0 while nobody is in them


class TwoProcesses:
    """A switchboard with two floor servers, and its witness."""

    def __init__(self, *names: str) -> None:
        keys = count(1)
        self.now = 100.0
        self.witness = Witness()
        self.witness.floor_servers.clear()
        supply = Supply(Random(1), lambda profile: next(keys).to_bytes(28, "big"))
        self.board = Switchboard("ptt", supply, floor_servers=2)
        people = {number: Person(number, f"P{number}") for number in range(5)}
        self.devices = {number: Device(f"d{number}", number, "x", b"") for number in people}
        devices = {device.device: device for device in self.devices.values()}
        channels = {
            number: ChannelSettings(number=number, name=name)
            for number, name in enumerate(names or ("Store", "Yard"), STORE)
        }
        self.take(self.board.apply(Directory(1, people, devices, channels, {}), self.now))
        for number in (0, 1):
            self.open_floor(number)

    def take(self, outputs: list[Output]) -> None:
        self.witness.take(outputs)

    def open_floor(self, number: int) -> None:
        self.witness.floor_servers[number] = FloorServerSide()
        self.take(self.board.open_floor(number, 17880 + number, self.now))

    def lose_floor(self, number: int) -> None:
        del self.witness.floor_servers[number]
        self.take(self.board.close_floor(number, self.now))

    def join(self, person: int, *channels: int) -> int:
        participant, outputs = self.board.connect(self.devices[person], self.now)
        self.take(outputs)
        for channel in channels:
            self.take(self.board.handle(participant, Join(channel=channel), self.now))
        return participant

    def wait(self, seconds: float) -> None:
        until = self.now + seconds
        while self.board.deadline <= until:
            self.now = max(self.now, self.board.deadline)
            self.take(self.board.handle_deadline(self.now))
        self.now = until

    def heard(self, participant: int) -> list[str]:
        """What was said about ways and channels, in order."""
        told = self.witness.clients[participant].messages
        return [
            f"{type(message).__name__} {message.floor_server}"
            for message in told
            if isinstance(message, Media | Joined)
        ]

    def channels(self, number: int) -> set[int]:
        return set(self.witness.floor_servers[number].channels)


def test_channels_are_spread_and_each_floor_server_knows_only_its_own() -> None:
    house = TwoProcesses()

    assert [house.channels(0), house.channels(1)] == [{STORE}, {YARD}]
    assert house.board.is_ready


def test_a_client_gets_the_way_to_a_floor_server_when_it_needs_it() -> None:
    house = TwoProcesses()

    anna, ben = house.join(1, STORE), house.join(2, STORE, YARD)

    assert house.heard(anna) == ["Media 0", "Joined 0"]
    assert house.heard(ben) == ["Media 0", "Joined 0", "Media 1", "Joined 1"]
    media = house.witness.clients[ben].media
    assert [media[0].port, media[1].port] == [17880, 17881]
    assert media[0].uplink_key != media[1].uplink_key
    assert set(house.witness.floor_servers[1].clients) == {ben}


def test_one_who_goes_is_taken_from_every_floor_server_that_knew_them() -> None:
    house = TwoProcesses()
    ben = house.join(2, STORE, YARD)

    house.take(house.board.disconnect(ben, house.now))

    assert not house.witness.floor_servers[0].clients
    assert not house.witness.floor_servers[1].clients


def test_an_empty_channel_goes_where_there_is_room_when_somebody_comes() -> None:
    house = TwoProcesses("Store", "Yard", "Gate")
    assert house.channels(0) == {STORE, GATE}
    house.join(1, STORE)

    ben = house.join(2, GATE)

    assert [house.channels(0), house.channels(1)] == [{STORE}, {YARD, GATE}]
    assert house.heard(ben) == ["Media 0", "Media 1", "Joined 1"]


def test_a_channel_in_use_stays_where_it_is() -> None:
    house = TwoProcesses("Store", "Yard", "Gate")
    house.join(1, GATE)
    house.join(2, STORE)
    house.join(3, STORE)

    house.join(4, GATE)

    assert [house.channels(0), house.channels(1)] == [{GATE}, {STORE, YARD}]


def test_a_lost_floor_server_takes_down_only_its_own_channels() -> None:
    house = TwoProcesses()
    anna, ben = house.join(1, STORE), house.join(2, STORE, YARD)
    for channel, burst in [(STORE, 7 << 28), (YARD, 9 << 28)]:
        started = trunk.TalkStarted(channel=channel, client=ben, burst=burst)
        house.take(house.board.handle_report(channel - 1, started, house.now))
    before = len(house.witness.orders), house.heard(ben)

    house.lose_floor(1)

    ends = [each.facts["channel"] for each in house.witness.noted if each.event == "talk-end"]
    assert ends == ["Yard"]
    assert (len(house.witness.orders), house.heard(ben)) == before
    assert not house.board.is_ready
    assert house.heard(anna) == ["Media 0", "Joined 0"]


def test_a_floor_server_that_was_started_again_has_its_channels_back() -> None:
    house = TwoProcesses()
    anna, ben = house.join(1, STORE), house.join(2, STORE, YARD)
    before = house.heard(ben)
    house.lose_floor(1)
    house.wait(0.5)

    house.open_floor(1)

    assert house.heard(ben) == [*before, "Media 1", "Joined 1"]
    assert house.heard(anna) == ["Media 0", "Joined 0"]
    assert house.channels(1) == {YARD}


def test_the_channels_of_one_that_stays_away_go_to_another() -> None:
    house = TwoProcesses()
    ben = house.join(2, YARD)
    house.lose_floor(1)

    house.wait(PATIENCE)

    assert house.channels(0) == {STORE, YARD}
    assert house.heard(ben) == ["Media 0", "Media 1", "Joined 1", "Joined 0"]
    house.open_floor(1)
    assert house.channels(1) == set()
    assert house.channels(0) == {STORE, YARD}


def test_who_joins_while_the_floor_server_is_away_is_served_elsewhere_at_once() -> None:
    house = TwoProcesses()
    house.lose_floor(1)

    ben = house.join(2, YARD)

    assert house.heard(ben)[-1] == "Joined 0"
