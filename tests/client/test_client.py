"""Whole clients against a pretended server, under a virtual clock."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.audio_files import (
    Pcm,
    SilentLoudspeaker,
    WavMicrophone,
)
from ptt.client.client import open_client
from ptt.client.events import (
    AudioFailed,
    ChannelJoined,
    ChannelLeft,
    Connected,
    ConnectionLost,
    FloorDenied,
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
from ptt.errors import RefusedError, ServerUnreachableError
from ptt.wire import signalling as wire
from ptt.wire.floor import FloorGranted as Grant
from ptt.wire.floor import FloorRelease, FloorTaken
from ptt.wire.link import Probe
from tests.support.people import NoMicrophone, people
from tests.support.pretend_server import (
    CHANNEL,
    OTHER_CHANNEL,
    PretendNetwork,
    PretendServer,
    credential,
)
from tests.support.speech import voice

Clock = trio.testing.MockClock


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


def likeness(said: Pcm, heard: Pcm) -> tuple[float, int]:
    """How alike (0 to 1), and where in `heard` the beginning of `said` is."""
    size = 1 << (len(said) + len(heard)).bit_length()
    a, b = said.astype(np.float64), heard.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    lag = int(np.argmax(products[: len(heard)]))
    piece = b[lag : lag + len(a)]
    return float(products[lag] / np.sqrt(np.sum(a**2) * np.sum(piece**2))), lag


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


async def test_a_lost_announcement_costs_a_round_trip_not_a_burst(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    lost: list[str] = []

    def loses_first_taken(person: str, message: object) -> bool:
        if person == "Ben" and isinstance(message, FloorTaken) and not lost:
            lost.append(person)
            return True
        return False

    server.loses = loses_first_taken
    said = voice(0.8)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(1.0)

    assert lost
    assert ben.saw(TalkerChanged)[0] == TalkerChanged(CHANNEL, "Anna")
    assert likeness(said[:9_600], ben.heard())[0] > 0.8


async def test_a_lost_grant_is_asked_for_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    lost: list[str] = []

    def loses_first_grant(person: str, message: object) -> bool:
        if isinstance(message, Grant) and not lost:
            lost.append(person)
            return True
        return False

    server.loses = loses_first_grant
    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        anna.client.press(CHANNEL)
        await trio.sleep(0.5)

    assert lost
    assert anna.when(FloorGranted) - anna.when(FloorRequested) == pytest.approx(0.152, abs=0.01)


async def test_a_floor_server_that_does_not_answer_is_a_sentence(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        server.loses = lambda person, message: True
        anna.client.press(CHANNEL)
        await trio.sleep(8.0)

    [denied] = anna.saw(FloorDenied)
    assert isinstance(denied, FloorDenied)
    assert denied.cause == "no-answer"
    assert not anna.client.microphone_open


async def test_a_key_that_came_too_late_is_asked_for_and_nothing_is_lost(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    said = voice(0.8)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        server.forget_to_tell_key()
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(1.0)
        asked = server.asked_for_key("Ben")

    assert asked == 1
    assert likeness(said[:9_600], ben.heard())[0] > 0.8


async def test_keys_change_inside_a_burst_without_a_gap(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    said = voice(2.0)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(anna.microphone.say, said)
            for _ in range(6):
                await trio.sleep(0.25)
                server.change_epoch()
        anna.client.release()
        await trio.sleep(1.0)

    assert likeness(said, ben.heard())[0] > 0.9


async def test_a_new_floor_server_is_followed_without_a_new_session(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    said = voice(0.5)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        server.restart_floor_server()
        await trio.sleep(0.2)
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(1.0)

    assert server.sessions_opened == 2
    assert anna.saw(ConnectionLost) == []
    assert likeness(said, ben.heard())[0] > 0.9


async def test_a_key_held_while_the_floor_server_restarts_asks_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await trio.sleep(0.3)
        server.restart_floor_server()
        await trio.sleep(0.3)
        talker = ben.client.talker(CHANNEL)

    assert talker == "Anna"
    assert len(anna.saw(FloorRevoked)) == 1
    assert len(anna.saw(FloorGranted)) == 2


async def test_after_a_lost_connection_the_channels_are_joined_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    said = voice(0.5)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        server.cut("Ben")
        await trio.sleep(3.0)
        anna.client.press(CHANNEL)
        await anna.microphone.say(said)
        anna.client.release()
        await trio.sleep(1.0)

    assert [type(event) for _, event in ben.events if not isinstance(event, TalkerChanged)] == [
        Connected,
        ChannelJoined,
        ConnectionLost,
        Connected,
        ChannelJoined,
    ]
    assert likeness(said, ben.heard())[0] > 0.9


async def test_a_talker_whose_connection_breaks_is_told_and_stops(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        anna.client.press(CHANNEL)
        await trio.sleep(0.2)
        server.reachable = False
        server.cut("Anna")
        await trio.sleep(0.1)
        listening = anna.client.microphone_open
        anna.client.release()
        anna.client.press(CHANNEL)

    [revoked] = anna.saw(FloorRevoked)
    assert isinstance(revoked, FloorRevoked)
    assert revoked.cause == "connection-lost"
    assert not listening
    [denied] = anna.saw(FloorDenied)
    assert isinstance(denied, FloorDenied)
    assert denied.cause == "no-connection"


async def test_a_revoked_device_ends_the_client_with_the_servers_sentence(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async def be_there() -> None:
        async with people(server, tmp_path, "Anna"):
            server.cut("Anna", last=wire.Bye(sentence="This device was revoked.", again=False))
            await trio.sleep(1.0)

    with pytest.raises(RefusedError, match=r"This device was revoked\."):
        await be_there()


async def test_a_device_that_the_server_does_not_know_is_refused_at_once(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    server.refusal = wire.Refused(cause="unknown-device", sentence="Join again.")

    with pytest.raises(RefusedError, match=r"Join again\."):
        async with people(server, tmp_path, "Anna"):
            raise AssertionError("must not come in")


async def test_a_server_that_is_away_is_told_to_who_does_not_want_to_wait(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    server.reachable = False

    with pytest.raises(ServerUnreachableError, match="Nobody answers"):
        async with people(server, tmp_path, "Anna"):
            raise AssertionError("must not come in")


async def test_a_patient_client_comes_in_when_the_server_is_there(
    server: PretendServer, autojump_clock: Clock
) -> None:
    server.reachable = False
    async with open_client(
        credential("Anna"),
        microphone=WavMicrophone(),
        loudspeaker=SilentLoudspeaker(),
        network=PretendNetwork(server),
        rng=Random(1),
        patient=True,
    ) as client:
        await trio.sleep(20.0)
        server.reachable = True
        await client.join(CHANNEL)

        assert client.members(CHANNEL) == ("Anna",)


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


async def test_an_error_in_the_block_comes_out_as_it_is(
    server: PretendServer, autojump_clock: Clock
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with open_client(
            credential("Anna"),
            microphone=WavMicrophone(),
            loudspeaker=SilentLoudspeaker(),
            network=PretendNetwork(server),
        ):
            raise ZeroDivisionError


async def test_listeners_tell_their_losses_and_the_talker_sends_copies(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    turn = iter(range(10**6))
    server.loses_voice = lambda person: next(turn) % 10 == 3
    said = voice(4.0)
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(anna.microphone.say, said)
            await trio.sleep(1.6)
            [report] = server.reports("Ben")
            server.report_loss("Anna", report.fraction_lost)
            await trio.sleep(0.2)
            quality = ben.client.quality(CHANNEL)
        anna.client.release()
        await trio.sleep(1.0)

    assert report.fraction_lost == pytest.approx(0.1, abs=0.03)
    assert quality.loss == pytest.approx(0.1, abs=0.03)
    assert quality.rtt == pytest.approx(0.001, abs=0.0005)
    assert 0 < quality.playout_delay < 0.2
    assert likeness(said[2 * 48_000 :], ben.heard())[0] > 0.9


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


async def test_a_talker_behind_an_outage_is_told_when_it_is_over(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, _):
        anna.client.press(CHANNEL)
        await trio.sleep(0.5)
        server.cut_off = {"Anna"}
        cut_at = trio.current_time()
        await trio.sleep(2.0)
        server.cut_off = set()
        back_at = trio.current_time()
        await trio.sleep(0.5)

    freed = [at for at, event in ben.events if event == TalkerChanged(CHANNEL, None)]
    assert freed[0] - cut_at < 1.2
    assert anna.when(FloorRevoked) - back_at < 0.3


@pytest.mark.slow
async def test_a_listener_hears_again_right_after_an_outage(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    said = voice(4.0)
    async with people(server, tmp_path, "Anna", "Ben", "Carl") as (anna, ben, _):
        anna.client.press(CHANNEL)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(anna.microphone.say, said)
            await trio.sleep(0.5)
            server.cut_off = {"Ben"}
            await trio.sleep(2.0)
            server.cut_off = set()
            back_at = trio.current_time()
        anna.client.release()
        await trio.sleep(0.5)

    assert ben.loudspeaker.started_at is not None
    heard = ben.heard()[round((back_at - ben.loudspeaker.started_at) * 48_000) :]
    assert int(np.argmax(np.abs(heard) > 1000)) / 48_000 < 0.2
    assert likeness(said[-48_000:], heard)[0] > 0.9
    assert server.sessions_opened == 3


@pytest.mark.slow
async def test_a_server_that_vanishes_without_a_word_is_given_up(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        server.cut_off = {"Anna"}
        ben.client.press(CHANNEL)
        await trio.sleep(25.0)
        server.cut_off = set()
        await trio.sleep(8.0)
        joined = anna.client.joined

    assert anna.saw(ConnectionLost)[0] == ConnectionLost(
        "The server does not answer any more.", anna.saw(ConnectionLost)[0].retry_in
    )
    assert joined == (CHANNEL,)


async def test_a_computer_that_slept_has_lost_the_floor_and_can_ask_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        anna.client.press(CHANNEL)
        await trio.sleep(0.3)
        autojump_clock.jump(30.0)
        await trio.sleep(0.5)
        listening = anna.client.microphone_open
        anna.client.release()
        anna.client.press(CHANNEL)
        await trio.sleep(0.5)
        talker = anna.client.talker(CHANNEL)

    assert anna.saw(FloorRevoked) == [FloorRevoked(CHANNEL, "interrupted", "The computer slept.")]
    assert not listening
    assert talker == "Anna"


async def test_a_computer_that_slept_plays_nothing_of_what_was_said_meanwhile(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    server.delay = 0.4  # so much of the burst waits in the socket when the computer wakes up
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await anna.microphone.say(voice(1.8))
        await trio.sleep(0.1)
        autojump_clock.jump(30.0)
        slept_until = trio.current_time()
        await trio.sleep(1.0)

    assert ben.loudspeaker.started_at is not None
    slept = round((slept_until - ben.loudspeaker.started_at) * 48_000)
    fell_asleep = slept - 30 * 48_000
    assert np.abs(ben.heard()[:fell_asleep]).max() > 1000
    assert np.abs(ben.heard()[fell_asleep + 4_800 :]).max() < 100


async def test_a_machine_that_moved_sends_from_its_new_address(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    network = PretendNetwork(server)
    async with open_client(credential("Anna"), network=network, rng=Random(1)) as client:
        await client.join(CHANNEL)
        network.moved = True
        await trio.sleep(20.0)

    assert network.sockets_opened == 2
    assert server.sessions_opened == 1


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


async def test_the_server_is_told_which_keys_are_in_use(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna"):
        server.change_epoch()
        await trio.sleep(0.1)
        told = [one for one in server.desk("Anna").said if isinstance(one, wire.KeyInUse)]

    assert len(told) == len({one.epoch for one in told}) == 2


@pytest.mark.slow
async def test_a_listener_probes_each_second_and_at_once_when_voice_stays_away(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    probes: list[float] = []

    def note_probe(message: object) -> bool:
        if isinstance(message, Probe) and message.ssrc == server.desk("Ben").ssrc:
            probes.append(trio.current_time())
        return False

    async with people(server, tmp_path, "Anna", "Ben") as (anna, _):
        await trio.sleep(20.0)
        server.misses = note_probe
        began = trio.current_time()
        anna.client.press(CHANNEL)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(anna.microphone.say, voice(4.0))
            await trio.sleep(2.5)
            server.loses_voice = lambda person: True
            await trio.sleep(0.5)

    assert [at - began for at in probes[:3]] == pytest.approx([1.0, 2.0, 2.8], abs=0.03)


async def test_a_lost_release_is_sent_again(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    missed: list[object] = []

    def misses_first_release(message: object) -> bool:
        if isinstance(message, FloorRelease) and not missed:
            missed.append(message)
            return True
        return False

    server.misses = misses_first_release
    async with people(server, tmp_path, "Anna", "Ben") as (anna, ben):
        anna.client.press(CHANNEL)
        await trio.sleep(0.2)
        anna.client.release()
        await trio.sleep(0.4)

    assert missed
    freed = [at for at, event in ben.events if event == TalkerChanged(CHANNEL, None)]
    assert freed[0] - anna.when(FloorReleased) == pytest.approx(0.151, abs=0.01)


async def test_a_lost_connection_is_heard(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna", settings=Settings()) as (anna,):
        server.reachable = False
        server.cut("Anna")
        await trio.sleep(1.5)

    assert np.abs(anna.heard()).max() > 1000


async def test_a_face_that_comes_during_an_outage_is_not_told_of_a_connection(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna") as (anna,):
        server.reachable = False
        server.cut("Anna")
        await trio.sleep(0.1)
        stream = anna.client.events()
        first = await anext(stream)

    assert isinstance(first, ConnectionLost)
    assert first.sentence == "Nobody answers."
