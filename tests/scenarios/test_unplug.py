"""Devices pulled out and plugged in again, under real clients at a real daemon.

    idle       nobody talks in the channel
    listening  somebody talks the whole time
    talking    the desk itself talks, whenever it can

A device goes by its ALSA name, its sink and its socket (pluggable_sound.py). `CYCLES` times each,
all three at the same time, with pauses drawn from a seed so that every moment is met.
"""

import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import median

import pytest
import trio

from ptt.client.audio_files import SilentLoudspeaker
from ptt.client.audio_ports import FRAME_SECONDS, AudioSource
from ptt.client.client import Client, open_client
from ptt.client.enrolment import enrol
from ptt.client.events import TalkerChanged
from ptt_demo.daemon import Daemon
from tests.support.pluggable_sound import Card, PluggableSound, plugged_in, sound_server
from tests.support.plugged_desks import Fact, PluggedDesk, plugged_desk
from tests.support.speech import voice

CYCLES = 100
WARM = 10  # cycles before figures are compared
SEED = 3
BACK_WITHIN = 1.0  # s
LONGEST_PAUSE = 0.3  # s
WORDS = voice(2.0).tobytes()

STATES = ["idle", "listening", "talking"]


@dataclass
class Times:
    """Seconds until the loss was noticed, and until sound flowed again."""

    lost: list[float] = field(default_factory=list)
    back: list[float] = field(default_factory=list)
    released: list[float] = field(default_factory=list)


class Talkative:
    """A microphone into which somebody talks for ever."""

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        yield self

    async def read(self) -> bytes:
        await trio.sleep(FRAME_SECONDS)
        at = round(trio.current_time() / FRAME_SECONDS) * 1920 % (len(WORDS) - 1920)
        return WORDS[at - at % 2 :][:1920]


def cards(state: str) -> tuple[Card, Card]:
    return Card(f"mic-{state}", microphone=True), Card(f"ear-{state}", microphone=False)


@pytest.fixture
def sounds(tmp_path: Path) -> Iterator[dict[str, PluggableSound]]:
    """One home for each desk, so that no desk sees the signs of another's devices."""
    with sound_server(tmp_path / "sound") as server:
        yield {state: plugged_in(server, tmp_path / state, *cards(state)) for state in STATES}


@asynccontextmanager
async def client(daemon: Daemon, name: str, channel: str) -> AsyncIterator[Client]:
    """One without devices; talks for ever once it pressed."""
    credential = await enrol(await daemon.invite(name), "test")
    ports = {"microphone": Talkative(), "loudspeaker": SilentLoudspeaker()}
    async with open_client(credential, **ports) as client:
        await client.join(channel)
        yield client


@asynccontextmanager
async def desk(daemon: Daemon, sound: PluggableSound, state: str) -> AsyncIterator[PluggedDesk]:
    link = await daemon.invite(f"desk {state}")
    names = [card.name for card in cards(state)]
    async with plugged_desk(sound.environment, link, state, *names) as desk:
        await desk.uses("loudspeaker", names[1], after=0.0)
        yield desk


class Hand:
    """Pulls out and plugs in."""

    def __init__(self, sound: PluggableSound) -> None:
        self._sound = sound

    async def unplug(self, *which: Card) -> float:
        """When it was begun."""
        begun = time.monotonic()
        await trio.to_thread.run_sync(self._sound.unplug, *which)
        return begun

    async def plug(self, *which: Card) -> float:
        """When it was done."""
        await trio.to_thread.run_sync(self._sound.plug, *which)
        return time.monotonic()


async def listen(desk: PluggedDesk, hand: Hand, state: str, times: Times, rng: Random) -> None:
    """One cycle in which the loudspeaker is in use and the microphone is closed."""
    both = cards(state)
    ear = both[1].name
    pulled = await hand.unplug(*both)
    lost = await desk.fact(lambda f: f["what"] == "use" and f["loudspeaker"] != ear, after=pulled)
    times.lost.append(lost["at"] - pulled)
    await trio.sleep(rng.uniform(0, LONGEST_PAUSE))
    plugged = await hand.plug(*both)
    times.back.append(await desk.uses("loudspeaker", ear, after=plugged) - plugged)


async def talk(desk: PluggedDesk, hand: Hand, state: str, times: Times, rng: Random) -> None:
    """One cycle in which the microphone is cut in a burst, and the key is pressed again."""
    both = cards(state)
    mic = both[0].name
    pulled = await hand.unplug(*both)
    released = await desk.event("FloorReleased", after=pulled)
    times.released.append(released["at"] - pulled)
    await desk.tell("release")
    await trio.sleep(rng.uniform(0, LONGEST_PAUSE))
    plugged = await hand.plug(*both)
    await desk.tell("press")
    await desk.event("FloorGranted", after=plugged)
    times.back.append(await desk.uses("microphone", mic, after=plugged) - plugged)


async def pull_again_and_again(desk: PluggedDesk, hand: Hand, state: str) -> tuple[Times, Fact]:
    """All cycles; the figures after the first WARM of them."""
    rng, times = Random(f"{SEED} {state}"), Times()
    cycle = talk if state == "talking" else listen
    if state == "talking":
        begun = await desk.tell("press")
        await desk.event("FloorGranted", after=begun)
        await desk.uses("microphone", cards(state)[0].name, after=begun)
    for number in range(CYCLES):
        if number == WARM:
            early = await desk.figures()
        await cycle(desk, hand, state, times, rng)
    return times, early


async def watch(client: Client, talkers: list[str | None]) -> None:
    async for event in client.events():
        if isinstance(event, TalkerChanged):
            talkers += [event.talker]


@pytest.mark.slow
async def test_devices_are_pulled_out_and_plugged_in_a_hundred_times(
    daemon: Daemon, sounds: dict[str, PluggableSound]
) -> None:
    for state in STATES:
        await daemon.command("channels", "add", state, "--talk-limit", "600")
    results: dict[str, tuple[Times, Fact]] = {}
    figures: dict[str, Fact] = {}
    talkers: list[str | None] = []

    async def run(desk: PluggedDesk, state: str) -> None:
        results[state] = await pull_again_and_again(desk, Hand(sounds[state]), state)
        figures[state] = await desk.figures()

    async with AsyncExitStack() as stack:
        anna = await stack.enter_async_context(client(daemon, "Anna", "listening"))
        clara = await stack.enter_async_context(client(daemon, "Clara", "talking"))
        desks = {s: await stack.enter_async_context(desk(daemon, sounds[s], s)) for s in STATES}
        async with trio.open_nursery() as watching:
            watching.start_soon(watch, clara, talkers)
            anna.press("listening")
            async with trio.open_nursery() as nursery:
                for state in STATES:
                    nursery.start_soon(run, desks[state], state)
            watching.cancel_scope.cancel()

    for state, (times, early) in results.items():
        report(state, times, early, figures[state])
    for state, (times, early) in results.items():
        assert len(times.back) == CYCLES
        assert max(times.back) < BACK_WITHIN
        assert max(times.lost + times.released) < BACK_WITHIN
        assert_no_leak(early, figures[state])
    assert talkers.count(None) >= CYCLES, "everybody saw that the floor was free"


def report(state: str, times: Times, early: Fact, late: Fact) -> None:
    for what in ("lost", "released", "back"):
        seconds = getattr(times, what)
        if seconds:
            print(f"{state}: {what} median {median(seconds):.3f} s, at most {max(seconds):.3f} s")
    kept = ("descriptors", "threads", "tasks", "resident", "system")
    print(state, [(key, early[key], late[key]) for key in kept])


def assert_no_leak(early: Fact, late: Fact) -> None:
    assert late["descriptors"] <= early["descriptors"] + 4
    assert late["threads"] <= early["threads"] + 2
    assert late["tasks"] <= early["tasks"] + 2
    assert late["resident"] <= early["resident"] + 8_000_000
    assert late["system"]["abandoned"] == 0


@pytest.mark.slow
async def test_a_sound_server_that_stands_still_is_told_and_used_again(
    daemon: Daemon, sounds: dict[str, PluggableSound]
) -> None:
    await daemon.command("channels", "add", "idle")
    server = sounds["idle"].server.server
    async with desk(daemon, sounds["idle"], "idle") as idle:
        stopped = time.monotonic()
        server.send_signal(signal.SIGSTOP)
        try:
            told = await idle.event("AudioFailed", after=stopped)
            await trio.sleep(2.0)
        finally:
            server.send_signal(signal.SIGCONT)
        continued = time.monotonic()
        back = await idle.uses("loudspeaker", "ear-idle", after=continued)
        figures = await idle.figures()

    assert "takes no sound" in told["text"]
    assert told["at"] - stopped < 2.0
    assert back - continued < 2.0
    assert figures["system"]["stuck"] == 0
    assert figures["threads"] <= 8


@pytest.mark.slow
async def test_a_client_ends_while_the_sound_server_stands_still(
    daemon: Daemon, sounds: dict[str, PluggableSound]
) -> None:
    await daemon.command("channels", "add", "idle")
    server = sounds["idle"].server.server
    try:
        async with desk(daemon, sounds["idle"], "idle") as idle:
            server.send_signal(signal.SIGSTOP)
            await idle.event("AudioFailed")
            ended = time.monotonic()
    finally:
        server.send_signal(signal.SIGCONT)

    assert time.monotonic() - ended < 10.0


@pytest.mark.slow
async def test_a_loudspeaker_that_is_pulled_out_leaves_the_voice_of_the_talker_whole(
    daemon: Daemon, sounds: dict[str, PluggableSound]
) -> None:
    await daemon.command("channels", "add", "talking")
    mic, ear = cards("talking")
    async with (
        client(daemon, "Clara", "talking"),
        desk(daemon, sounds["talking"], "talking") as talking,
    ):
        await talking.tell("press")
        await talking.uses("microphone", mic.name, after=0.0)
        before = await talking.figures()
        hand = Hand(sounds["talking"])
        pulled = await hand.unplug(ear)
        fell_back = await talking.uses("loudspeaker", "default", after=pulled)
        await hand.plug(ear)
        await trio.sleep(1.0)
        after = await talking.figures()
        released = await talking.tell("release")
        back = await talking.uses("loudspeaker", ear.name, after=released)

    recorded = after["microphone"]["blocks"] - before["microphone"]["blocks"]
    assert fell_back - pulled < BACK_WITHIN
    assert back - released < BACK_WITHIN
    assert after["system"]["looks"] == before["system"]["looks"]
    assert abs(recorded - 100 * (after["at"] - before["at"])) <= 5
    assert after["microphone"]["overflows"] == before["microphone"]["overflows"]
