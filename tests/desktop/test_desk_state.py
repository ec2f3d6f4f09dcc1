"""What the whole window shows after each event."""

import pytest

from ptt.client import events
from ptt.client.events import Event
from ptt_desktop.desk_state import DeskState, Mode, chosen, mode, noted

SHOP, STORE = "Workshop", "Store"
CONNECTED = events.Connected("Factory", "Anna", (SHOP, STORE))
JOINED = events.ChannelJoined(SHOP, ("Anna", "Ben"), may_talk=True)
LOST = events.ConnectionLost("Gone.", 1.0)


def after(*happened: Event) -> DeskState:
    desk = DeskState()
    for event in (CONNECTED, JOINED, *happened):
        desk = noted(desk, event, 100.0)
    return desk


def test_channels_stand_in_the_order_of_their_names_and_the_first_is_chosen() -> None:
    desk = noted(DeskState(), CONNECTED, 100.0)

    assert desk.names == (STORE, SHOP)
    assert desk.chosen == STORE
    assert (desk.person, desk.server, desk.connected) == ("Anna", "Factory", True)


def test_an_event_of_one_channel_changes_only_that_one() -> None:
    desk = after(events.TalkerChanged(SHOP, "Ben"))

    assert desk.channel(SHOP).talker == "Ben"
    assert desk.channel(STORE).talker is None


def test_the_choice_outlives_new_channels_but_not_its_own_channel() -> None:
    desk = chosen(after(), SHOP)

    assert noted(desk, events.ChannelsChanged((SHOP, "Yard")), 101.0).chosen == SHOP
    assert noted(desk, events.ChannelsChanged((STORE, "Yard")), 101.0).chosen == STORE
    assert noted(desk, events.ChannelsChanged(()), 101.0).chosen == ""


def test_a_channel_that_stays_keeps_what_is_known_of_it() -> None:
    desk = noted(after(), events.ChannelsChanged((SHOP,)), 101.0)

    assert desk.channel(SHOP).members == ("Anna", "Ben")


def test_an_unknown_channel_is_empty_and_not_joined() -> None:
    assert not after().channel("Nowhere").joined


def test_a_lost_connection_is_told_until_there_is_one_again() -> None:
    lost = after(LOST)

    assert lost.lost == LOST
    assert noted(lost, CONNECTED, 101.0).lost is None


MODES: list[tuple[tuple[Event, ...], tuple[str, ...], Mode]] = [
    ((), (), Mode.IDLE),
    ((LOST,), (), Mode.DISCONNECTED),
    ((events.TalkerChanged(SHOP, "Ben"),), (), Mode.LISTENING),
    ((events.TalkerChanged(SHOP, "Ben"),), (SHOP,), Mode.MUTED),
    ((), (SHOP,), Mode.MUTED),
    ((events.FloorRequested(SHOP),), (), Mode.QUEUED),
    ((events.FloorQueued(SHOP, 1, ()),), (SHOP,), Mode.QUEUED),
    ((events.FloorGranted(SHOP, 0.1, 60.0, from_queue=False),), (SHOP,), Mode.TALKING),
]


@pytest.mark.parametrize(("happened", "muted", "expected"), MODES)
def test_the_tray_says_it_in_one_word(
    happened: tuple[Event, ...], muted: tuple[str, ...], expected: Mode
) -> None:
    assert mode(after(*happened), muted) is expected
