"""Several sources, one client: what it is told, and what becomes of a source that fails."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
import trio
from trio.testing import MockClock

from ptt.client import events
from ptt.client.event_stream import EventStream
from ptt.errors import RefusedError
from ptt_desk.presses import Presses, Source
from ptt_devices.keys import HotkeyError, KeyEvent, Pressed, Released, ReplayPressed

ROOM = "Workshop"
TALK, UP = Pressed(key="f9"), Released(key="f9")
DEAD = "The pedal was pulled out."


class Recorded:
    """A client that notes what it is told, and to whom a floor can answer."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.stream = EventStream()
        self.refuses = self.answers = False

    def press(self, name: str, *, emergency: bool = False) -> None:
        if self.refuses:
            raise RefusedError("You are not in the channel.")
        self.told.append(f"press {name}{'!' if emergency else ''}")
        self.stream.put(events.FloorRequested(name))

    def release(self) -> None:
        self.told.append("release")
        if self.answers:
            self.stream.put(events.FloorReleased(ROOM, 1.0))

    def replay(self, name: str) -> bool:
        self.told.append(f"replay {name}")
        return True

    def events(self) -> EventStream:
        return self.stream


class Hand:
    """A source whose keys the test presses; let go of, the source ends."""

    def __init__(self) -> None:
        self.put, self.take = trio.open_memory_channel[KeyEvent | Exception](100)

    async def does(self, *events: KeyEvent | Exception, then: float = 0.01) -> None:
        """`then`: seconds until the next deed."""
        for event in events:
            self.put.send_nowait(event)
        await trio.sleep(then)

    def source(self, name: str, *, ends_all: bool = False) -> Source:
        return Source(name, self._events(), ends_all)

    async def _events(self) -> AsyncIterator[KeyEvent]:
        async for event in self.take:
            if isinstance(event, Exception):
                raise event
            yield event


@pytest.fixture
def client() -> Recorded:
    return Recorded()


@asynccontextmanager
async def running(
    client: Recorded, *hands: Hand, tell: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Presses]:
    presses = Presses(client, ROOM, tell=tell)
    sources = [hand.source(str(number)) for number, hand in enumerate(hands)]
    async with trio.open_nursery() as nursery:
        nursery.start_soon(presses.run, sources)
        await trio.sleep(0.01)
        yield presses
        nursery.cancel_scope.cancel()


async def test_a_key_is_told_to_the_client_and_its_release_after_the_delay(
    client: Recorded,
    autojump_clock: MockClock,
) -> None:
    hand = Hand()

    async with running(client, hand):
        await hand.does(TALK, then=1.0)
        await hand.does(UP, then=0.14)
        before = list(client.told)
        await trio.sleep(0.02)

    assert before == [f"press {ROOM}"]
    assert client.told == [f"press {ROOM}", "release"]


async def test_a_hold_that_is_read_late_is_no_tap(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand, now = Hand(), trio.current_time()
    late: list[KeyEvent] = [Pressed(at=now), Released(at=now + 0.5)]

    async with running(client, hand) as presses:
        await trio.sleep(1.0)  # the loop was busy
        await hand.does(*late)

        assert not presses.wanted
    assert client.told == [f"press {ROOM}", "release"]


async def test_the_same_key_of_two_sources_is_two_keys(
    client: Recorded, autojump_clock: MockClock
) -> None:
    left, right = Hand(), Hand()

    async with running(client, left, right) as presses:
        await left.does(TALK, then=1.0)
        await right.does(TALK)
        await left.does(UP, then=1.0)
        assert presses.wanted
        await right.does(UP, then=1.0)
        assert not presses.wanted

    assert client.told == [f"press {ROOM}", "release"]


async def test_a_source_that_fails_releases_its_keys_is_told_and_the_others_go_on(
    client: Recorded,
    autojump_clock: MockClock,
) -> None:
    pedal, key, told = Hand(), Hand(), list[str]()

    async with running(client, pedal, key, tell=told.append):
        await pedal.does(TALK, then=1.0)
        await pedal.does(HotkeyError(DEAD), then=1.0)
        after = list(client.told)
        await key.does(TALK, then=1.0)

    assert told == [DEAD]
    assert after == [f"press {ROOM}", "release"]
    assert client.told[2] == f"press {ROOM}"


async def test_when_the_last_source_fails_its_reason_is_raised(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand = Hand()
    await hand.does(TALK, HotkeyError(DEAD))

    with pytest.raises(HotkeyError, match="pulled out"):
        await Presses(client, ROOM).run([hand.source("pedal")])

    assert client.told == [f"press {ROOM}", "release"]


async def test_a_source_that_ends_all_ends_the_others(
    client: Recorded, autojump_clock: MockClock
) -> None:
    terminal, key = Hand(), Hand()
    await terminal.does(TALK)
    terminal.put.close()

    with trio.fail_after(5.0):
        await Presses(client, ROOM).run([terminal.source("t", ends_all=True), key.source("k")])

    assert client.told == [f"press {ROOM}", "release"]


async def test_when_it_is_cancelled_nothing_stays_pressed(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand = Hand()

    async with running(client, hand):
        await hand.does(TALK, UP)  # latched

    assert client.told == [f"press {ROOM}", "release"]


ENDINGS = [
    events.FloorDenied(ROOM, "queue-full", "The queue is full."),
    events.FloorRevoked(ROOM, "too-long", "The talk limit is reached."),
    events.FloorReleased(ROOM, 20.0),  # nobody spoke
]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_the_floor_ends_must_be_pressed_anew(
    client: Recorded, autojump_clock: MockClock, ending: events.Event
) -> None:
    hand = Hand()

    async with running(client, hand) as presses:
        await hand.does(TALK, then=1.0)
        client.stream.put(ending)
        await trio.sleep(0.01)
        assert not presses.wanted
        await hand.does(UP, TALK)

    assert client.told[:3] == [f"press {ROOM}", "release", f"press {ROOM}"]


@pytest.mark.parametrize("ending", ENDINGS)
async def test_what_the_floor_ends_is_latched_no_more(
    client: Recorded, autojump_clock: MockClock, ending: events.Event
) -> None:
    hand = Hand()

    async with running(client, hand) as presses:
        await hand.does(TALK, UP, then=1.0)
        latched = presses.wanted
        client.stream.put(ending)
        await trio.sleep(0.01)

        assert (latched, presses.wanted) == (True, False)


async def test_the_end_of_another_channels_burst_changes_nothing(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand = Hand()

    async with running(client, hand) as presses:
        await hand.does(TALK, then=1.0)
        client.stream.put(events.FloorRevoked("Office", "too-long", ""))
        await trio.sleep(0.01)

        assert presses.wanted


async def test_a_lost_connection_ends_a_latch_but_not_what_a_hand_holds(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand = Hand()
    lost = events.FloorRevoked(ROOM, "connection-lost", "The connection is gone.")

    async with running(client, hand) as presses:
        await hand.does(TALK, then=1.0)
        client.stream.put(lost)
        await trio.sleep(0.01)
        held = presses.wanted
        await hand.does(UP, then=1.0)
        await hand.does(TALK, UP, then=1.0)
        client.stream.put(lost)
        await trio.sleep(0.01)

        assert (held, presses.wanted) == (True, False)


async def test_the_answer_to_an_own_release_does_not_end_the_press_after_it(
    client: Recorded,
    autojump_clock: MockClock,
) -> None:
    hand, client.answers = Hand(), True

    async with running(client, hand) as presses:
        await hand.does(TALK, then=1.0)
        await hand.does(Pressed(emergency=True, key="f12"))

        assert presses.wanted

    assert client.told[:3] == [f"press {ROOM}", "release", f"press {ROOM}!"]


async def test_a_press_in_no_channel_must_be_pressed_anew(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand, client.refuses = Hand(), True

    async with running(client, hand) as presses:
        await hand.does(TALK)

        assert not presses.wanted


async def test_a_replay_key_replays(client: Recorded, autojump_clock: MockClock) -> None:
    hand = Hand()

    async with running(client, hand):
        await hand.does(ReplayPressed("f8"))

    assert client.told[0] == f"replay {ROOM}"


async def test_in_another_channel_the_key_must_be_pressed_anew(
    client: Recorded, autojump_clock: MockClock
) -> None:
    hand = Hand()

    async with running(client, hand) as presses:
        await hand.does(TALK, then=1.0)
        presses.change_channel("Office")
        await hand.does(UP, TALK)

    assert client.told[:3] == [f"press {ROOM}", "release", "press Office"]
