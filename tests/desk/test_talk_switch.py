"""What the hand expects of the key: a table, and histories of any length."""

from math import inf

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ptt_desk.talk_switch import Order, Position, Press, Release, SwitchSettings, TalkSwitch

DELAY = 0.15
A, B = "ctrl_r", "mouse4"
TALK, EMERGENCY, OFF = Press(emergency=False), Press(emergency=True), Release()

# steps of a hand: "+key" and "-key" with the time, "!" ends by the floor, "~" by the network, "x"
# loses a source; "*" taps; then the orders with the time of each
HISTORIES: list[tuple[str, str, list[tuple[float, Order]]]] = [
    ("hold", "1.0+a 2.0-a", [(1.0, TALK), (2.15, OFF)]),
    ("a tap latches", "1.0+a 1.19-a", [(1.0, TALK)]),
    ("one that is no tap does not", "1.0+a 1.2-a", [(1.0, TALK), (1.35, OFF)]),
    ("a second tap ends", "1.0+a 1.1-a 5.0+a 5.1-a", [(1.0, TALK), (5.25, OFF)]),
    ("of any source", "1.0+a 1.1-a 5.0+b 5.1-b", [(1.0, TALK), (5.25, OFF)]),
    ("a latch that is then held", "1.0+a 1.1-a 5.0+a 9.0-a", [(1.0, TALK), (9.15, OFF)]),
    ("a re-press cancels", "1.0+a 2.0-a 2.1+a 3.0-a", [(1.0, TALK), (3.15, OFF)]),
    ("a pedal that bounces", "1.0+a 2.0-a 2.01+a 2.02-a", [(1.0, TALK), (2.17, OFF)]),
    ("two sources", "1.0+a 2.0+b 3.0-a 4.0-b", [(1.0, TALK), (4.15, OFF)]),
    ("a tap while another is held", "1.0+a 2.0+b 2.1-b 3.0-a", [(1.0, TALK), (3.15, OFF)]),
    ("a short chord is a tap", "1.0+a 1.05+b 1.1-a 1.15-b", [(1.0, TALK)]),
    ("twice down is once", "1.0+a 1.5+a 2.0-a", [(1.0, TALK), (2.15, OFF)]),
    ("up without down", "1.0-a", []),
    ("`ptt release` ends a latch", "1.0+a 1.1-a 2.0-b", [(1.0, TALK), (2.15, OFF)]),
    ("a lost source is up", "1.0+a 2.0xa", [(1.0, TALK), (2.15, OFF)]),
    ("and never latches", "1.0+a 1.1xa", [(1.0, TALK), (1.25, OFF)]),
    ("nor keeps a latch", "1.0+a 1.1-a 2.0xa", [(1.0, TALK), (2.15, OFF)]),
    ("a latch of another stays", "1.0+a 1.1-a 2.0xb", [(1.0, TALK)]),
    ("the floor ends a latch", "1.0+a 1.1-a 2.0!", [(1.0, TALK), (2.0, OFF)]),
    (
        "a key that the floor ended is ignored until pressed again",
        "1.0+a 2.0! 3.0+a 4.0-a 5.0+a 6.0-a",
        [(1.0, TALK), (2.0, OFF), (5.0, TALK), (6.15, OFF)],
    ),
    (
        "another key is not",
        "1.0+a 2.0! 3.0+b 4.0-a 5.0-b",
        [(1.0, TALK), (2.0, OFF), (3.0, TALK), (5.15, OFF)],
    ),
    ("the network ends a latch", "1.0+a 1.1-a 2.0~", [(1.0, TALK), (2.0, OFF)]),
    ("but not what a hand holds", "1.0+a 2.0~ 3.0-a", [(1.0, TALK), (3.15, OFF)]),
    ("emergency", "1.0+e 2.0-e", [(1.0, EMERGENCY), (2.15, OFF)]),
    (
        "an emergency begins anew",
        "1.0+a 2.0+e 3.0-e 4.0-a",
        [(1.0, TALK), (2.0, OFF), (2.0, EMERGENCY), (4.15, OFF)],
    ),
    ("and stays one", "1.0+e 2.0+a 3.0-e 4.0-a", [(1.0, EMERGENCY), (4.15, OFF)]),
    ("an emergency can latch", "1.0+e 1.1-e", [(1.0, EMERGENCY)]),
    ("a command cannot", "1.0+c 1.1-c", [(1.0, TALK), (1.25, OFF)]),
    ("nor with a key", "1.0+a 1.05+c 1.1-a 1.15-c", [(1.0, TALK), (1.3, OFF)]),
    ("a space bar", "1.0*a 5.0*a", [(1.0, TALK), (5.15, OFF)]),
    ("after a refusal", "1.0*a 2.0! 3.0*a", [(1.0, TALK), (2.0, OFF), (3.0, TALK)]),
    (
        "for an emergency, ended by either",
        "1.0*a 2.0*e 3.0*a",
        [(1.0, TALK), (2.0, OFF), (2.0, EMERGENCY), (3.15, OFF)],
    ),
    ("beside a key", "1.0+b 2.0*a 3.0-b", [(1.0, TALK), (3.15, OFF)]),
    ("that is gone", "1.0*a 2.0xa", [(1.0, TALK), (2.15, OFF)]),
]


@pytest.mark.parametrize(
    ("history", "expected"), [each[1:] for each in HISTORIES], ids=[each[0] for each in HISTORIES]
)
def test_a_hand_gets_what_it_expects(history: str, expected: list[tuple[float, Order]]) -> None:
    assert ordered(TalkSwitch(), history) == expected


def test_without_a_delay_the_microphone_closes_with_the_key() -> None:
    switch = TalkSwitch(SwitchSettings(release_delay=0.0))

    assert ordered(switch, "1.0+a 2.0-a") == [(1.0, TALK), (2.0, OFF)]


def test_without_a_latch_a_tap_is_a_short_burst_except_where_there_are_only_taps() -> None:
    switch = TalkSwitch(SwitchSettings(latch=0.0))

    switch.tap(B, 0.0)
    assert switch.position is Position.LATCHED
    switch.ended(0.0)

    switch.press(A, 1.0)
    switch.release(A, 1.0)

    assert switch.position is Position.ENDING


def ordered(switch: TalkSwitch, history: str) -> list[tuple[float, Order]]:
    """What the switch orders during the history and for ten seconds after it."""
    orders: list[tuple[float, Order]] = []

    def note(now: float, new: list[Order]) -> None:
        orders.extend((round(now, 9), order) for order in new)

    def pass_time(now: float) -> None:
        while switch.deadline <= now:
            due = switch.deadline
            note(due, switch.handle_deadline(due))

    for step in history.split():
        at = step.rstrip("+-*!~xabce")
        now, deed, source = float(at), step[len(at)], step[len(at) + 1 :]
        pass_time(now)
        note(now, act(switch, deed, source, now))
    pass_time(now + 10.0)
    return orders


def act(switch: TalkSwitch, deed: str, source: str, now: float) -> list[Order]:
    match deed:
        case "+":
            return switch.press(source, now, source == "e", latches=source != "c")
        case "-":
            return switch.release(source, now)
        case "*":
            return switch.tap(source, now, source == "e")
        case "x":
            return switch.lose(source, now)
        case "!":
            return switch.ended(now)
        case _:
            return switch.interrupted(now)


SOURCES = st.sampled_from(["a", "b", "c", "e"])
PAUSES = st.sampled_from([0.0, 0.01, 0.1, 0.14, 0.15, 0.19, 0.2, 0.3, 1.0, 3600.0])


class AnyHands(RuleBasedStateMachine):
    """Believes only orders: `open` is what a client would do. `down` is what hands do."""

    def __init__(self) -> None:
        super().__init__()
        self.switch = TalkSwitch()
        self.now = 100.0
        self.open = False
        self.down: set[str] = set()
        self.counted: set[str] = set()  # down, and not since before the floor ended a burst
        self.all_up_since = self.now
        self.was_tap = False
        self.opened_at = -inf

    def obey(self, orders: list[Order]) -> None:
        for order in orders:
            assert self.open is isinstance(order, Release), "orders take turns"
            self.open = isinstance(order, Press)
            if self.open:
                self.opened_at = self.now

    @rule(seconds=PAUSES)
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while self.switch.deadline <= until:
            self.now = self.switch.deadline
            self.obey(self.switch.handle_deadline(self.now))
        self.now = until

    @rule(source=SOURCES)
    def goes_down(self, source: str) -> None:
        orders = act(self.switch, "+", source, self.now)
        self.obey(orders)
        if source not in self.down:
            self.counted.add(source)
        self.down.add(source)

    @rule(source=SOURCES, deed=st.sampled_from("-x"))
    def goes_up(self, source: str, deed: str) -> None:
        self.obey(act(self.switch, deed, source, self.now))
        if source in self.counted and self.counted == {source}:
            self.all_up_since = self.now
        self.down.discard(source)
        self.counted.discard(source)

    @rule()
    def the_floor_ends_the_burst(self) -> None:
        self.obey(self.switch.ended(self.now))
        self.counted.clear()
        assert not self.open

    @rule()
    def the_connection_is_lost(self) -> None:
        self.obey(self.switch.interrupted(self.now))
        assert self.open is bool(self.counted)

    @precondition(lambda self: self.open and not self.counted)
    @rule()
    def a_latch_has_a_tap_behind_it(self) -> None:
        if self.switch.position is Position.LATCHED:
            assert self.all_up_since - self.opened_at < self.switch.settings.latch

    @rule(source=SOURCES)
    def a_tap_ends_a_latch(self, source: str) -> None:
        if self.switch.position is Position.LATCHED and source not in self.down and source != "e":
            self.goes_down(source)
            self.goes_up(source, "-")
            self.time_passes(DELAY)
            assert not self.open

    @invariant()
    def what_counts_is_heard_and_an_hour_later_nothing_else(self) -> None:
        assert self.open is self.switch.wanted
        assert self.switch.held == self.counted
        if self.counted:
            assert self.open
        elif self.switch.position is not Position.LATCHED:
            assert not self.open or self.now < self.all_up_since + DELAY or self.latch_ends()

    def latch_ends(self) -> bool:
        """Whether the delay runs because something ended a latch, for no longer than it lasts."""
        return self.now < self.switch.deadline <= self.now + DELAY

    @invariant()
    def the_deadline_is_near_or_there_is_none(self) -> None:
        assert self.switch.deadline == inf or self.switch.deadline <= self.now + DELAY


TestAnyHands = AnyHands.TestCase
