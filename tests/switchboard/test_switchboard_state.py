"""The pure switchboard: what clients and the floor server are told, event by event."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any, TypeVar

import pytest

from ptt.security.epochs import CHANGE_INTERVAL, SWITCH_AFTER
from ptt.switchboard.channels import frame_length
from ptt.switchboard.keys import Supply
from ptt.switchboard.outputs import Output
from ptt.switchboard.records import ChannelSettings, Device, Directory, Person, Right, Role
from ptt.switchboard.state import Switchboard
from ptt.wire import trunk
from ptt.wire.signalling import (
    AskKey,
    Bye,
    ChannelKey,
    Channels,
    ClientMessage,
    Join,
    Joined,
    KeyInUse,
    Leave,
    Left,
    Media,
    Members,
    Refused,
    Waiting,
    Welcome,
)
from tests.support.switchboard_witness import FloorServerSide, Witness

EVERYONE = 7
PORT = 40000

_T = TypeVar("_T")


def directory(profile: str, *, strict: bool) -> Directory:
    settings = ChannelSettings(number=EVERYONE, name="everyone", profile=profile, strict=strict)
    people = {
        number: Person(number, name) for number, name in enumerate(["Anna", "Ben", "Cleo"], 1)
    }
    devices = {f"d{number}": Device(f"d{number}", number, "laptop", b"") for number in people}
    return Directory(1, people, devices, {EVERYONE: settings}, {})


class House:
    """A switchboard, its witness and a clock."""

    def __init__(self, *, floor: bool = True, profile: str = "gcm", strict: bool = False) -> None:
        keys = count(1)
        self.directory = directory(profile, strict=strict)
        self.now = 100.0
        self.witness = Witness()
        supply = Supply(Random(1), lambda profile: bytes([next(keys) % 256]) * 28)
        self.board = Switchboard("ptt", supply)
        self.take(self.board.apply(self.directory, self.now))
        if floor:
            self.open_floor()

    def take(self, outputs: list[Output]) -> list[Output]:
        self.witness.take(outputs)
        return outputs

    def connect(self, device: str = "d1") -> int:
        participant, outputs = self.board.connect(self.directory.devices[device], self.now)
        self.take(outputs)
        return participant

    def join(self, device: str = "d1") -> int:
        participant = self.connect(device)
        self.say(participant, Join(channel=EVERYONE))
        return participant

    def say(self, participant: int, message: ClientMessage) -> list[Output]:
        return self.take(self.board.handle(participant, message, self.now))

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.board.deadline <= until:
            self.now = max(self.now, self.board.deadline)
            self.take(self.board.handle_deadline(self.now))
        self.now = until

    def open_floor(self) -> None:
        self.take(self.board.open_floor(0, PORT, self.now))

    def lose_floor(self) -> None:
        self.take(self.board.close_floor(0, self.now))
        self.witness.floor_servers = {0: FloorServerSide()}

    def apply(self, **changes: Mapping[Any, Any]) -> None:
        self.directory = replace(self.directory, **changes)
        self.take(self.board.apply(self.directory, self.now))

    def talk(self, participant: int, burst: int = 1 << 31) -> None:
        started = trunk.TalkStarted(channel=EVERYONE, client=participant, burst=burst)
        self.take(self.board.handle_report(0, started, self.now))

    def told(self, participant: int, kind: type[_T]) -> list[_T]:
        messages = self.witness.clients[participant].messages
        return [message for message in messages if isinstance(message, kind)]

    def orders(self, kind: type[_T]) -> list[_T]:
        return [order for order in self.witness.orders if isinstance(order, kind)]


def test_a_device_that_connects_learns_its_channels_and_how_to_reach_the_floor_server() -> None:
    house = House()

    anna = house.connect()

    welcome, media = house.witness.clients[anna].messages
    assert isinstance(welcome, Welcome)
    assert (welcome.person, [each.name for each in welcome.channels]) == ("Anna", ["everyone"])
    added = house.witness.floor_server.clients[anna]
    assert media == Media(
        port=PORT, ssrc=added.ssrc, uplink_key=added.uplink_key, control_key=added.control_key
    )
    assert media.uplink_key != media.control_key


def test_who_joins_gets_their_ssrcs_the_members_and_a_key() -> None:
    house = House()
    anna = house.join("d1")

    ben = house.join("d2")

    [joined] = house.told(ben, Joined)
    order = house.witness.floor_server.members[EVERYONE, ben]
    assert (joined.ssrc, order.may_talk) == (order.ssrc, True)
    assert joined.channel_ssrc == house.witness.floor_server.channels[EVERYONE].ssrc
    assert [member.name for member in joined.members] == ["Anna", "Ben"]
    [key] = house.told(ben, ChannelKey)
    assert key.epoch == house.witness.floor_server.epochs[EVERYONE]
    house.pass_time(1)
    assert house.witness.clients[anna].channels[EVERYONE] == {anna: "Anna", ben: "Ben"}


def test_who_joins_after_a_burst_gets_only_an_epoch_that_nobody_has_talked_under() -> None:
    house = House()
    anna = house.join("d1")
    house.pass_time(CHANGE_INTERVAL)
    house.talk(anna)
    [old] = house.told(anna, ChannelKey)

    ben = house.join("d2")

    [new] = house.told(ben, ChannelKey)
    assert new.epoch != old.epoch
    assert new in house.told(anna, ChannelKey)


def test_who_leaves_does_not_get_the_new_key() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")
    house.pass_time(CHANGE_INTERVAL)
    before = house.witness.floor_server.epochs[EVERYONE]

    house.say(ben, Leave(channel=EVERYONE))

    after = house.witness.floor_server.epochs[EVERYONE]
    assert after != before
    assert after in house.witness.clients[anna].epochs[EVERYONE]
    assert after not in house.witness.clients[ben].epochs[EVERYONE]
    assert house.told(ben, Left) == [Left(channel=EVERYONE)]


def test_changes_within_two_seconds_make_one_epoch() -> None:
    house = House()
    anna, ben, cleo = house.join("d1"), house.join("d2"), house.join("d3")
    house.pass_time(CHANGE_INTERVAL)
    house.say(ben, Leave(channel=EVERYONE))
    epochs = len(house.orders(trunk.AddEpoch))

    house.say(cleo, Leave(channel=EVERYONE))
    house.pass_time(CHANGE_INTERVAL - 0.1)
    assert len(house.orders(trunk.AddEpoch)) == epochs
    house.pass_time(0.2)

    assert len(house.orders(trunk.AddEpoch)) == epochs + 1
    assert house.witness.clients[anna].epochs[EVERYONE] >= {
        house.witness.floor_server.epochs[EVERYONE]
    }


def test_the_floor_server_goes_over_when_everybody_has_the_key() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")
    house.pass_time(CHANGE_INTERVAL)
    cleo = house.join("d3")
    house.talk(anna)
    house.say(cleo, Leave(channel=EVERYONE))
    epoch = house.witness.floor_server.epochs[EVERYONE]

    house.say(anna, KeyInUse(channel=EVERYONE, epoch=epoch))
    assert house.witness.floor_server.in_use.get(EVERYONE) != epoch
    house.say(ben, KeyInUse(channel=EVERYONE, epoch=epoch))

    assert house.witness.floor_server.in_use[EVERYONE] == epoch


def test_the_floor_server_does_not_wait_longer_than_a_moment_for_a_silent_client() -> None:
    house = House()
    house.join("d1")
    ben = house.join("d2")
    house.pass_time(CHANGE_INTERVAL)
    house.say(ben, Leave(channel=EVERYONE))

    house.pass_time(SWITCH_AFTER)

    epochs = house.witness.floor_server
    assert epochs.in_use[EVERYONE] == epochs.epochs[EVERYONE]


def test_an_interop_channel_changes_keys_only_between_bursts() -> None:
    house = House(profile="interop")
    house.join("d1")
    ben = house.join("d2")
    house.pass_time(CHANGE_INTERVAL)

    house.say(ben, Leave(channel=EVERYONE))
    house.pass_time(10)

    assert not house.orders(trunk.UseEpoch)
    assert len(house.orders(trunk.AddEpoch)) == 2


def test_in_a_strict_channel_everybody_has_a_key_of_their_own() -> None:
    house = House(strict=True)

    anna, ben = house.join("d1"), house.join("d2")

    [hers], [his] = house.told(anna, ChannelKey), house.told(ben, ChannelKey)
    assert hers.key != his.key
    assert house.witness.floor_server.members[EVERYONE, ben].voice_key == his.key
    assert house.witness.floor_server.members[EVERYONE, ben].epoch == his.epoch
    assert not house.orders(trunk.AddEpoch)


def test_keys_are_renewed_daily() -> None:
    house = House()
    anna = house.join("d1")

    house.pass_time(24 * 3600 + 1)

    assert len(house.told(anna, ChannelKey)) == 2


def test_a_channel_that_becomes_strict_gives_new_keys_and_back() -> None:
    house = House()
    anna = house.join("d1")
    settings = house.directory.channels[EVERYONE]

    house.apply(channels={EVERYONE: replace(settings, strict=True)})
    own = house.told(anna, ChannelKey)[-1]
    assert house.witness.floor_server.members[EVERYONE, anna].voice_key == own.key
    house.apply(channels={EVERYONE: settings})

    assert house.witness.floor_server.members[EVERYONE, anna].voice_key is None
    assert house.told(anna, ChannelKey)[-1].epoch == house.witness.floor_server.epochs[EVERYONE]


def test_the_same_device_again_replaces_its_former_connection_at_once() -> None:
    house = House()
    former = house.join("d1")

    newer = house.connect("d1")

    assert house.witness.clients[former].is_cut
    assert house.told(former, Bye)[0].again is False
    assert set(house.witness.floor_server.clients) == {newer}


def test_a_client_that_goes_is_removed_from_the_floor_server_first() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")
    house.pass_time(1)
    before = len(house.witness.orders)

    house.take(house.board.disconnect(ben, house.now))

    assert house.witness.orders[before] == trunk.RemoveClient(client=ben)
    house.pass_time(1)
    assert house.witness.clients[anna].channels[EVERYONE] == {anna: "Anna"}


def test_revoking_a_device_cuts_it_and_changes_the_key() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")
    house.pass_time(CHANGE_INTERVAL)
    devices = {name: each for name, each in house.directory.devices.items() if name != "d2"}

    house.apply(devices=devices)

    assert house.witness.clients[ben].is_cut
    assert house.told(ben, Bye)[0].again is False
    newest = house.witness.floor_server.epochs[EVERYONE]
    assert newest in house.witness.clients[anna].epochs[EVERYONE]
    assert newest not in house.witness.clients[ben].epochs[EVERYONE]
    assert house.say(ben, Join(channel=EVERYONE)) == []


def test_a_lost_right_takes_the_person_out_and_a_lesser_one_takes_the_floor() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")

    rights = {(EVERYONE, 1): Right(Role.LISTEN, 5), (EVERYONE, 2): Right(Role.NONE)}
    house.apply(rights=rights)

    hers = house.witness.floor_server.members[EVERYONE, anna]
    assert (hers.may_talk, hers.priority) == (False, 5)
    assert (EVERYONE, ben) not in house.witness.floor_server.members
    assert house.told(ben, Left)[0].sentence
    assert house.told(ben, Channels)[-1].channels == []
    [description] = house.told(anna, Channels)[-1].channels
    assert (description.role, description.priority) == ("listen", 5)


def test_a_renamed_person_is_shown_with_the_new_name() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")
    house.pass_time(1)

    house.apply(people={**house.directory.people, 2: Person(2, "Benno")})
    house.pass_time(1)

    assert house.witness.clients[anna].channels[EVERYONE][ben] == "Benno"


def test_a_removed_channel_lets_everybody_go() -> None:
    house = House()
    anna = house.join("d1")

    house.apply(channels={})

    assert house.told(anna, Left)[0].sentence
    assert not house.witness.floor_server.channels
    house.say(anna, Join(channel=EVERYONE))
    assert house.told(anna, Refused)[0].cause == "unknown-channel"


def test_a_new_talk_limit_reaches_the_floor_server_and_the_clients() -> None:
    house = House()
    anna = house.join("d1")
    settings = replace(house.directory.channels[EVERYONE], talk_limit=20.0)

    house.apply(channels={EVERYONE: settings})

    assert house.witness.floor_server.channels[EVERYONE].talk_limit == 20.0
    assert house.told(anna, Channels)[-1].channels[0].talk_limit == 20.0
    assert len(house.told(anna, ChannelKey)) == 1


def test_clients_are_told_at_once_that_a_channel_may_not_be_played_again() -> None:
    house = House()
    anna = house.join("d1")
    settings = replace(house.directory.channels[EVERYONE], replay=False)

    house.apply(channels={EVERYONE: settings})

    assert not house.told(anna, Channels)[-1].channels[0].replay
    assert len(house.told(anna, ChannelKey)) == 1


@pytest.mark.parametrize(
    ("channel", "right", "cause"),
    [(99, Role.TALK, "unknown-channel"), (EVERYONE, Role.NONE, "not-allowed")],
)
def test_joining_what_is_not_there_or_not_allowed_is_refused_in_a_sentence(
    channel: int, right: Role, cause: str
) -> None:
    house = House()
    house.apply(rights={(EVERYONE, 1): Right(right)})
    anna = house.connect()

    house.say(anna, Join(channel=channel))

    [refused] = house.told(anna, Refused)
    assert (refused.cause, refused.channel) == (cause, channel)
    assert refused.sentence.endswith(".")


def test_a_new_floor_server_makes_everybody_get_new_keys_without_logging_in() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")
    before = house.witness.media(anna)
    old_key = house.told(anna, ChannelKey)[-1]

    house.lose_floor()
    house.open_floor()

    after = house.witness.media(anna)
    assert len({before.uplink_key, before.control_key, after.uplink_key, after.control_key}) == 4
    assert before.ssrc != after.ssrc
    assert house.told(anna, ChannelKey)[-1].key != old_key.key
    assert len(house.told(anna, Joined)) == 2
    assert len(house.told(anna, Welcome)) == 1
    assert set(house.witness.floor_server.members) == {(EVERYONE, anna), (EVERYONE, ben)}


def test_who_comes_while_the_floor_server_is_away_gets_all_when_it_is_back() -> None:
    house = House(floor=False)
    anna = house.join("d1")
    assert not house.told(anna, Media)

    house.open_floor()

    assert house.told(anna, Media)
    assert house.told(anna, Joined)
    assert house.told(anna, ChannelKey)


def test_a_talk_has_one_start_and_one_end_in_the_log() -> None:
    house = House()
    anna = house.join("d1")
    house.talk(anna, 5)
    ended = trunk.TalkEnded(
        channel=EVERYONE, client=anna, burst=5, reason="released", seconds=2.5, packets=125
    )

    house.take(house.board.handle_report(0, ended, house.now))
    house.take(house.board.handle_report(0, ended, house.now))

    talks = [noted for noted in house.witness.noted if noted.event.startswith("talk")]
    assert [noted.event for noted in talks] == ["talk-start", "talk-end"]
    assert talks[1].facts["person"] == "Anna"
    assert talks[1].facts["reason"] == "released"


def test_a_talk_that_dies_with_the_floor_server_is_ended_in_the_log() -> None:
    house = House()
    anna = house.join("d1")
    house.talk(anna, 5)
    house.now += 3

    house.lose_floor()

    end = house.witness.noted[-1]
    assert (end.event, end.facts["reason"], end.facts["seconds"]) == (
        "talk-end",
        "floor-server-lost",
        3.0,
    )


def test_the_queue_is_shown_to_all_members_and_to_late_ones() -> None:
    house = House()
    anna, ben = house.join("d1"), house.join("d2")

    changed = trunk.QueueChanged(channel=EVERYONE, clients=[ben])
    house.take(house.board.handle_report(0, changed, house.now))
    cleo = house.join("d3")

    assert house.told(anna, Waiting) == [Waiting(channel=EVERYONE, participants=[ben])]
    assert house.told(cleo, Joined)[0].waiting == [ben]


def test_a_missing_key_is_told_again_but_not_more_than_once_a_second() -> None:
    house = House()
    anna = house.join("d1")
    house.now += 1

    house.say(anna, AskKey(channel=EVERYONE))
    house.say(anna, AskKey(channel=EVERYONE))

    assert len(house.told(anna, ChannelKey)) == 2


def test_a_storm_of_joins_is_announced_in_few_messages() -> None:
    house = House()
    anna = house.join("d1")
    house.pass_time(1)
    before = len(house.told(anna, Members))

    for _ in range(50):
        house.join("d2")
    house.pass_time(1)

    assert len(house.told(anna, Members)) - before <= 2
    assert len(house.witness.clients[anna].channels[EVERYONE]) == 2


def test_long_packets_are_advised_where_fan_out_costs() -> None:
    assert [frame_length(members) for members in (1, 100, 101, 401)] == [20, 20, 40, 60]


def test_the_advice_changes_with_the_number_of_members(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ptt.switchboard.channels.FRAME_LENGTHS", ((1, 40),))
    house = House()

    anna, ben = house.join("d1"), house.join("d2")
    house.pass_time(1)

    assert house.told(anna, Joined)[-1].frame_ms == 20
    assert house.told(ben, Joined)[-1].frame_ms == 40
    assert house.told(anna, Members)[-1].frame_ms == 40
