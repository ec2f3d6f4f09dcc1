"""What is said about the ways to hear a key."""

import pytest

from ptt_desk.checks.finding import Verdict
from ptt_desk.checks.key import check_key, judge_key
from ptt_devices.key_ways import Way
from ptt_devices.keys import KeyCombination

TALK = [KeyCombination.parse("ctrl_r"), KeyCombination.parse("mouse4")]
X11 = Way("x11", True, "Keys are heard while any window has the focus.")
NO_X11 = Way("x11", False, "There is no display: log in to a desktop.")
PORTAL = Way("portal", True, "The desktop gives a key.")
NO_PORTAL = Way("portal", False, "The desktop portal does not run: install xdg-desktop-portal.")
COMMAND = Way("command", True, "Any key of the desktop can talk.")


def test_the_way_that_hears_is_named_and_so_are_the_others() -> None:
    found = judge_key(TALK, [X11, NO_PORTAL, COMMAND], X11)

    assert found.verdict is Verdict.OK
    assert str(found) == "The way x11 hears ctrl_r or mouse4; usable as well: command."
    assert found.measured["portal"] is False


def test_the_portal_decides_itself_about_the_key() -> None:
    found = judge_key(TALK, [NO_X11, PORTAL], PORTAL)

    assert str(found) == "The way portal hears a key that the desktop gives."


def test_without_a_way_it_says_what_hinders_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)

    found = judge_key(TALK, [NO_X11, NO_PORTAL, COMMAND], COMMAND)

    assert found.verdict is Verdict.WARNING
    assert str(found) == NO_X11.sentence


def test_on_wayland_it_is_the_portal_that_must_be_mended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")

    found = judge_key(TALK, [NO_X11, NO_PORTAL, COMMAND], COMMAND)

    assert str(found) == NO_PORTAL.sentence


async def test_a_key_that_does_not_exist_is_a_problem() -> None:
    found = await check_key(["ctrl_x"])

    assert found.verdict is Verdict.PROBLEM
    assert "There is no key 'ctrl_x'" in found.sentence


@pytest.mark.slow
async def test_a_way_that_does_not_exist_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", "")

    found = await check_key(["ctrl_r"], wanted="telepathy")

    assert found.verdict is Verdict.PROBLEM
    assert "no way 'telepathy'" in str(found)
