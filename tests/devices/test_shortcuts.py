"""Which shortcut is wished for, and that nothing a program may send confuses what is held."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt_devices.keys import KeyCombination, Pressed, Purpose, Released
from ptt_devices.shortcuts import Shortcuts, read_shortcuts_untrusted, wished_trigger

pytest.importorskip("jeepney")

from ptt_devices.session_bus import Signal

PORTAL, SESSION = ":1.7", "/session/ptt"
NAMES = ["Activated", "Deactivated", "ShortcutsChanged", "Response", "Closed", "NameOwnerChanged"]
INTERFACES = [
    "org.freedesktop.portal.GlobalShortcuts",
    "org.freedesktop.portal.Request",
    "org.freedesktop.portal.Session",
    "org.freedesktop.DBus",
]

values = st.recursive(
    st.none() | st.integers() | st.sampled_from(["talk", "replay", SESSION, PORTAL, ""]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.sampled_from(["shortcuts", "trigger_description"]), inner)
    ),
    max_leaves=6,
)
signals = st.builds(
    Signal,
    st.sampled_from([PORTAL, "org.freedesktop.DBus", ":1.66"]),
    st.sampled_from([SESSION, "/request", "/elsewhere"]),
    st.sampled_from(INTERFACES),
    st.sampled_from(NAMES),
    st.lists(values, max_size=4).map(tuple),
)


@pytest.mark.parametrize(
    ("combination", "trigger"),
    [
        ("ctrl+alt+t", "CTRL+ALT+t"),
        ("t+ctrl_r", "CTRL+t"),
        ("cmd+shift+page_up", "LOGO+SHIFT+Page_Up"),
        ("f9", "F9"),
        ("pause", "Pause"),
        ("media_play_pause", "XF86AudioPlay"),
        ("ctrl+.", "CTRL+U002E"),
        ("ä", "U00E4"),
        ("ctrl_r", ""),
        ("ctrl+shift", ""),
        ("alt_gr", ""),
        ("mouse4", ""),
        ("ctrl+mouse4", ""),
        ("a+b", ""),
    ],
)
def test_a_combination_is_wished_for_in_the_words_of_the_specification(
    combination: str, trigger: str
) -> None:
    assert wished_trigger([KeyCombination.parse(combination)]) == trigger


def test_the_first_combination_that_can_be_expressed_is_wished_for() -> None:
    wanted = [KeyCombination.parse(name) for name in ("mouse4", "ctrl_r", "f9", "f10")]

    assert wished_trigger(wanted) == "F9"


def test_shortcuts_of_another_shape_are_left_out() -> None:
    good = ("talk", {"trigger_description": ("s", "F9")})
    bad = [("", 1), 5, ("replay",), ("emergency", {"trigger_description": "F9"})]

    assert read_shortcuts_untrusted(("a", [good, *bad])) == {"talk": "F9", "emergency": ""}
    assert read_shortcuts_untrusted(None) == {}


@pytest.mark.parametrize(
    ("sender", "path", "code", "ended"),
    [
        (PORTAL, "/request", 1, True),
        (PORTAL, "/request", 2, True),
        (PORTAL, "/request", 0, False),
        (PORTAL, "/elsewhere", 1, False),
        (":1.66", "/request", 1, False),
    ],
)
def test_only_the_portals_answer_to_our_request_ends_it(
    sender: str, path: str, code: int, ended: bool
) -> None:
    shortcuts = Shortcuts(PORTAL, SESSION, [Purpose.TALK])
    shortcuts.request = "/request"
    results = {"shortcuts": ("a(sa{sv})", [("talk", {})])}

    shortcuts.handle(Signal(sender, path, INTERFACES[1], "Response", (code, results)))

    assert bool(shortcuts.ended) is ended


@given(st.lists(signals, max_size=20))
def test_untrusted_signals_raise_nothing_and_presses_alternate(received: list[Signal]) -> None:
    shortcuts = Shortcuts(PORTAL, SESSION, [Purpose.TALK])
    shortcuts.request = "/request"

    events = [event for signal in received for event in shortcuts.handle(signal)]
    events += shortcuts.handle_bus_lost()

    kinds = [type(event) for event in events]
    assert kinds == [Pressed, Released] * (len(events) // 2)
    assert shortcuts.ended
