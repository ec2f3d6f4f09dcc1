"""Whole clients against a pretended server, under a virtual clock: who talks, who hears."""

from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.events import (
    AudioFailed,
    ChannelJoined,
    ChannelLeft,
    Connected,
    FloorGranted,
    FloorQueued,
    FloorReleased,
    FloorRequested,
    FloorRevoked,
    MembersChanged,
    OpenMicrophone,
    TalkerChanged,
    TalkLimitNear,
    WaitingChanged,
)
from ptt.client.settings import Settings
from ptt.errors import RefusedError
from tests.support.people import NoMicrophone, people
from tests.support.pretend_server import (
    CHANNEL,
    OTHER_CHANNEL,
    PretendServer,
)
from tests.support.speech import likeness, voice

Clock = trio.testing.MockClock


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


async def test_what_one_says_the_other_hears(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    said = voice(1.0)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        pressed = trio.current_time()
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(1.0)

    alike, lag = likeness(said, ben.heard())
    assert alike > 0.9
    assert ben.loudspeaker.started_at is not None
    assert lag / 48_000 + ben.loudspeaker.started_at - pressed < 0.15
    assert not np.any(anna.heard())


async def test_a_burst_is_a_story_that_everybody_sees(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await anna.microphone.say(voice(0.5))
        anna.client.release()
        await trio.sleep(0.5)

    kinds = [type(event) for _, event in anna.events]
    assert kinds == [
        Connected,
        ChannelJoined,
        MembersChanged,
        FloorRequested,
        TalkerChanged,
        FloorGranted,
        FloorReleased,
        TalkerChanged,
    ]
    [granted] = anna.saw(FloorGranted)
    assert isinstance(granted, FloorGranted)
    assert granted.access_time == pytest.approx(0.001, abs=0.001)
    assert (granted.talk_limit, granted.from_queue) == (60.0, False)
    [released] = anna.saw(FloorReleased)
    assert isinstance(released, FloorReleased)
    assert released.seconds == pytest.approx(0.53, abs=0.03)
    told = [TalkerChanged(CHANNEL, "Anna"), TalkerChanged(CHANNEL, None)]
    assert ben.saw(TalkerChanged) == told == anna.saw(TalkerChanged)


async def test_what_is_said_while_the_permit_is_on_its_way_is_heard(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    server.delay = 0.250
    said = voice(1.0)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(2.0)

    first = likeness(said[:12_000], ben.heard())[0]
    last = likeness(said[-12_000:], ben.heard())[0]
    assert first > 0.8
    assert last > 0.8


async def test_the_second_waits_and_gets_the_floor_by_itself(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, carl):
        anna.client.press(CHANNEL)
        await trio.sleep(0.1)
        ben.client.press(CHANNEL)
        await trio.sleep(0.1)
        carl.client.press(CHANNEL)
        await trio.sleep(0.1)
        waiting = anna.client.waiting(CHANNEL)
        anna.client.release()
        await trio.sleep(0.2)
        talker = carl.client.talker(CHANNEL)
        carl.client.release()
        await trio.sleep(0.2)

    assert waiting == ("Ben", "Carl")
    assert ben.saw(FloorQueued)[0] == FloorQueued(CHANNEL, 1, ())
    assert carl.saw(FloorQueued)[0] == FloorQueued(CHANNEL, 2, ("Ben",))
    assert anna.saw(WaitingChanged)[1] == WaitingChanged(CHANNEL, ("Ben", "Carl"))
    [granted] = ben.saw(FloorGranted)
    assert isinstance(granted, FloorGranted)
    assert granted.from_queue
    assert talker == "Ben"
    assert carl.saw(FloorReleased) == [FloorReleased(CHANNEL, 0.0)]


@pytest.mark.slow
async def test_the_talk_limit_is_announced_and_then_ends_the_burst(
    nursery: trio.Nursery, tmp_path: Path, autojump_clock: Clock
) -> None:
    server = PretendServer(nursery, talk_limit=6.0)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        anna.client.press(CHANNEL)
        await anna.microphone.say(voice(7.0))

    assert anna.saw(TalkLimitNear) == [TalkLimitNear(CHANNEL, 5.0)]
    assert anna.when(FloorRevoked) - anna.when(TalkLimitNear) == pytest.approx(5.0, abs=0.1)
    [revoked] = anna.saw(FloorRevoked)
    assert isinstance(revoked, FloorRevoked)
    assert revoked.cause == "media-burst-too-long"
    assert not anna.client.microphone_open


@pytest.mark.slow
async def test_a_forgotten_key_gives_the_floor_back(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        anna.client.press(CHANNEL)
        await trio.sleep(13.0)

    assert anna.saw(OpenMicrophone) == [OpenMicrophone(CHANNEL, 2.0)]
    assert anna.when(OpenMicrophone) - anna.when(FloorGranted) == pytest.approx(10.0, abs=0.1)
    assert anna.when(FloorReleased) - anna.when(OpenMicrophone) == pytest.approx(2.0, abs=0.1)


async def test_a_channel_that_there_is_not_is_a_sentence_with_those_that_are(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna") as (anna,):
        with pytest.raises(RefusedError, match=r"no channel Moon for you.*Workshop, Store, Board"):
            await anna.client.join("Moon")
        with pytest.raises(RefusedError, match="Not for you"):
            await anna.client.join("Board")
        with pytest.raises(RefusedError, match="not in the channel Moon"):
            anna.client.press("Moon")


async def test_a_left_channel_is_silent_and_not_joined_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        await ben.client.leave(CHANNEL)
        anna.client.press(CHANNEL)
        await anna.microphone.say(voice(0.3))
        server.cut("Ben")
        await trio.sleep(2.0)
        joined = ben.client.joined

    assert joined == ()
    assert ben.saw(ChannelLeft) == [ChannelLeft(CHANNEL)]
    assert not np.any(ben.heard())


async def test_members_come_and_go(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Ben", "Anna") as (ben, anna):
        together = ben.client.members(CHANNEL)
        await anna.client.leave(CHANNEL)
        server.cut("Anna")
        await trio.sleep(0.1)
        alone = ben.client.members(CHANNEL)

    assert together == ("Anna", "Ben")
    assert alone == ("Ben",)


async def test_tones_are_heard_by_the_talker_alone(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=Settings()) as (anna, ben):
        anna.client.press(CHANNEL)
        await trio.sleep(0.5)
        await trio.sleep(0.5)

    assert np.abs(anna.heard()).max() > 1000
    assert np.abs(ben.heard()).max() < 10  # what Opus makes of silence


async def test_two_channels_are_heard_at_once_and_one_is_talked_in(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    here, there = voice(1.0), voice(1.0, pitch=190.0, seed=5)
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, carl):
        for person in (anna, ben):
            await person.client.join(OTHER_CHANNEL)
        ben.client.press(OTHER_CHANNEL)
        carl.client.press(CHANNEL)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ben.microphone.say, there)
            nursery.start_soon(carl.microphone.say, here)
        ben.client.release()
        carl.client.release()
        await trio.sleep(0.5)

    assert likeness(there, anna.heard())[0] > 0.5  # 0.7 is all that a sum of two can reach
    assert likeness(here, anna.heard())[0] > 0.5
    assert likeness(here, ben.heard())[0] > 0.9
    assert np.abs(carl.heard()).max() < 10


async def test_a_key_in_another_channel_ends_the_burst_in_the_first(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        for person in (anna, ben):
            await person.client.join(OTHER_CHANNEL)
        anna.client.press(CHANNEL)
        await trio.sleep(0.1)
        anna.client.press(OTHER_CHANNEL)
        await trio.sleep(0.1)
        talkers = [ben.client.talker(CHANNEL), ben.client.talker(OTHER_CHANNEL)]

    assert talkers == [None, "Anna"]


async def test_an_emergency_takes_the_floor_and_is_named(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, carl):
        anna.client.press(CHANNEL)
        await trio.sleep(0.2)
        ben.client.press(CHANNEL, emergency=True)
        await trio.sleep(0.2)

    [revoked] = anna.saw(FloorRevoked)
    assert isinstance(revoked, FloorRevoked)
    assert revoked.cause == "pre-empted"
    assert revoked.sentence
    assert carl.saw(TalkerChanged)[-1] == TalkerChanged(CHANNEL, "Ben", True)


async def test_leaving_while_talking_frees_the_floor(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, _):
        anna.client.press(CHANNEL)
        await trio.sleep(0.1)
        await anna.client.leave(CHANNEL)
        await trio.sleep(0.05)
        talker, listening = ben.client.talker(CHANNEL), anna.client.microphone_open

    assert (talker, listening) == (None, False)


async def test_a_microphone_that_is_missing_gives_the_floor_back_with_a_sentence(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", microphone=NoMicrophone()) as (anna, ben):
        anna.client.press(CHANNEL)
        await trio.sleep(0.2)
        talker = ben.client.talker(CHANNEL)
        anna.client.release()
        await trio.sleep(0.2)

    assert talker is None
    assert anna.saw(AudioFailed) == [AudioFailed("There is no microphone.")]


async def test_a_left_channel_is_silent_in_the_middle_of_a_word(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, _):
        anna.client.press(CHANNEL)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(anna.microphone.say, voice(1.0))
            await trio.sleep(0.5)
            await ben.client.leave(CHANNEL)
            left_at = trio.current_time()

    assert ben.loudspeaker.started_at is not None
    left = round((left_at - ben.loudspeaker.started_at + 0.021) * 48_000)
    assert np.abs(ben.heard()[:left]).max() > 1000
    assert not np.any(ben.heard()[left:])
