"""Which keys a name means, and what ups and downs of keys amount to."""

import pytest

from ptt_devices.keys import (
    HotkeyError,
    KeyCombination,
    KeyEvent,
    KeyState,
    Pressed,
    Purpose,
    Released,
    ReplayPressed,
)

NAMES = [
    ("ctrl_r", ("ctrl_r",)),
    ("Right Ctrl", ("ctrl_r",)),
    ("left-control", ("ctrl_l",)),
    ("super_r", ("cmd_r",)),
    ("F9", ("f9",)),
    ("ctrl+alt+T", ("ctrl", "alt", "t")),
    ("Ctrl + Space", ("ctrl", "space")),
    ("mouse4", ("mouse4",)),
    ("mouse back", ("mouse4",)),
    ("Escape", ("esc",)),
    ("+", ("+",)),
    ("ß", ("ß",)),
]


@pytest.mark.parametrize(("text", "keys"), NAMES)
def test_people_name_keys_in_many_ways(text: str, keys: tuple[str, ...]) -> None:
    assert KeyCombination.parse(text).keys == keys


@pytest.mark.parametrize("text", [text for text, _ in NAMES])
def test_a_combination_is_shown_as_it_can_be_typed(text: str) -> None:
    combination = KeyCombination.parse(text)

    assert KeyCombination.parse(str(combination)) == combination


@pytest.mark.parametrize(("text", "near"), [("crtl_r", "ctrl_r"), ("muose4", "mouse4")])
def test_an_unknown_key_is_told_with_the_nearest_name(text: str, near: str) -> None:
    with pytest.raises(HotkeyError, match=f"did you mean {near}"):
        KeyCombination.parse(text)


@pytest.mark.parametrize("text", ["", "ctrl+", "mouse1", "mouse2"])
def test_neither_nothing_nor_the_buttons_that_click_can_be_a_key(text: str) -> None:
    with pytest.raises(HotkeyError):
        KeyCombination.parse(text)


def test_a_combination_knows_what_must_be_listened_to() -> None:
    mixed = KeyCombination.parse("ctrl+mouse4")

    assert (mixed.uses_keyboard, mixed.uses_mouse) == (True, True)
    assert not KeyCombination.parse("f9").uses_mouse
    assert not KeyCombination.parse("mouse4").uses_keyboard


# downs (+) and ups (-) as X11 reports them, and what they amount to
HISTORIES = [
    ("f9", "+f9 -f9", "PR"),
    ("f9", "+f9 +f9 +f9 -f9", "PR"),  # repeats
    ("f9", "+f9 -f9 +f9 -f9", "PRPR"),
    ("f9", "+f8 -f8", ""),
    ("ctrl+t", "+ctrl +t -ctrl -t", "PR"),
    ("ctrl+t", "+t +ctrl -t -ctrl", "PR"),  # any order
    ("ctrl+t", "+ctrl +t -t +t -ctrl -t", "PRPR"),
    ("ctrl+t", "+ctrl -ctrl +t -t", ""),
    ("ctrl_r", "+ctrl +ctrl_r -ctrl -ctrl_r", "PR"),  # X11 reports both for the right one
    ("ctrl_r", "+ctrl -ctrl", ""),  # and this for the left one
    ("ctrl_l", "+ctrl -ctrl", "PR"),
    ("ctrl", "+ctrl_r -ctrl_r", "PR"),
    ("ctrl", "+ctrl +ctrl_r -ctrl -ctrl_r", "PR"),
    ("f9", "-f9", ""),  # it was down before we listened
]


@pytest.mark.parametrize(("keys", "history", "expected"), HISTORIES)
def test_each_press_and_each_release_counts_once(keys: str, history: str, expected: str) -> None:
    state = KeyState(KeyCombination.parse(keys))

    happened = [
        state.handle_down(step[1:]) if step[0] == "+" else state.handle_up(step[1:])
        for step in history.split()
    ]

    events: list[KeyEvent] = [event for event in happened if event is not None]
    assert "".join(type(event).__name__[0] for event in events) == expected


def test_what_is_down_when_nobody_listens_any_more_is_released() -> None:
    state = KeyState(KeyCombination.parse("f9"), Purpose.EMERGENCY)

    pressed, ended, again = state.handle_down("f9"), state.handle_end(), state.handle_end()

    assert (pressed, ended, again) == (Pressed(True, "f9"), Released(True, "f9"), None)


def test_a_replay_key_counts_when_it_goes_down() -> None:
    state = KeyState(KeyCombination.parse("f8"), Purpose.REPLAY)

    happened = [state.handle_down("f8"), state.handle_down("f8"), state.handle_up("f8")]

    assert happened == [ReplayPressed("f8"), None, None]


@pytest.mark.parametrize(
    ("key", "mentioned"), [("ctrl", True), ("ctrl_r", True), ("t", True), ("alt", False)]
)
def test_a_combination_knows_whether_a_key_matters(key: str, mentioned: bool) -> None:
    assert KeyCombination.parse("ctrl+t").mentions(key) is mentioned
