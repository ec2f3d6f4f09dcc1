"""Whole clients, under a virtual clock, that lose their server, their network, their machine."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
import trio
import trio.testing

from ptt.client.audio_files import (
    SilentLoudspeaker,
    WavMicrophone,
)
from ptt.client.client import open_client
from ptt.client.events import (
    ChannelJoined,
    Connected,
    ConnectionLost,
    FloorDenied,
    FloorGranted,
    FloorRevoked,
    TalkerChanged,
)
from ptt.client.settings import Settings
from ptt.errors import RefusedError, ServerUnreachableError
from ptt.wire import signalling as wire
from ptt.wire.link import Probe
from tests.support.people import people
from tests.support.pretend_server import (
    CHANNEL,
    PretendNetwork,
    PretendServer,
    credential,
)
from tests.support.speech import likeness, voice

Clock = trio.testing.MockClock


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


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


async def test_after_a_lost_connection_it_is_said_again_that_somebody_is_away(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Ben") as (ben,):
        ben.client.set_presence(away=True, muted=False)
        server.cut("Ben")
        await trio.sleep(3.0)
        said = server.desk("Ben").said

    assert wire.Presence(away=True) in said


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
