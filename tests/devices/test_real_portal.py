"""The key by the real xdg-desktop-portal, before a pretend desktop."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import trio

from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, Pressed, Purpose, Released
from tests.support.private_bus import Bus, private_bus

pytest.importorskip("jeepney")

from ptt_devices.portal import PortalKeys, portal_version
from tests.support.pretend_portal import Person, real_portal

PATIENCE = 10.0  # s
TALK = [KeyCombination.parse("ctrl+alt+t")]
TALK_DOWN, TALK_UP = Pressed(key="portal:talk"), Released(key="portal:talk")


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Bus]:
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", bus.address)
        monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
        yield bus


async def some(presses: AsyncIterator[KeyEvent], count: int) -> list[KeyEvent]:
    with trio.fail_after(PATIENCE):
        return [await anext(presses) for _ in range(count)]


async def reason_of_the_end(presses: AsyncIterator[KeyEvent]) -> str:
    with trio.fail_after(PATIENCE), pytest.raises(HotkeyError) as end:
        await anext(presses)
    return str(end.value)


@pytest.mark.slow
async def test_the_real_portal_passes_on_what_the_desktop_hears(bus: Bus) -> None:
    told: list[Mapping[Purpose, str]] = []
    async with (
        real_portal(bus) as desktop,
        PortalKeys(TALK, tell=told.append).listen() as presses,
    ):
        await desktop.was_asked.wait()
        await desktop.activate("talk")
        await desktop.deactivate("talk")

        seen = await some(presses, 2)

    assert seen == [TALK_DOWN, TALK_UP]
    assert told == [{Purpose.TALK: "CTRL+ALT+t"}]


@pytest.mark.slow
@pytest.mark.parametrize("code", [1, 2])
async def test_the_real_portal_passes_on_a_refusal(bus: Bus, code: int) -> None:
    async with real_portal(bus, Person(answer=code)), PortalKeys(TALK).listen() as presses:
        reason = await reason_of_the_end(presses)

    assert "was refused" in reason


@pytest.mark.slow
async def test_a_session_that_the_desktop_closes_by_the_real_portal_releases_the_key(
    bus: Bus,
) -> None:
    async with (
        real_portal(bus, Person(remembers={"talk": "F7"})) as desktop,
        PortalKeys(TALK).listen() as presses,
    ):
        await desktop.activate("talk")
        await some(presses, 1)

        await desktop.close_session()

        assert await some(presses, 1) == [TALK_UP]
        assert "took the key back" in await reason_of_the_end(presses)


@pytest.mark.slow
async def test_a_real_portal_that_crashes_releases_the_key_and_is_told(bus: Bus) -> None:
    async with real_portal(bus) as desktop, PortalKeys(TALK).listen() as presses:
        await desktop.was_asked.wait()
        await desktop.activate("talk")
        await some(presses, 1)

        assert desktop.frontend is not None
        desktop.frontend.kill()

        assert await some(presses, 1) == [TALK_UP]
        assert "portal is gone" in await reason_of_the_end(presses)


@pytest.mark.slow
async def test_the_real_portal_of_a_desktop_without_shortcuts_is_told(bus: Bus) -> None:
    async with real_portal(bus, Person(has_shortcuts=False)):
        with pytest.raises(HotkeyError, match="knows no global shortcuts: update"):
            await portal_version()
