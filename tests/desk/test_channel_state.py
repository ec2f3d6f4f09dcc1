"""What each event does to what is shown."""

from dataclasses import replace

import pytest

from ptt.client import events
from ptt.client.events import Event
from ptt_desk.channel_state import Own, State, changed

ROOM = "Workshop"
QUIET = State(ROOM, person="Anna", server="Factory", connected=True, joined=True)
TALKING = replace(QUIET, own=Own.TALKING, own_since=10.0, talk_limit=60.0, talker="Anna")
QUEUED = replace(QUIET, own=Own.QUEUED, own_since=10.0, position=2, before=("Ben",))
NOW = 100.0
GONE = events.ConnectionLost("Gone.", 1.0)
REMOVED = events.ChannelLeft(ROOM, "Removed.")
AGAIN = events.ReplayStarted(ROOM, "Ben", 8.2, 3.0)
NO_SOUND = events.AudioFailed("No microphone.")
BUSY = events.FloorDenied(ROOM, "busy", "Busy.")

TABLE: list[tuple[State, Event, dict[str, object]]] = [
    (State(ROOM), events.Connected("Factory", "Anna", (ROOM,)), {"connected": True}),
    (
        QUIET,
        GONE,
        {"connected": False, "notice": GONE},
    ),
    (TALKING, GONE, {"own": Own.LISTENING, "talker": None}),
    (State(ROOM), events.ChannelJoined(ROOM, ("Ben",), False), {"joined": True, "may_talk": False}),
    (
        QUEUED,
        REMOVED,
        {"own": Own.LISTENING, "notice": REMOVED},
    ),
    (QUIET, events.MembersChanged(ROOM, ("Ben", "Carl")), {"members": ("Ben", "Carl")}),
    (QUIET, events.MembersChanged(ROOM, ("Ben",), away=("Ben",)), {"away": ("Ben",)}),
    (QUIET, events.MembersChanged(ROOM, ("Ben",), muted=("Ben",)), {"muted": ("Ben",)}),
    (QUIET, events.TalkerChanged(ROOM, "Ben"), {"talker": "Ben", "talker_since": NOW}),
    (QUIET, events.TalkerChanged(ROOM, "Ben", emergency=True), {"emergency": True}),
    (QUIET, events.WaitingChanged(ROOM, ("Ben",)), {"waiting": ("Ben",)}),
    (QUIET, events.VoiceDoubted(ROOM, "Ben"), {"notice": events.VoiceDoubted(ROOM, "Ben")}),
    (QUIET, AGAIN, {"again": AGAIN}),
    (replace(QUIET, again=AGAIN), events.ReplayEnded(ROOM), {"again": None}),
    (QUIET, NO_SOUND, {"notice": NO_SOUND}),
    (
        replace(QUIET, notice=NO_SOUND),
        events.FloorRequested(ROOM),
        {"notice": None},
    ),
    (
        QUEUED,
        events.FloorGranted(ROOM, 0.02, 60.0, True),
        {"own": Own.TALKING, "own_since": NOW, "talk_limit": 60.0, "position": 0, "before": ()},
    ),
    (QUIET, BUSY, {"own": Own.LISTENING, "notice": BUSY}),
    (
        QUIET,
        events.FloorQueued(ROOM, 2, ("Ben",)),
        {"own": Own.QUEUED, "own_since": NOW, "position": 2, "before": ("Ben",)},
    ),
    (QUEUED, events.FloorQueued(ROOM, 1, ()), {"position": 1, "before": (), "own_since": 10.0}),
    (TALKING, events.FloorRevoked(ROOM, "cause", "Over."), {"own": Own.LISTENING}),
    (TALKING, events.FloorReleased(ROOM, 3.0), {"own": Own.LISTENING, "own_since": NOW}),
    (TALKING, events.TalkLimitNear(ROOM, 5.0), {"warning": events.TalkLimitNear(ROOM, 5.0)}),
]


@pytest.mark.parametrize(("state", "event", "expected"), TABLE)
def test_an_event_changes_what_is_shown(
    state: State, event: Event, expected: dict[str, object]
) -> None:
    after = changed(state, event, NOW)

    assert {name: getattr(after, name) for name in expected} == expected


@pytest.mark.parametrize("event", [row[1] for row in TABLE if hasattr(row[1], "channel")])
def test_other_channels_change_nothing(event: Event) -> None:
    elsewhere = replace(QUIET, channel="Elsewhere")

    assert changed(elsewhere, event, NOW) == elsewhere


def test_a_warning_ends_with_the_burst() -> None:
    warned = changed(TALKING, events.OpenMicrophone(ROOM, 2.0), NOW)

    after = changed(warned, events.FloorReleased(ROOM, 3.0), NOW)

    assert warned.warning == events.OpenMicrophone(ROOM, 2.0)
    assert after.warning is None
