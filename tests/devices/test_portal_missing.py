"""What is told where the portal, the bus, or a desktop entry is missing, or does not answer."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from ptt_devices.desktop_entry import APP_ID
from ptt_devices.keys import HotkeyError, KeyCombination, Pressed
from tests.support.private_bus import Bus, private_bus

pytest.importorskip("jeepney")

from ptt_devices import session_bus
from ptt_devices.portal import PortalKeys, portal_version
from tests.support.pretend_portal import Person, pretend_portal

TALK = [KeyCombination.parse("ctrl+alt+t")]


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bus]:
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        yield bus


async def test_without_a_bus_the_reason_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere/bus")

    with pytest.raises(HotkeyError, match="cannot be asked for a key: log in"):
        async with PortalKeys(TALK).listen():
            pass


@pytest.mark.parametrize("address", ["nonsense", "tcp:host=localhost,port=1", "unix:", ""])
async def test_an_address_that_is_none_is_no_bus(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    with pytest.raises(HotkeyError, match="log in to a desktop"):
        await portal_version()


@pytest.mark.parametrize("answer", [b"", b"REJECTED\r\n", b"nonsense\r\n", b"\0\0"])
async def test_a_bus_that_makes_no_sense_or_keeps_silent_is_no_bus(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: bytes
) -> None:
    monkeypatch.setattr(session_bus, "ANSWER_WITHIN", 0.1)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", f"unix:path={tmp_path / 'bus'}")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "bus"))
        listener.listen()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(say, listener, answer)

            with pytest.raises(HotkeyError, match="log in to a desktop"):
                await portal_version()


async def test_a_portal_that_never_answers_holds_nobody_up(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_bus, "ANSWER_WITHIN", 0.1)
    async with pretend_portal(bus, Person(hangs=True)):
        with pytest.raises(HotkeyError, match="portal does not run"), trio.fail_after(2):
            await portal_version()


async def test_a_desktop_without_a_portal_is_told_what_to_install(bus: Bus) -> None:
    with pytest.raises(HotkeyError, match="install xdg-desktop-portal"):
        async with PortalKeys(TALK).listen():
            pass


async def test_a_portal_older_than_global_shortcuts_is_told(bus: Bus) -> None:
    async with pretend_portal(bus, Person(has_shortcuts=False, has_registry=False)):
        with pytest.raises(HotkeyError, match="knows no global shortcuts: update"):
            async with PortalKeys(TALK).listen():
                pass


async def test_the_version_of_the_portal_is_known_without_asking_anybody(bus: Bus) -> None:
    async with pretend_portal(bus) as portal:
        version = await portal_version()

        assert portal.session == ""

    assert version == 2


@pytest.mark.slow
async def test_a_portal_that_asks_for_a_desktop_entry_finds_one(bus: Bus, tmp_path: Path) -> None:
    person = Person(asks_for_entry=tmp_path / "applications")
    async with pretend_portal(bus, person) as portal, PortalKeys(TALK).listen() as presses:
        await portal.activate("talk")

        with trio.fail_after(10):
            seen = await anext(presses)

    assert seen == Pressed(key="portal:talk")
    assert (tmp_path / "applications" / f"{APP_ID}.desktop").exists()


@pytest.mark.slow
async def test_an_entry_that_the_portal_does_not_see_is_told(bus: Bus, tmp_path: Path) -> None:
    async with pretend_portal(bus, Person(asks_for_entry=tmp_path / "elsewhere")):
        with pytest.raises(HotkeyError, match="programs with a desktop entry"):
            async with PortalKeys(TALK).listen():
                pass


async def test_no_desktop_entry_is_written_where_none_is_asked_for(
    bus: Bus, tmp_path: Path
) -> None:
    async with pretend_portal(bus), PortalKeys(TALK).listen():
        pass

    assert not (tmp_path / "applications").exists()


async def say(listener: socket.socket, answer: bytes) -> None:
    """To whoever connects, until they hang up."""
    connection, _ = await trio.to_thread.run_sync(listener.accept)
    with connection:
        connection.sendall(answer)
        while await trio.to_thread.run_sync(connection.recv, 100):
            pass
