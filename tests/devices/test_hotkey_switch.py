"""Keys, a mouse button and the switch on a real display, while another window has the focus."""

import random
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import pytest
import trio

from tests.support.hasty_hand import Editor, HastyHand, hasty_hand
from tests.support.virtual_display import VirtualDisplay, virtual_display
from tests.support.watched_keys import KEY_SWITCH, PATIENCE, Watcher, watch

BACK = 8  # the button that we call mouse4
RELEASE_DELAY, LOST_WITHIN = 0.15, 0.5  # s
NOISE = 0.35  # s that a busy machine may add

pytestmark = pytest.mark.slow


@dataclass
class Scene:
    """A hand, a window with the focus, and what the microphone of the switch does."""

    hand: HastyHand
    editor: Editor
    microphone: Watcher
    lines: list[str] = field(default_factory=list)

    async def read(self) -> None:
        while True:
            self.lines.append(await self.microphone.line())

    @property
    def open(self) -> bool:
        return bool(self.lines) and self.lines[-1] != "closed"

    async def becomes(self, *, open_: bool) -> float:
        """Wait; how long it took, in seconds."""
        start = trio.current_time()
        with trio.fail_after(PATIENCE):
            while self.open is not open_:  # noqa: ASYNC110  a process makes it so
                await trio.sleep(0.005)
        return trio.current_time() - start


@contextmanager
def stage() -> Iterator[tuple[VirtualDisplay, HastyHand]]:
    with virtual_display() as display, hasty_hand(display.name) as hand:
        yield display, hand


@asynccontextmanager
async def scene(*arguments: str) -> AsyncIterator[Scene]:
    with stage() as (display, hand):
        async with trio.open_nursery() as nursery:
            microphone = await watch(nursery, display, KEY_SWITCH, *arguments)
            shown = Scene(hand, hand.open_editor(), microphone)
            assert shown.editor.has_focus
            nursery.start_soon(shown.read)
            yield shown
            microphone.process.terminate()
            nursery.cancel_scope.cancel()


async def test_the_microphone_is_open_while_the_key_is_held() -> None:
    async with scene("f9") as it:
        it.hand.key("F9", down=True)
        pressed = await it.becomes(open_=True)
        await trio.sleep(1.2)  # several looks whether it is still down, and X repeats it
        held = it.lines.copy()
        it.hand.key("F9", down=False)
        released = await it.becomes(open_=False)

    assert held == ["open"]
    assert pressed < NOISE
    assert RELEASE_DELAY - 0.01 < released < RELEASE_DELAY + NOISE


async def test_a_tap_latches_and_a_tap_of_another_source_ends() -> None:
    async with scene("f9", "mouse4") as it:
        it.hand.key("F9", down=True)
        it.hand.key("F9", down=False)
        await it.becomes(open_=True)
        await trio.sleep(1.0)
        latched = it.lines.copy()
        it.hand.button(BACK, down=True)
        it.hand.button(BACK, down=False)
        await it.becomes(open_=False)

    assert latched == ["open"]


async def test_of_a_key_and_a_mouse_button_the_last_one_up_closes() -> None:
    async with scene("ctrl_r", "mouse4") as it:
        it.hand.key("Control_R", down=True)
        await trio.sleep(0.3)
        it.hand.button(BACK, down=True)
        it.hand.key("Control_R", down=False)
        await trio.sleep(0.8)
        one_left = it.lines.copy()
        it.hand.button(BACK, down=False)
        await it.becomes(open_=False)

    assert one_left == ["open"]
    assert it.lines == ["open", "closed"]


@pytest.mark.parametrize(("key", "name"), [("f9", "F9"), ("t", "t"), ("mouse4", "")])
async def test_a_release_that_is_not_told_closes_within_half_a_second(key: str, name: str) -> None:
    async with scene("--deaf", key, key) as it:
        move(it.hand, name, down=True)
        await it.becomes(open_=True)
        await trio.sleep(1.0)
        held = it.lines.copy()
        move(it.hand, name, down=False)
        took = await it.becomes(open_=False)

    assert held == ["open"]
    assert took < LOST_WITHIN + RELEASE_DELAY + NOISE


async def test_a_display_that_dies_while_the_key_is_held_closes_the_microphone() -> None:
    with stage() as (display, hand):
        async with trio.open_nursery() as nursery:
            microphone = await watch(nursery, display, KEY_SWITCH, "f9")
            hand.key("F9", down=True)
            first = await microphone.line()
            display.vanish()

            assert [first, await microphone.line()] == ["open", "closed"]


async def test_what_is_typed_still_arrives_in_the_other_window() -> None:
    async with scene("t", "ctrl_r") as it:
        it.hand.key("Control_R", down=True)
        for letter in "talk to the team":
            name = "space" if letter == " " else letter
            it.hand.key(name, down=True)
            it.hand.key(name, down=False)
        it.hand.key("Control_R", down=False)
        await it.becomes(open_=True)

        assert it.editor.typed().strip("\xe4") == "talk to the team"


KEYS = ["F9", "Control_R", "t", ""]  # "": the button
GAPS = [0.0] * 60 + [0.003] * 10 + [0.02, 0.1, 0.16, 0.25]  # s


ROUNDS = 40  # each opens it at least once


async def test_a_thousand_random_presses_and_releases_never_leave_it_open() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)

    async with scene("--no-latch", "f9", "ctrl_r", "t", "mouse4") as it:
        for _ in range(ROUNDS):
            await fumble(it.hand, rng, 1000 // ROUNDS)
            await trio.sleep(RELEASE_DELAY)
            assert await it.becomes(open_=False) < NOISE

    assert it.lines.count("open") == it.lines.count("closed") >= ROUNDS


async def test_after_random_taps_one_more_tap_closes_it() -> None:
    seed = random.randrange(1 << 32)
    print(f"seed {seed}")
    rng = random.Random(seed)

    async with scene("f9", "ctrl_r", "t", "mouse4") as it:
        for _ in range(10):
            await fumble(it.hand, rng, 30)
            await trio.sleep(RELEASE_DELAY + NOISE)
            if it.open:
                it.hand.key("F9", down=True)
                it.hand.key("F9", down=False)
                assert await it.becomes(open_=False) < RELEASE_DELAY + NOISE


async def fumble(hand: HastyHand, rng: random.Random, moves: int) -> None:
    """So many presses and releases, all keys up in the end."""
    down: set[str] = set()
    for left in range(moves, 0, -1):
        name = rng.choice(sorted(down) if len(down) >= left else KEYS)
        move(hand, name, down=name not in down)
        down ^= {name}
        await trio.sleep(rng.choice(GAPS))
    for name in down:
        move(hand, name, down=False)


def move(hand: HastyHand, name: str, *, down: bool) -> None:
    if name:
        hand.key(name, down=down)
    else:
        hand.button(BACK, down=down)
