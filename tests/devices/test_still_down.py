"""A key whose release nobody told: the system is asked, whatever it is and however it fails."""

import threading
from collections.abc import Callable, Iterable

import pytest
import trio

from ptt_devices import hotkey
from ptt_devices.hotkey import Presses
from ptt_devices.keys import KeyCombination, KeyEvent, Pressed, Purpose, Released
from ptt_devices.still_down import KeyLevels, MacLevels, SystemKey, WindowsLevels

F9 = SystemKey("f9", 0x78)
BACK = SystemKey("mouse4")
NAMELESS = SystemKey("*")
SOON = 5.0  # s


class Levels:
    """A system in which the keys of `down` are down; what it is asked is kept."""

    def __init__(self, *down: str) -> None:
        self.down = set(down)
        self.asked: list[set[str]] = []
        self.before_answer: Callable[[], object] = lambda: None

    def is_down(self, keys: Iterable[SystemKey]) -> dict[SystemKey, bool]:
        wanted = list(keys)
        self.asked.append({key.name for key in wanted})
        answer = {key: key.name in self.down for key in wanted if key.code is not None}
        self.before_answer()
        return answer

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hotkey, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(hotkey, "ANSWER_WITHIN", 0.05)


def listening(levels: Callable[[], KeyLevels], *keys: str) -> Presses:
    wanted = [(KeyCombination.parse(key), Purpose.TALK) for key in keys]
    return Presses(wanted, levels)


async def next_event(presses: Presses) -> KeyEvent:
    with trio.fail_after(SOON):
        return await anext(presses)


async def says_nothing(presses: Presses, seconds: float = 0.1) -> bool:
    with trio.move_on_after(seconds) as waited:
        await anext(presses)
    return waited.cancelled_caught


async def test_a_key_that_the_system_calls_up_is_released() -> None:
    levels = Levels("f9")
    presses = listening(lambda: levels, "f9")

    presses.down("f9", 0x78)
    pressed = await next_event(presses)
    held = await says_nothing(presses)
    levels.down.clear()
    released = await next_event(presses)
    presses.close()

    assert (pressed, held, released) == (Pressed(key="f9"), True, Released(key="f9"))


async def test_a_part_of_a_combination_is_released_before_it_is_complete() -> None:
    levels = Levels()
    presses = listening(lambda: levels, "ctrl+t")

    presses.down("ctrl", 1)
    assert await says_nothing(presses)  # ctrl came up, and nobody told
    presses.down("t", 2)
    silent = await says_nothing(presses)
    presses.close()

    assert silent


async def test_only_keys_that_matter_are_asked_for() -> None:
    levels = Levels("f9", "x")
    presses = listening(lambda: levels, "f9")

    presses.down("x", 3)
    presses.down("f9", 0x78)
    await next_event(presses)
    await says_nothing(presses)
    presses.close()

    assert levels.asked
    assert all(asked == {"f9"} for asked in levels.asked)


async def test_a_key_that_the_system_does_not_know_stays_down() -> None:
    presses = listening(Levels, "*")

    presses.down("*")
    await next_event(presses)
    silent = await says_nothing(presses)
    presses.close()

    assert silent


async def test_a_key_that_went_down_again_while_the_system_answered_stays_down() -> None:
    levels = Levels()
    presses = listening(lambda: levels, "f9")

    def again() -> None:
        levels.down.add("f9")
        presses.down("f9", 0x78)

    levels.before_answer = again
    presses.down("f9", 0x78)
    await next_event(presses)
    silent = await says_nothing(presses)
    presses.close()

    assert silent


async def test_a_system_that_fails_is_not_asked_again_and_the_key_is_heard() -> None:
    asked: list[None] = []

    def fail() -> KeyLevels:
        asked.append(None)
        raise OSError("no display")

    presses = listening(fail, "f9")
    presses.down("f9", 0x78)
    await next_event(presses)
    silent = await says_nothing(presses)
    presses.up("f9")
    released = await next_event(presses)
    presses.close()

    assert (silent, len(asked), released) == (True, 1, Released(key="f9"))


async def test_a_system_that_hangs_holds_up_nothing() -> None:
    freed, levels = threading.Event(), Levels("f9")
    levels.before_answer = lambda: freed.wait(SOON)
    presses = listening(lambda: levels, "f9")

    presses.down("f9", 0x78)
    await next_event(presses)
    assert await says_nothing(presses)
    presses.up("f9")
    released = await next_event(presses)
    presses.close()
    freed.set()

    assert (released, len(levels.asked)) == (Released(key="f9"), 1)


def test_windows_tells_keys_and_mouse_buttons_by_their_virtual_codes() -> None:
    down = {0x78: -0x8000, 0x05: 1}  # a short with the highest bit; "was down since", which is not

    levels = WindowsLevels(lambda code: down.get(code, 0)).is_down([F9, BACK, NAMELESS])

    assert levels == {F9: True, BACK: False}


class CoreGraphics:
    """As much of the library as is asked for."""

    class CGEventSourceKeyState:
        argtypes: object
        restype: object

        def __new__(cls, state: int, code: int) -> bool:  # type: ignore[misc]
            return (state, code) == (1, 0x78)

    class CGEventSourceButtonState:
        argtypes: object
        restype: object

        def __new__(cls, state: int, number: int) -> bool:  # type: ignore[misc]
            return (state, number) == (1, 3)


def test_macos_tells_keys_and_mouse_buttons() -> None:
    levels = MacLevels(CoreGraphics).is_down([F9, BACK, NAMELESS, SystemKey("f8", 0x64)])

    assert levels == {F9: True, BACK: True, SystemKey("f8", 0x64): False}
