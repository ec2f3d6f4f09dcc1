"""What a person reads, for each state."""

import re
from dataclasses import replace

import pytest
from rich.console import Console

from ptt.client import events
from ptt.client.events import Event
from ptt_console.plain import line
from ptt_console.view import render
from ptt_desk.channel_state import Own, State
from ptt_desk.meters import Meters

ROOM = "Workshop"
QUIET = State(ROOM, person="Anna", server="Factory", connected=True, joined=True)
HINT = "hold f9 to talk"
NEAR = events.TalkLimitNear(ROOM, 5.0)
AGAIN = events.ReplayStarted(ROOM, "Ben", 8.2, 3.0)
BUSY = events.FloorDenied(ROOM, "busy", "Somebody talks already.")


def picture(state: State, meters: Meters | None = None, now: float = 100.0) -> str:
    console = Console(width=90, color_system=None, force_terminal=False)
    with console.capture() as capture:
        console.print(render(state, meters or Meters(), HINT, now))
    return capture.get()


TABLE: list[tuple[State, Meters, tuple[str, ...]]] = [
    (QUIET, Meters(), ("Workshop", "Anna at Factory", HINT, "closed")),
    (replace(QUIET, members=("Ben", "Carl")), Meters(), ("Ben, Carl",)),
    (replace(QUIET, talker="Ben", talker_since=35.0), Meters(), ("Ben for 1:05",)),
    (replace(QUIET, talker="Ben", emergency=True), Meters(), ("EMERGENCY Ben",)),
    (replace(QUIET, waiting=("Carl", "Dora")), Meters(), ("Carl, Dora",)),
    (
        replace(QUIET, own=Own.QUEUED, position=2, before=("Ben",)),
        Meters(),
        ("place 2, behind Ben",),
    ),
    (
        replace(QUIET, own=Own.TALKING, own_since=90.0, talk_limit=60.0, warning=NEAR),
        Meters(microphone_open=True, talking=True, level=-30.0),
        ("TALK NOW 0:10 of 1:00", "5 s left", "OPEN  ████████████············"),
    ),
    (
        replace(QUIET, own=Own.TALKING, talk_limit=60.0),
        Meters(microphone_open=True, talking=True, latched=True),
        ("of 1:00, tap the key to end",),
    ),
    (
        QUIET,
        Meters(microphone_open=True, kept=0.52, level=-60.0),
        ("ready ························", "last 0.5 s are kept here"),
    ),
    (
        QUIET,
        Meters(microphone_open=True, threshold=-40.0, level=-50.0),
        ("speak to talk", "ready ████····│···············"),
    ),
    (replace(QUIET, again=AGAIN), Meters(), ("again: Ben, 8 s ago",)),
    (replace(QUIET, again=AGAIN, talker="Eve"), Meters(), ("Eve for",)),
    (replace(QUIET, notice=BUSY), Meters(), ("Somebody talks already.",)),
    (replace(QUIET, may_talk=False), Meters(), ("you may not talk here",)),
    (replace(QUIET, connected=False), Meters(), ("no connection",)),
    (QUIET, Meters(rtt=0.0123), ("good", "round trip 12 ms")),
    (QUIET, Meters(loss=0.03), ("fair", "loss 3 %", "round trip unknown")),
    (QUIET, Meters(loss=0.2, jitter=0.04), ("bad", "jitter 40 ms")),
]


@pytest.mark.parametrize(("state", "meters", "words"), TABLE)
def test_the_picture_shows(state: State, meters: Meters, words: tuple[str, ...]) -> None:
    drawn = picture(state, meters)

    assert [word for word in words if word not in drawn] == []


@pytest.mark.parametrize("level", [-200.0, -100.0, 0.0, 10.0])
def test_the_meter_stays_within_its_width(level: float) -> None:
    drawn = picture(QUIET, Meters(level=level, microphone_open=True, threshold=level))

    assert re.search("ready [█·│]{24}  ", drawn)


def test_names_are_not_taken_for_markup() -> None:
    drawn = picture(replace(QUIET, person="[bold]", members=("[red]Eve", "[/]")))

    assert "[red]Eve, [/]" in drawn
    assert "[bold]" in drawn


LINES: list[tuple[Event, str]] = [
    (events.ChannelsChanged(("Store", "Workshop")), "Your channels: Store, Workshop."),
    (events.HandsFreeChanged("Workshop"), "Hands-free in Workshop: speak to talk."),
    (events.HandsFreeChanged(None), "Hands-free is off."),
    (
        events.FloorRequested("Workshop", by_voice=True),
        "A voice was heard: asked for the floor of Workshop.",
    ),
    (events.ReplayStarted("Workshop", "Anna", 8.2, 3.0), "Again: Anna, 8 s ago."),
    (events.ReplayEnded("Workshop"), "That was it again."),
    (events.Connected("Factory", "Anna", (ROOM,)), "Connected to Factory as Anna."),
    (events.ConnectionLost("Gone.", 0.5), "Connection lost: Gone. Next attempt in 0.5 s."),
    (events.ChannelJoined(ROOM, ("Ben",), True), "Joined Workshop, with Ben."),
    (
        events.ChannelJoined(ROOM, (), False),
        "Joined Workshop, with nobody. You may listen but not talk.",
    ),
    (events.ChannelLeft(ROOM), "Left Workshop."),
    (events.MembersChanged(ROOM, ("Ben", "Carl")), "In Workshop: Ben, Carl."),
    (events.TalkerChanged(ROOM, None), "Nobody talks in Workshop."),
    (events.TalkerChanged(ROOM, "Ben"), "Ben talks in Workshop."),
    (events.TalkerChanged(ROOM, "Ben", emergency=True), "EMERGENCY: Ben talks in Workshop."),
    (events.WaitingChanged(ROOM, ()), "Waiting in Workshop: nobody."),
    (
        events.VoiceDoubted(ROOM, "Ben"),
        "Beware: in Workshop a second sender speaks as Ben: do not trust this voice, "
        "tell who runs the server.",
    ),
    (events.AudioFailed("No microphone."), "Sound: No microphone."),
    (events.AudioChanged("It is back."), "Sound: It is back."),
    (events.FloorRequested(ROOM), "Asked for the floor of Workshop."),
    (events.FloorGranted(ROOM, 0.0214, 60.0, False), "Talk now, for at most 60 s (after 21 ms)."),
    (events.FloorDenied(ROOM, "busy", "Not now."), "Denied: Not now."),
    (events.FloorQueued(ROOM, 2, ("Ben",)), "Queued at place 2, behind Ben."),
    (events.FloorRevoked(ROOM, "limit", "Too long."), "Floor lost: Too long."),
    (events.FloorReleased(ROOM, 3.21), "Released after 3.2 s."),
    (events.TalkLimitNear(ROOM, 5.0), "Talk limit: 5 s left."),
    (events.OpenMicrophone(ROOM, 2.0), "Nobody speaks: the floor goes back in 2 s."),
    (events.AudioFailed("Two\nlines."), "Sound: Two lines."),
]


@pytest.mark.parametrize(("event", "expected"), LINES)
def test_a_plain_line_tells_the_event(event: Event, expected: str) -> None:
    assert line(event) == expected


def test_every_event_has_a_plain_line() -> None:
    told = {type(event) for event, _ in LINES}

    assert told == set(Event.__args__)
