"""What whole clients hear beside live voices, and nobody else does: tones, replays; volumes."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.audio_files import Pcm
from ptt.client.events import FloorRequested, ReplayEnded, ReplayStarted
from ptt.client.settings import Settings
from ptt.media.frames import FRAME_SAMPLES, SAMPLE_RATE
from ptt.media.level import level_dbfs
from ptt.media.tones import Tone, tone_frames
from ptt.wire import signalling as wire
from tests.support.people import QUIET, Person, people
from tests.support.pretend_server import CHANNEL, OTHER_CHANNEL, PretendServer
from tests.support.room import Room
from tests.support.speech import samples, voice

Clock = trio.testing.MockClock
TONES = Settings()
DUCKING = Settings(tones=frozenset(), ducking=20.0)


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


def tones(person: Person) -> dict[Tone, int]:
    """How often each tone was heard, where no voice sounded at the same time."""
    counts = {tone: len(beginnings(tone, person.heard())) for tone in Tone}
    return {tone: count for tone, count in counts.items() if count}


def beginnings(tone: Tone, heard: Pcm) -> list[int]:
    """At which samples the tone begins; what is softer than 1 % of full scale is no matter."""
    sound = samples(b"".join(tone_frames(tone))).astype(int)
    starts = range(0, len(heard) - len(sound) + 1, FRAME_SAMPLES)
    return [at for at in starts if np.abs(heard[at : at + len(sound)] - sound).max() < 300]


async def say(
    person: Person, seconds: float = 0.5, *, channel: str = CHANNEL, silent: bool = False
) -> None:
    """Press, speak, release, and wait until all is quiet."""
    person.client.press(channel)
    await trio.sleep(0.2)
    await person.microphone.say(voice(seconds) * (not silent))
    person.client.release()
    await trio.sleep(0.5)


def level_between(person: Person, start: float, end: float) -> float:
    """How loud it was for the person, dBFS, from one instant of Trio's clock to another."""
    began = person.loudspeaker.started_at or 0.0
    first, last = (round((at - began) * SAMPLE_RATE) for at in (start, end))
    return level_dbfs(person.heard()[first:last].tobytes())


def loud_seconds(sound: Pcm) -> float:
    return float(np.count_nonzero(np.abs(sound.astype(int)) > 200)) / 48_000


# tones


async def test_the_end_of_a_burst_is_heard_once_by_those_who_listened(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES) as (anna, ben):
        await say(anna)
        await say(anna)

    assert tones(ben) == {Tone.ENDED: 2}
    assert tones(anna) == {Tone.GRANTED: 2}


async def test_the_end_is_told_after_the_last_word(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES) as (anna, ben):
        await say(anna)

    [at] = beginnings(Tone.ENDED, ben.heard())
    assert loud_seconds(ben.heard()[at + 4800 :]) == 0
    assert loud_seconds(ben.heard()[:at]) > 0.1


async def test_who_comes_next_hears_that_it_is_their_turn_and_no_end(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES) as (anna, ben):
        anna.client.press(CHANNEL)
        await trio.sleep(0.2)
        ben.client.press(CHANNEL)
        await trio.sleep(0.5)
        anna.client.release()
        await trio.sleep(0.5)
        ben.client.release()
        await trio.sleep(0.5)

    assert Tone.ENDED not in tones(ben)
    assert tones(ben)[Tone.YOUR_TURN] == 1


async def test_the_own_burst_that_is_cut_off_is_told(
    nursery: trio.Nursery, tmp_path: Path, autojump_clock: Clock
) -> None:
    server = PretendServer(nursery, talk_limit=1.0)
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES) as (anna, _):
        anna.client.press(CHANNEL)
        await trio.sleep(2.0)
        anna.client.release()

    assert tones(anna) == {Tone.GRANTED: 1, Tone.LIMIT_NEAR: 1, Tone.ENDED: 1}


@pytest.mark.slow
async def test_an_outage_is_heard_once_and_its_end_once_however_often_it_was_tried(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", settings=TONES) as (anna,):
        server.reachable = False
        server.cut("Anna")
        await trio.sleep(15.0)
        server.reachable = True
        await trio.sleep(15.0)

    assert tones(anna) == {Tone.LOST: 1, Tone.BACK: 1}


async def test_a_restart_of_the_floor_server_is_not_heard(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", settings=TONES) as (anna,):
        server.restart_floor_server()
        await trio.sleep(3.0)
        server.cut("Anna")  # it is connected again after half a second
        await trio.sleep(3.0)

    assert server.sessions_opened == 2
    assert tones(anna) == {}


async def test_who_is_cut_off_by_an_outage_hears_it_at_once_and_once(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES) as (anna, _):
        anna.client.press(CHANNEL)
        await trio.sleep(0.5)
        server.reachable = False
        began = trio.current_time() - (anna.loudspeaker.started_at or 0.0)
        server.cut("Anna")
        await trio.sleep(5.0)
        anna.client.release()
        server.reachable = True
        await trio.sleep(20.0)

    [at] = beginnings(Tone.LOST, anna.heard())
    assert at / 48_000 - began < 0.1
    assert tones(anna) == {Tone.GRANTED: 1, Tone.LOST: 1, Tone.BACK: 1}


async def test_tones_and_replays_are_neither_sent_nor_kept_nor_recorded(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    recorded: list[bytes] = []
    async with people(server, tmp_path, "Anna", settings=QUIET) as (anna,):
        others = tmp_path / "others"
        others.mkdir()
        async with people(server, others, "Ben", settings=TONES) as (ben,):
            with ben.client.record(recorded.append):
                await say(ben, silent=True)  # granted, for Ben alone
                await say(anna)
                live = len(recorded)
                assert ben.client.replay(CHANNEL)
                await trio.sleep(2.0)

    assert tones(ben) == {Tone.GRANTED: 1, Tone.ENDED: 1}
    assert loud_seconds(anna.heard()) == 0
    everything = b"".join(recorded)
    assert not any(b"".join(tone_frames(tone)) in everything for tone in Tone)
    assert loud_seconds(np.frombuffer(everything, dtype=np.int16)) > 0.1
    assert set(recorded[live:]) == {bytes(1920)}
    assert len(recorded) == pytest.approx((0.9 + 1.2 + 2.0) * 50, abs=40)


@pytest.mark.slow
async def test_no_tone_of_the_own_loudspeaker_is_taken_for_a_voice(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    loud = Room(echo_db=0.0)
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES, rooms={"Ben": loud}) as (
        anna,
        ben,
    ):
        ben.client.listen_for_voice(CHANNEL)
        await trio.sleep(1.0)
        await say(anna)  # whose end is told
        for _ in range(2):
            server.reachable = False
            server.cut("Ben")
            await trio.sleep(3.0)
            server.reachable = True
            await trio.sleep(10.0)
            ben.client.listen_for_voice(CHANNEL)

    assert tones(ben) == {Tone.ENDED: 1, Tone.LOST: 2, Tone.BACK: 2}
    assert ben.saw(FloorRequested) == []


# volumes


async def test_a_person_is_as_loud_as_wanted_until_that_is_changed(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    softer = Settings(tones=frozenset(), volumes={"Anna": -20.0})
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, carl):
        ben.client.change(softer)
        await say(anna)
        middle = trio.current_time()
        ben.client.change(QUIET)
        await say(anna)

    first, then = (
        level_between(ben, *span) - level_between(carl, *span)
        for span in ((middle - 1.2, middle), (middle, middle + 1.2))
    )
    assert (first, then) == pytest.approx((-20.0, 0.0), abs=1.0)


async def test_a_muted_channel_is_silent_to_its_last_tone_and_can_be_heard_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", settings=TONES) as (anna, ben):
        ben.client.change(replace(TONES, muted=frozenset({CHANNEL})))
        await say(anna)
        muted_until = trio.current_time()
        replayed = ben.client.replay(CHANNEL)
        await trio.sleep(1.0)
        heard_until = trio.current_time()

    assert replayed
    assert level_between(ben, ben.loudspeaker.started_at or 0.0, muted_until) < -90.0
    assert level_between(ben, muted_until, heard_until) > -40.0


async def test_other_channels_are_lowered_beside_the_one_that_was_chosen_by_the_key(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl", settings=DUCKING) as everybody:
        anna, ben, carl = everybody
        for person in (ben, carl):
            await person.client.join(OTHER_CHANNEL)
        await say(ben, silent=True)  # this chooses
        began = trio.current_time()
        await say(carl, channel=OTHER_CHANNEL)
        anna.client.press(CHANNEL)  # and says nothing
        await trio.sleep(0.3)
        middle = trio.current_time()
        await say(carl, channel=OTHER_CHANNEL)

    beside = level_between(ben, middle, middle + 1.2)
    alone = level_between(ben, began, began + 1.2)
    assert beside - alone == pytest.approx(-20.0, abs=1.0)


# replays


async def test_the_last_burst_can_be_heard_again_by_oneself_only(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, carl):
        await say(anna)
        asked = trio.current_time()
        answer = ben.client.replay(CHANNEL)
        await trio.sleep(2.0)

    assert answer
    [started] = ben.saw(ReplayStarted)
    assert isinstance(started, ReplayStarted)
    assert (started.channel, started.talker) == (CHANNEL, "Anna")
    assert started.seconds_ago == pytest.approx(1.2, abs=0.1)
    assert started.seconds == pytest.approx(0.75, abs=0.1)
    assert ben.when(ReplayEnded) - asked == pytest.approx(started.seconds, abs=0.05)
    assert loud_seconds(ben.heard()) == pytest.approx(2 * loud_seconds(carl.heard()), rel=0.05)


async def test_own_bursts_can_be_heard_again_and_asked_again_the_one_before(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        await say(anna)
        await say(ben)
        for _ in range(3):
            ben.client.replay(CHANNEL)
            await trio.sleep(0.3)
        await trio.sleep(2.0)

    started = [one.talker for one in ben.saw(ReplayStarted) if isinstance(one, ReplayStarted)]
    assert started == ["Ben", "Anna", "Anna"]
    assert ben.saw(ReplayEnded) == 3 * [ReplayEnded(CHANNEL)]


async def test_a_live_voice_ends_a_replay(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, carl):
        await say(anna, 3.0)
        ben.client.replay(CHANNEL)
        await trio.sleep(0.5)
        carl.client.press(CHANNEL)
        began = trio.current_time()
        await trio.sleep(0.5)
        while_live = ben.client.replay(CHANNEL)
        carl.client.release()
        await trio.sleep(1.0)

    assert ben.when(ReplayEnded) - began < 0.1
    assert not while_live


async def test_the_own_key_ends_a_replay(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        await say(anna, 3.0)
        ben.client.replay(CHANNEL)
        await trio.sleep(0.5)
        ben.client.press(CHANNEL)
        began = trio.current_time()
        await trio.sleep(0.2)
        while_talking = ben.client.replay(CHANNEL)
        ben.client.release()
        await trio.sleep(0.5)

    assert ben.when(ReplayEnded) - began < 0.05
    assert not while_talking


def description(*, replay: bool) -> wire.Channels:
    channel = wire.ChannelDescription(channel=1, name=CHANNEL, role="talk", replay=replay)
    return wire.Channels(channels=[channel])


async def test_a_channel_that_says_off_is_forgotten_and_silent_at_once(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        await say(anna, 3.0)
        ben.client.replay(CHANNEL)
        await trio.sleep(0.5)
        server.tell("Ben", description(replay=False))
        said_off = trio.current_time()
        await trio.sleep(0.5)
        forbidden = ben.client.replay(CHANNEL)
        await say(anna)
        server.tell("Ben", description(replay=True))
        await trio.sleep(0.1)
        forgotten = ben.client.replay(CHANNEL)
        await say(anna)
        permitted = ben.client.replay(CHANNEL)

    assert ben.when(ReplayEnded) - said_off < 0.05
    assert (forbidden, forgotten, permitted) == (False, False, True)


async def test_what_was_said_in_a_channel_is_forgotten_with_leaving_it(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        await say(anna)
        await ben.client.leave(CHANNEL)
        await ben.client.join(CHANNEL)

        assert not ben.client.replay(CHANNEL)
        assert not ben.client.replay(OTHER_CHANNEL)


async def test_what_was_said_before_an_outage_can_be_heard_after_it(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        await say(anna)
        server.cut("Ben")
        await trio.sleep(5.0)

        assert ben.client.replay(CHANNEL)
