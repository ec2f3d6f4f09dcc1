"""Whole clients, under a virtual clock, of whom single messages, packets and keys are lost."""

from pathlib import Path

import pytest
import trio
import trio.testing

from ptt.client.events import (
    FloorDenied,
    FloorGranted,
    FloorReleased,
    FloorRequested,
    TalkerChanged,
)
from ptt.wire import signalling as wire
from ptt.wire.floor import FloorGranted as Grant
from ptt.wire.floor import FloorRelease, FloorTaken
from tests.support.people import people
from tests.support.pretend_server import (
    CHANNEL,
    PretendServer,
)
from tests.support.speech import likeness, voice

Clock = trio.testing.MockClock


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


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


async def test_the_server_is_told_which_keys_are_in_use(
    server: PretendServer, tmp_path: Path, autojump_clock: Clock
) -> None:
    async with people(server, tmp_path, "Anna"):
        server.change_epoch()
        await trio.sleep(0.1)
        told = [one for one in server.desk("Anna").said if isinstance(one, wire.KeyInUse)]

    assert len(told) == len({one.epoch for one in told}) == 2


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
