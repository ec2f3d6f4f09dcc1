"""The key by the desktop's portal: on a real bus, before a pretend portal."""

from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path

import pytest
import trio

from ptt_devices.keys import (
    HotkeyError,
    KeyCombination,
    KeyEvent,
    Pressed,
    Purpose,
    Released,
    ReplayPressed,
)
from tests.support.private_bus import Bus, private_bus

pytest.importorskip("jeepney")

from ptt_devices import portal as portal_module
from ptt_devices.portal import PortalKeys
from tests.support.pretend_portal import (
    PATH,
    PORTAL,
    Person,
    Service,
    message_bus,
    open_dbus_connection,
    pretend_portal,
)

PATIENCE = 10.0  # s
TALK = [KeyCombination.parse("ctrl+alt+t")]
EMERGENCY = [KeyCombination.parse("f9")]
REPLAY = [KeyCombination.parse("shift+f9")]

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


async def test_a_shortcut_that_is_held_talks_until_it_is_let_go(bus: Bus) -> None:
    keys = PortalKeys(TALK, emergency=EMERGENCY, replay=REPLAY)
    async with pretend_portal(bus) as portal, keys.listen() as presses:
        await portal.activate("talk")
        await portal.activate("emergency")
        await portal.deactivate("talk")
        await portal.deactivate("emergency")
        await portal.activate("replay")
        await portal.deactivate("replay")
        await portal.activate("talk")

        seen = await some(presses, 6)

    urgent = "portal:emergency"
    assert seen[:4] == [TALK_DOWN, Pressed(True, urgent), TALK_UP, Released(True, urgent)]
    assert seen[4:] == [ReplayPressed("portal:replay"), TALK_DOWN]


async def test_the_portal_is_told_what_each_key_does_and_which_is_wished_for(bus: Bus) -> None:
    keys = PortalKeys([KeyCombination.parse("ctrl_r"), *TALK], replay=REPLAY)
    async with pretend_portal(bus) as portal, keys.listen():
        asked = dict(portal.asked)

    assert asked == {
        "talk": {
            "description": ("s", "Talk while it is held"),
            "preferred_trigger": ("s", "CTRL+ALT+t"),
        },
        "replay": {
            "description": ("s", "Hear the last words again"),
            "preferred_trigger": ("s", "SHIFT+F9"),
        },
    }


async def test_an_answer_that_comes_before_its_call_returns_is_understood(bus: Bus) -> None:
    async with (
        pretend_portal(bus, Person(early=True)) as portal,
        PortalKeys(TALK).listen() as presses,
    ):
        await portal.activate("talk")

        seen = await some(presses, 1)

    assert seen == [TALK_DOWN]


async def test_the_person_is_told_what_to_press_and_when_that_changes(bus: Bus) -> None:
    told: list[Mapping[Purpose, str]] = []
    async with (
        pretend_portal(bus, Person(gives={"talk": "Press F7"})) as portal,
        PortalKeys(TALK, tell=told.append).listen() as presses,
    ):
        await portal.change({"talk": "Press F8"})
        await portal.activate("talk")
        await some(presses, 1)

    assert told == [{Purpose.TALK: "Press F7"}, {Purpose.TALK: "Press F8"}]


async def test_shortcuts_of_an_earlier_day_are_shown_and_nobody_is_asked_again(bus: Bus) -> None:
    told: list[Mapping[Purpose, str]] = []
    person = Person(remembers={"talk": "Press F7"})
    async with (
        pretend_portal(bus, person) as portal,
        PortalKeys(TALK, tell=told.append).listen() as presses,
    ):
        await portal.activate("talk")
        seen = await some(presses, 1)

        assert portal.asked == []

    assert told == [{Purpose.TALK: "Press F7"}]
    assert seen == [TALK_DOWN]


@pytest.mark.parametrize("code", [1, 2])
async def test_a_refused_dialog_is_told_in_a_sentence(bus: Bus, code: int) -> None:
    async with pretend_portal(bus, Person(answer=code)), PortalKeys(TALK).listen() as presses:
        reason = await reason_of_the_end(presses)

    assert "was refused" in reason
    assert "`ptt toggle`" in reason


async def test_a_dialog_left_without_a_key_to_talk_is_told(bus: Bus) -> None:
    async with (
        pretend_portal(bus, Person(gives={"emergency": "F9"})),
        PortalKeys(TALK, emergency=EMERGENCY).listen() as presses,
    ):
        reason = await reason_of_the_end(presses)

    assert "gave no key to talk" in reason


async def test_a_dialog_that_nobody_answers_stops_nothing_and_ends(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(portal_module, "CHOOSE_WITHIN", 0.1)
    async with pretend_portal(bus, Person(answer=None)), PortalKeys(TALK).listen() as presses:
        reason = await reason_of_the_end(presses)

    assert "Nobody chose a key" in reason


async def test_who_leaves_takes_back_the_dialog_and_gives_back_the_session(bus: Bus) -> None:
    async with pretend_portal(bus, Person(answer=None)) as portal:
        with trio.move_on_after(0.1):
            async with PortalKeys(TALK).listen() as presses:
                await anext(presses)

        assert portal.goodbyes == [portal.client] * 2


async def test_a_dialog_may_be_answered_late(bus: Bus) -> None:
    async with (
        pretend_portal(bus, Person(answer=None)) as portal,
        PortalKeys(TALK).listen() as presses,
    ):
        with trio.move_on_after(0.05) as waited:
            await anext(presses)
        await portal.answer_dialog(0, {"talk": "Press F7"})
        await portal.activate("talk")

        seen = await some(presses, 1)

    assert waited.cancelled_caught
    assert seen == [TALK_DOWN]


async def test_a_key_that_goes_down_twice_is_pressed_once(bus: Bus) -> None:
    async with pretend_portal(bus) as portal, PortalKeys(TALK).listen() as presses:
        await portal.deactivate("talk")
        await portal.activate("talk")
        await portal.activate("talk")
        await portal.deactivate("talk")
        await portal.deactivate("talk")
        await portal.activate("talk")

        seen = await some(presses, 3)

    assert seen == [TALK_DOWN, TALK_UP, TALK_DOWN]


async def test_another_session_and_unknown_shortcuts_count_for_nothing(bus: Bus) -> None:
    keys = PortalKeys(TALK, replay=REPLAY)
    async with pretend_portal(bus) as portal, keys.listen() as presses:
        other = f"{PATH}/session/1_99/other"
        await portal.activate("talk", other)
        await portal.activate("emergency")
        await portal.emit(other, f"{PORTAL}.Session", "Closed", "a{sv}", {})
        await portal.activate("replay")
        await portal.activate("talk")
        await portal.deactivate("talk", other)
        await portal.deactivate("replay")
        await portal.activate("replay")

        seen = await some(presses, 3)

    again = ReplayPressed("portal:replay")
    assert seen == [again, TALK_DOWN, again]


async def test_what_other_programs_say_in_the_portals_name_counts_for_nothing(bus: Bus) -> None:
    async with (
        await open_dbus_connection(bus.address) as connection,
        pretend_portal(bus) as portal,
        PortalKeys(TALK, replay=REPLAY).listen() as presses,
    ):
        stranger = Service(connection)
        shortcuts = f"{PORTAL}.GlobalShortcuts"
        what = "osta{sv}", portal.session, "talk", 1, {}
        await stranger.emit(PATH, shortcuts, "Activated", *what, to=portal.client)
        await stranger.emit(portal.session, f"{PORTAL}.Session", "Closed", to=portal.client)
        await until_heard(stranger)
        await portal.activate("replay")

        seen = await some(presses, 1)

    assert seen == [ReplayPressed("portal:replay")]


async def test_signals_of_another_shape_count_for_nothing(bus: Bus) -> None:
    async with pretend_portal(bus) as portal, PortalKeys(TALK).listen() as presses:
        shortcuts, client, session = f"{PORTAL}.GlobalShortcuts", portal.client, portal.session
        for member in ("Activated", "Deactivated", "ShortcutsChanged", "Nonsense"):
            await portal.emit(PATH, shortcuts, member, to=client)
            await portal.emit(PATH, shortcuts, member, "s", "talk", to=client)
            await portal.emit(PATH, shortcuts, member, "os", session, "talk", to=client)
            await portal.emit(PATH, shortcuts, member, "o(iav)d", session, (1, []), 0.5, to=client)
        await portal.emit(PATH, shortcuts, "ShortcutsChanged", "oas", session, ["x"], to=client)
        await portal.emit(session, f"{PORTAL}.Request", "Response", "s", "0", to=client)
        await portal.activate("talk")

        seen = await some(presses, 1)

    assert seen == [TALK_DOWN]


async def test_a_key_chosen_anew_while_held_counts_as_released(bus: Bus) -> None:
    async with pretend_portal(bus) as portal, PortalKeys(TALK).listen() as presses:
        await portal.activate("talk")
        await portal.change({"talk": "Press F8"})

        seen = await some(presses, 2)

    assert seen == [TALK_DOWN, TALK_UP]


async def test_a_portal_that_vanishes_releases_the_key_and_is_told(bus: Bus) -> None:
    async with pretend_portal(bus) as portal, PortalKeys(TALK).listen() as presses:
        await portal.activate("talk")
        await some(presses, 1)

        await portal.vanish()

        assert await some(presses, 1) == [TALK_UP]
        assert "portal is gone" in await reason_of_the_end(presses)


async def test_a_session_that_is_closed_releases_the_key_and_is_told(bus: Bus) -> None:
    async with pretend_portal(bus) as portal, PortalKeys(TALK).listen() as presses:
        await portal.activate("talk")
        await portal.close_session()

        assert await some(presses, 2) == [TALK_DOWN, TALK_UP]
        assert "took the key back" in await reason_of_the_end(presses)


async def test_a_session_closed_before_anybody_iterates_is_told(bus: Bus) -> None:
    person = Person(remembers={"talk": "F7"}, closes_at_once=True)
    async with pretend_portal(bus, person), PortalKeys(TALK).listen() as presses:
        reason = await reason_of_the_end(presses)

    assert "took the key back" in reason


async def test_a_bus_that_vanishes_releases_the_key_and_is_told(bus: Bus) -> None:
    async with pretend_portal(bus) as portal, PortalKeys(TALK).listen() as presses:
        await portal.activate("talk")
        await some(presses, 1)

        bus.vanish()

        assert await some(presses, 1) == [TALK_UP]
        assert "gone" in await reason_of_the_end(presses)


async def until_heard(stranger: Service) -> None:
    """The bus has passed on what it said: order is kept only for each sender."""
    async with stranger.connection.router() as router:
        await router.send_and_get_reply(message_bus.GetId())
