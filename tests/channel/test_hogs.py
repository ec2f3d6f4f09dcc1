"""S13: somebody's program presses for ever, never releases and talks on; time is made up.

The whole of a channel as the floor server has it: admission of messages, floor, queue.
"""

from dataclasses import dataclass, field
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ptt.channel.channel import Channel, ChannelSettings
from ptt.channel.roster import Member
from ptt.floor.actions import Action, StartForwarding, StopForwarding
from ptt.wire.floor import FloorIndicator, FloorMessage, FloorRelease, FloorRequest

HOG = 1
TICK = 0.02  # s
AFTERWARDS = 1.0  # s beyond the talk limit
NORMAL = FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED
EMERGENCY = FloorIndicator.EMERGENCY_CALL | FloorIndicator.QUEUEING_SUPPORTED


@dataclass
class Conversation:
    """A channel with a hog, who was there first, and others who ask when they want."""

    talk_limit: float
    asks: dict[int, float]  # member -> when
    emergency: bool = False  # the others' button
    hog_indicator: FloorIndicator = NORMAL
    releases: bool = False  # the hog gives back and asks again, with each message
    talks_for: float = 1.0
    got: dict[int, float] = field(default_factory=dict)
    _talker: int | None = None
    _burst: int | None = None
    _until: float = 0.0

    def run(self, seconds: float) -> None:
        bursts = count(1000)
        self._channel = Channel(ChannelSettings(99, self.talk_limit, 16), lambda: next(bursts))
        for client in (HOG, *self.asks):
            self._channel.set_member(Member(client, client, 0, True), 0.0)
        asked: set[int] = set()
        for tick in range(round(seconds / TICK)):
            now = tick * TICK
            if self._channel.deadline <= now:
                self._follow(self._channel.handle_deadline(now), now)
            self._press_on(now)
            for client, at in self.asks.items():
                if client not in asked and now >= at:
                    asked.add(client)
                    wanted = EMERGENCY if self.emergency else NORMAL
                    self._say(client, FloorRequest(client, 1, wanted), now)
            self._talk(now)

    def _press_on(self, now: float) -> None:
        if self.releases:
            self._say(HOG, FloorRelease(HOG, self._burst), now)
        self._say(HOG, FloorRequest(HOG, 255, self.hog_indicator), now)
        if self._talker != HOG:
            self._follow(self._channel.handle_stray_media(HOG, now), now)

    def _talk(self, now: float) -> None:
        if self._talker is None:
            return
        self._channel.note_media(now)
        if self._talker != HOG and now >= self._until:
            self._say(self._talker, FloorRelease(self._talker, self._burst), now)

    def _say(self, client: int, message: FloorMessage, now: float) -> None:
        if self._channel.admits(client, message, now):
            self._follow(self._channel.handle(client, message, now), now)

    def _follow(self, actions: list[Action], now: float) -> None:
        for action in actions:
            match action:
                case StartForwarding(talker=talker, burst=burst):
                    self._talker, self._burst = talker, burst
                    self._until = now + self.talks_for
                    self.got.setdefault(talker, now)
                case StopForwarding():
                    self._talker = self._burst = None
                case _:
                    pass


@pytest.mark.parametrize("talk_limit", [10.0, 60.0])
@pytest.mark.parametrize("releases", [False, True])
def test_who_waits_for_a_hog_talks_after_the_talk_limit(talk_limit: float, releases: bool) -> None:
    conversation = Conversation(talk_limit, {2: 0.1}, releases=releases)

    conversation.run(talk_limit + 2.0)

    assert HOG in conversation.got
    assert conversation.got[2] - 0.1 <= talk_limit + AFTERWARDS


@pytest.mark.slow
@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.floats(0.1, 60.0), min_size=1, max_size=6),
    st.floats(10.0, 30.0),
    st.booleans(),
)
def test_everybody_who_waits_talks_in_their_turn(
    times: list[float], talk_limit: float, releases: bool
) -> None:
    asks = {2 + number: at for number, at in enumerate(times)}
    conversation = Conversation(talk_limit, asks, releases=releases)

    conversation.run(60.0 + talk_limit + 20.0)

    for client, at in asks.items():
        others = sum(other != client for other in asks)
        waited = conversation.got[client] - at
        assert waited <= talk_limit + AFTERWARDS + others * (conversation.talks_for + 0.5)


def test_who_has_an_emergency_does_not_wait_for_a_hog() -> None:
    conversation = Conversation(60.0, {2: 5.0}, emergency=True)

    conversation.run(10.0)

    assert conversation.got[2] - 5.0 <= TICK


def test_a_hog_who_cries_emergency_holds_up_other_emergencies_for_one_talk_limit() -> None:
    """The emergency button is everybody's; who misuses it is seen by all and stands in the log."""
    conversation = Conversation(10.0, {2: 5.0}, emergency=True, hog_indicator=EMERGENCY)

    conversation.run(20.0)

    assert conversation.got[2] - 5.0 <= 10.0 + AFTERWARDS


def test_the_fifty_requests_a_second_of_a_hog_are_mostly_not_heard() -> None:
    channel = Channel(ChannelSettings(99, 60.0, 16), count(1000).__next__)
    for client in (HOG, 2):
        channel.set_member(Member(client, client, 0, True), 0.0)
    request = FloorRequest(HOG, 255, NORMAL)

    heard = sum(channel.admits(HOG, request, TICK * tick) for tick in range(500))

    assert heard <= 10 + 5 * 10
