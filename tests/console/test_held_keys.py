"""Two keys, one floor."""

import pytest

from ptt_console.talk_key import HeldKeys
from ptt_devices.keys import KeyEvent, Pressed, Released

TALK, UP = Pressed(), Released()
EMERGENCY, EMERGENCY_UP = Pressed(emergency=True), Released(emergency=True)

TABLE: list[tuple[list[KeyEvent], list[str]]] = [
    ([TALK, UP], ["press", "release"]),
    ([EMERGENCY, EMERGENCY_UP], ["emergency", "release"]),
    ([TALK, EMERGENCY], ["press", "release", "emergency"]),
    ([TALK, EMERGENCY, UP], ["press", "release", "emergency"]),
    ([TALK, EMERGENCY, EMERGENCY_UP], ["press", "release", "emergency"]),
    ([TALK, EMERGENCY, UP, EMERGENCY_UP], ["press", "release", "emergency", "release"]),
    ([EMERGENCY, TALK, EMERGENCY_UP], ["emergency"]),
    ([EMERGENCY, TALK, EMERGENCY_UP, UP], ["emergency", "release"]),
]


@pytest.mark.parametrize(("events", "expected"), TABLE)
def test_the_last_key_up_releases_and_an_emergency_begins_anew(
    events: list[KeyEvent], expected: list[str]
) -> None:
    done: list[str] = []
    keys = HeldKeys(
        lambda emergency: done.append("emergency" if emergency else "press"),
        lambda: done.append("release"),
    )

    for event in events:
        keys.handle(event)

    assert done == expected
