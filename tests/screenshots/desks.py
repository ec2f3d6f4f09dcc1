"""What a desk can look like, made as the window's own state is made: from events."""

from collections.abc import Sequence

from ptt.client import events
from ptt.client.events import Event
from ptt_desk.meters import Meters
from ptt_desktop.desk_state import DeskState, noted

NOW = 1000.0  # s
EVERYONE, PURCHASING, WORKSHOP = "Everyone", "Purchasing", "Workshop"
PEOPLE = ("Anna", "Ben", "Clara", "David", "Eva")
SURNAMES = ("Arnold", "Brandt", "Chen", "Demir", "von Ellrichshausen-Oppenheim")
FIFTY = tuple(f"{name} {surname} {n}" for n in (1, 2) for name in PEOPLE for surname in SURNAMES)

QUIET = Meters(level=-62.0, loss=0.0, jitter=0.004, delay=0.04, rtt=0.012)
OPEN = Meters(
    level=-21.0, microphone_open=True, talking=True, loss=0.0, jitter=0.006, delay=0.04, rtt=0.014
)
BAD = Meters(level=-60.0, loss=0.09, jitter=0.08, delay=0.24, rtt=0.31)
BY_VOICE = Meters(
    level=-38.0, microphone_open=True, threshold=-44.0, loss=0.01, jitter=0.01, delay=0.06, rtt=0.02
)


def desk(*happened: tuple[float, Event], people: Sequence[str] = PEOPLE) -> DeskState:
    """Anna's, in three channels, after all of this; each with how many seconds ago it was."""
    state = DeskState(person="Anna", server="ptt.example.com")
    channels = (EVERYONE, PURCHASING, WORKSHOP)
    before: list[tuple[float, Event]] = [
        (60.0, events.Connected("ptt.example.com", "Anna", channels)),
        (59.0, events.ChannelJoined(EVERYONE, tuple(people), may_talk=True)),
        (59.0, events.ChannelJoined(PURCHASING, ("Anna", "Eva"), may_talk=False)),
    ]
    for ago, event in [*before, *happened]:
        state = noted(state, event, NOW - ago)
    return state


def free() -> DeskState:
    """Nobody talks."""
    return desk()


def listening() -> DeskState:
    """Ben talks, Clara waits."""
    return desk(
        (23.0, events.TalkerChanged(EVERYONE, "Ben")),
        (5.0, events.WaitingChanged(EVERYONE, ("Clara",))),
    )


def emergency() -> DeskState:
    """Ben talks, and it is urgent."""
    return desk((4.0, events.TalkerChanged(EVERYONE, "Ben", emergency=True)))


def elsewhere() -> DeskState:
    """Somebody talks where the key does not."""
    return desk((12.0, events.TalkerChanged(PURCHASING, "Eva")))


def asking() -> DeskState:
    """The key has just gone down."""
    return desk((0.1, events.FloorRequested(EVERYONE)))


def talking() -> DeskState:
    """Anna has the floor, half of her time is over, and one waits."""
    return desk(
        (15.1, events.FloorRequested(EVERYONE)),
        (15.0, events.FloorGranted(EVERYONE, 0.04, 30.0, from_queue=False)),
        (15.0, events.TalkerChanged(EVERYONE, "Anna")),
        (2.0, events.WaitingChanged(EVERYONE, ("David",))),
    )


def nearly_over() -> DeskState:
    """Anna must come to an end."""
    return desk(
        (27.0, events.FloorGranted(EVERYONE, 0.04, 30.0, from_queue=False)),
        (27.0, events.TalkerChanged(EVERYONE, "Anna")),
        (2.0, events.TalkLimitNear(EVERYONE, 5.0)),
    )


def silent() -> DeskState:
    """The key is down and nobody speaks."""
    return desk(
        (12.0, events.FloorGranted(EVERYONE, 0.04, 30.0, from_queue=False)),
        (12.0, events.TalkerChanged(EVERYONE, "Anna")),
        (1.0, events.OpenMicrophone(EVERYONE, 4.0)),
    )


def queued() -> DeskState:
    """Two are before Anna."""
    return desk(
        (21.0, events.TalkerChanged(EVERYONE, "Ben")),
        (8.0, events.FloorRequested(EVERYONE)),
        (7.9, events.FloorQueued(EVERYONE, 3, ("Clara", "David"))),
        (7.9, events.WaitingChanged(EVERYONE, ("Clara", "David", "Anna"))),
    )


def denied() -> DeskState:
    """Not now, and why."""
    sentence = "The queue is full: try again when somebody has talked."
    return desk(
        (21.0, events.TalkerChanged(EVERYONE, "Ben")),
        (3.1, events.FloorRequested(EVERYONE)),
        (3.0, events.FloorDenied(EVERYONE, "QUEUE_FULL", sentence)),
    )


def again() -> DeskState:
    """The last burst is heard once more."""
    return desk((1.0, events.ReplayStarted(EVERYONE, "Ben", 25.0, 6.0)))


def disconnected() -> DeskState:
    """The server does not answer."""
    sentence = "The server ptt.example.com cannot be reached: is this computer on the network?"
    return desk((2.0, events.ConnectionLost(sentence, 4.0)))


def crowd() -> DeskState:
    """Fifty people with long names."""
    return desk(
        (9.0, events.TalkerChanged(EVERYONE, FIFTY[4])),
        (3.0, events.WaitingChanged(EVERYONE, FIFTY[9:20])),
        people=FIFTY,
    )


def nowhere() -> DeskState:
    """Enrolled, and in no channel yet."""
    state = DeskState(person="Anna", server="ptt.example.com")
    return noted(state, events.Connected("ptt.example.com", "Anna", ()), NOW)
