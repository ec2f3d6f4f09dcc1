"""Which way to hear a key works where, and what a person is told about the others."""

import builtins
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from ptt_devices import evdev_keys, key_ways
from ptt_devices.key_ways import Way, best_way, command_hint, open_way, ways
from ptt_devices.keys import HotkeyError, KeyCombination, Pressed
from tests.support.private_bus import Bus, private_bus
from tests.support.virtual_display import virtual_display

needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="these ways are Linux's")
pytestmark = needs_linux

TALK = [KeyCombination.parse("f9")]
X11 = Way("x11", True, "heard")
DEAF = Way("x11", False, "Nothing is heard: plug in ears.")
PORTAL = Way("portal", True, "asks")
COMMAND = Way("command", True, "bind it")


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No display, no bus, no devices."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CURRENT_DESKTOP"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")
    monkeypatch.setattr(evdev_keys, "FOLDER", tmp_path / "input")


@pytest.fixture
def bus(bare: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bus]:
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        yield bus


def told(found: list[Way]) -> dict[str, tuple[bool, str]]:
    return {way.name: (way.usable, way.sentence) for way in found}


@pytest.mark.usefixtures("bare")
async def test_on_a_bare_machine_every_way_says_what_is_missing() -> None:
    found = told(await ways())

    assert list(found) == ["x11", "portal", "evdev", "terminal", "command"]
    assert found["x11"] == (False, key_ways.NO_DISPLAY)
    assert found["portal"][0] is False
    assert "log in to a desktop" in found["portal"][1]
    assert found["evdev"][0] is False
    assert "no /dev/input" in found["evdev"][1]
    assert found["command"][0] is True
    assert "`ptt toggle`" in found["command"][1]


@pytest.mark.usefixtures("bare")
async def test_on_wayland_the_keys_of_x11_are_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DISPLAY", ":0")  # of XWayland
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")

    found = told(await ways())

    assert found["x11"] == (False, key_ways.WAYLAND)


async def test_on_wayland_the_portal_is_best_and_hears(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("jeepney")
    from tests.support.pretend_portal import pretend_portal

    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    async with pretend_portal(bus) as portal:
        way = best_way(await ways())
        async with open_way(way.name, TALK) as presses:
            await portal.activate("talk")
            with trio.fail_after(10):
                seen = await anext(presses)

    assert way == Way(
        "portal", True, "The desktop gives a key and asks which (global shortcuts, version 2)."
    )
    assert seen == Pressed(key="portal:talk")


@pytest.mark.usefixtures("bare")
async def test_without_jeepney_the_portal_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: object) -> object:
        if name == "ptt_devices.portal":
            raise ModuleNotFoundError("No module named 'jeepney'")
        return real(name, *rest)  # type: ignore[arg-type]  # passed on as it came

    monkeypatch.setattr(builtins, "__import__", without)

    found = told(await ways())

    assert found["portal"] == (False, key_ways.NO_JEEPNEY)
    with pytest.raises(HotkeyError, match="pip install"):
        async with open_way("portal", TALK):
            pass


@pytest.mark.slow
def test_on_an_x11_desktop_x11_is_best() -> None:
    script = "import trio; from ptt_devices.key_ways import *; print(best_way(trio.run(ways)).name)"
    with virtual_display() as display:
        environment = {**os.environ, **display.environment, "PYTHONPATH": os.pathsep.join(sys.path)}
        environment.pop("WAYLAND_DISPLAY", None)
        # In a process of its own: pynput binds DISPLAY at import.
        done = subprocess.run(
            [sys.executable, "-c", script],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=20,
        )

    assert (done.stdout, done.stderr) == ("x11\n", "")


@pytest.mark.parametrize(
    ("found", "wanted", "best"),
    [
        ([X11, PORTAL, COMMAND], "auto", "x11"),
        ([DEAF, PORTAL, COMMAND], "auto", "portal"),
        ([DEAF, COMMAND], "auto", "command"),
        ([X11, PORTAL, COMMAND], "portal", "portal"),
    ],
)
def test_the_best_way_is_the_first_usable_or_the_wanted_one(
    found: list[Way], wanted: str, best: str
) -> None:
    assert best_way(found, wanted).name == best


def test_a_wanted_way_that_does_not_work_says_why() -> None:
    with pytest.raises(HotkeyError, match="plug in ears"):
        best_way([DEAF, COMMAND], "x11")


def test_a_way_that_does_not_exist_here_is_answered_by_those_that_do() -> None:
    with pytest.raises(HotkeyError, match="take one of x11, command"):
        best_way([X11, COMMAND], "windows")


@pytest.mark.usefixtures("bare")
async def test_macos_names_the_permissions_that_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(key_ways, "_trusted_by_macos", lambda: False)

    found = told(await ways(platform="darwin"))

    assert list(found) == ["macos", "terminal", "command"]
    assert found["macos"][0] is False
    assert "Input Monitoring" in found["macos"][1]


@pytest.mark.parametrize(
    ("desktop", "words"),
    [
        ("sway", "bindsym --release Pause exec ptt release"),
        ("Hyprland", "bindr = , Pause, exec, ptt release"),
        ("i3", "`bindsym Pause exec ptt press`"),
        ("ubuntu:GNOME", "bind `ptt toggle` to one"),
        ("KDE", "bind `ptt toggle` to one"),
        ("", "bind `ptt toggle` to one"),
    ],
)
def test_the_command_is_told_in_the_words_of_the_desktop(desktop: str, words: str) -> None:
    assert words in command_hint(desktop)


async def test_with_the_command_no_key_is_heard_here(
    autojump_clock: trio.testing.MockClock,
) -> None:
    del autojump_clock
    async with open_way("command", TALK) as presses:
        with trio.move_on_after(1000) as silent:
            await anext(presses)

    assert silent.cancelled_caught


@pytest.mark.usefixtures("bare")
async def test_evdev_opens_by_name_and_says_why_not() -> None:
    with pytest.raises(HotkeyError, match="use another way"):
        async with open_way("evdev", TALK):
            pass
