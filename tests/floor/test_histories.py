"""Random histories: of the arbitrator alone, and of three people behind a bad network.

Only the actions are believed: whoever they let through is let through, and no one else.
"""

from collections.abc import Sequence
from itertools import count

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ptt.floor import timers
from ptt.floor.actions import (
    Action,
    Announce,
    EndReason,
    QueueChanged,
    Send,
    StartForwarding,
    StopForwarding,
)
from ptt.floor.arbitrator import Arbitrator
from ptt.floor.notices import Notice, PermitGranted, TalkerIs, Transmit
from ptt.floor.participant import Participant, ParticipantState
from ptt.wire.floor import (
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorMessage,
    FloorRelease,
    FloorRequest,
    FloorTaken,
)

TALK_LIMIT = 10.0
ROUNDING = 1e-6  # s, of sums of floats
PEOPLE = st.sampled_from([1, 2, 3, 4])


class Believed:
    """The floor as the actions tell it."""

    def __init__(self) -> None:
        self.live: StartForwarding | None = None
        self.started_at = 0.0
        self.heard: tuple[float, float] | None = None  # the first and the last packet
        self.waiting: tuple[int, ...] = ()
        self.bursts: list[int] = []
        self.granted: set[tuple[int, int | None]] = set()

    def carry_out(self, actions: Sequence[Action], now: float) -> None:
        for action in actions:
            match action:
                case StartForwarding(burst=burst):
                    assert self.live is None, "two bursts at once"
                    assert burst not in self.bursts, "an SSRC twice"
                    self.live, self.started_at, self.heard = action, now, None
                    self.bursts.append(burst)
                case StopForwarding():
                    self.end(action, now)
                case Send(to=to, message=FloorGranted(burst=burst)):
                    assert self.live is not None
                    assert (self.live.talker, self.live.burst) == (to, burst)
                    self.granted.add((to, burst))
                case (
                    Send(message=FloorTaken(burst=burst))
                    | Announce(message=FloorTaken(burst=burst))
                ):
                    assert self.live is not None
                    assert (self.live.talker, burst) in self.granted, "announced before granted"
                case Send(message=FloorIdle()) | Announce(message=FloorIdle()):
                    assert self.live is None, "idle while somebody talks"
                case QueueChanged(waiting=waiting):
                    assert waiting != self.waiting, "no change"
                    assert len(set(waiting)) == len(waiting), "waits twice"
                    self.waiting = waiting
                case _:
                    pass
        assert self.live is None or (self.live.talker, self.live.burst) in self.granted

    def end(self, stop: StopForwarding, now: float) -> None:
        assert self.live is not None, "an end without a start"
        assert (self.live.talker, self.live.burst) == (stop.talker, stop.burst)
        if stop.reason is EndReason.SILENT:
            silence = (
                now - self.heard[1] - timers.T1_END_OF_MEDIA
                if self.heard
                else now - self.started_at - timers.FIRST_MEDIA
            )
            assert silence > -ROUNDING, "was not silent"
        if stop.reason is EndReason.LIMIT:
            assert self.heard is not None
            assert now - self.heard[0] > TALK_LIMIT - ROUNDING, "did not talk that long"
        self.live = None

    def hear(self, now: float) -> None:
        self.heard = (self.heard[0] if self.heard else now, now)


class ArbitratorHistory(RuleBasedStateMachine):
    """Anybody sends anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.floor = Believed()
        self.arbitrator = Arbitrator(
            ssrc=9, talk_limit=TALK_LIMIT, queue_size=2, new_burst=count(1000).__next__
        )
        self.present: set[int] = set()

    def follow(self, actions: Sequence[Action]) -> None:
        self.floor.carry_out(actions, self.now)

    @initialize()
    def everybody_comes(self) -> None:
        for person in (1, 2, 3, 4):
            self.come(person, may_talk=True)

    @rule(who=PEOPLE, may_talk=st.booleans())
    def come(self, who: int, may_talk: bool) -> None:
        if who not in self.present:
            self.present.add(who)
            self.follow(self.arbitrator.join(who, priority=who, may_talk=may_talk, now=self.now))

    @rule(who=PEOPLE)
    def go(self, who: int) -> None:
        self.present.discard(who)
        self.follow(self.arbitrator.leave(who, self.now))

    @rule(who=PEOPLE, may_talk=st.booleans(), priority=st.integers(0, 127))
    def get_other_rights(self, who: int, may_talk: bool, priority: int) -> None:
        if who in self.present:
            rights = self.arbitrator.change(who, priority=priority, may_talk=may_talk, now=self.now)
            self.follow(rights)

    @rule(
        who=PEOPLE,
        priority=st.integers(0, 255),
        kind=st.sampled_from(
            [
                FloorIndicator.NORMAL_CALL,
                FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED,
                FloorIndicator.EMERGENCY_CALL | FloorIndicator.QUEUEING_SUPPORTED,
            ]
        ),
    )
    def request(self, who: int, priority: int, kind: FloorIndicator) -> None:
        self.follow(self.arbitrator.handle(who, FloorRequest(who, priority, kind), self.now))

    @rule(who=PEOPLE, which=st.integers(-3, 0))
    def release(self, who: int, which: int) -> None:
        """A burst of now or of long ago, or none."""
        bursts: list[int | None] = [None, *self.floor.bursts]
        before = self.floor.live
        burst = bursts[max(which, -len(bursts))]
        self.follow(self.arbitrator.handle(who, FloorRelease(who, burst), self.now))
        if before is not None and who != before.talker:
            assert self.floor.live == before, "released by somebody else"
        if before is not None and burst not in (None, before.burst):
            assert self.floor.live == before, "released by an old burst"

    @rule(who=PEOPLE)
    def change_ones_mind(self, who: int) -> None:
        """Ask, and take it back; of who is heard already, these are old messages."""
        kind = FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED
        self.follow(self.arbitrator.handle(who, FloorRequest(who, 1, kind), self.now))
        self.follow(self.arbitrator.handle(who, FloorRelease(who), self.now))
        assert who not in self.floor.waiting
        live = self.floor.live
        assert live is None or live.talker != who or self.floor.heard

    @rule(who=PEOPLE)
    def stray_voice(self, who: int) -> None:
        self.follow(self.arbitrator.handle_stray_media(who, self.now))

    @rule(seconds=st.integers(1, 25))
    def talk_for(self, seconds: int) -> None:
        """Long talk as one step: random single packets hardly ever reach T2."""
        for _ in range(seconds * 4):
            if self.floor.live is not None:
                self.arbitrator.note_media(self.now)
                self.floor.hear(self.now)
            self.time_passes(0.25)
            self.nobody_talks_too_long()

    @rule(asleep=st.floats(0, 15))
    def the_machine_is_busy_elsewhere(self, asleep: float) -> None:
        """Nobody looks at the clock for a while, then all that is due comes at once."""
        if self.floor.live is not None:
            self.arbitrator.note_media(self.now + asleep)
            self.floor.hear(self.now + asleep)
        self.now += asleep
        self.follow(self.arbitrator.handle_deadline(self.now))

    @rule(seconds=st.floats(0, 20))
    def time_passes(self, seconds: float) -> None:
        until = self.now + seconds
        while self.arbitrator.deadline <= until:
            self.now = max(self.now, self.arbitrator.deadline)
            self.follow(self.arbitrator.handle_deadline(self.now))
        self.now = until

    @invariant()
    def nobody_talks_too_long(self) -> None:
        if self.floor.live is not None:
            first = self.floor.heard[0] if self.floor.heard else None
            since = self.floor.started_at if first is None else first
            limit = timers.FIRST_MEDIA if first is None else TALK_LIMIT
            assert self.now - since <= limit + ROUNDING

    @invariant()
    def nobody_waits_for_a_free_floor(self) -> None:
        assert self.floor.live is not None or not self.floor.waiting

    @invariant()
    def only_those_who_are_there_talk_or_wait(self) -> None:
        assert set(self.floor.waiting) <= self.present
        assert self.floor.live is None or self.floor.live.talker in self.present

    @invariant()
    def what_it_says_of_itself_is_what_it_ordered(self) -> None:
        live = self.floor.live
        assert self.arbitrator.talker == (live.talker if live else None)
        assert self.arbitrator.waiting == self.floor.waiting


TestArbitratorHistory = ArbitratorHistory.TestCase


class NetworkHistory(RuleBasedStateMachine):
    """Three participants and an arbitrator; packets get lost, doubled, late, out of order."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.floor = Believed()
        self.arbitrator = Arbitrator(
            ssrc=9, talk_limit=TALK_LIMIT, queue_size=16, new_burst=count(1000).__next__
        )
        self.people = {n: Participant(ssrc=n) for n in (1, 2, 3)}
        self.up: list[tuple[int, FloorMessage]] = []
        self.down: list[tuple[int, FloorMessage]] = []
        self.announced: dict[int, int | None] = {}
        for n in self.people:
            self.follow(self.arbitrator.join(n, priority=0, may_talk=True, now=0.0))

    def follow(self, actions: Sequence[Action]) -> None:
        self.floor.carry_out(actions, self.now)
        for action in actions:
            match action:
                case Send(to=to, message=message):
                    self.down.append((to, message))
                case Announce(message=message, but=but):
                    self.down += [(n, message) for n in self.people if n != but]
                case _:
                    pass

    def note(self, who: int, notices: Sequence[Notice]) -> None:
        for notice in notices:
            match notice:
                case Transmit(message=message):
                    self.up.append((who, message))
                case PermitGranted(burst=burst):
                    assert (who, burst) in self.floor.granted, "a permit that nobody gave"
                case TalkerIs(burst=burst):
                    self.announced[who] = burst
                case _:
                    pass

    @rule(who=st.sampled_from([1, 2, 3]), emergency=st.booleans())
    def press(self, who: int, emergency: bool) -> None:
        self.note(who, self.people[who].press(self.now, emergency=emergency))

    @rule(who=st.sampled_from([1, 2, 3]))
    def let_go(self, who: int) -> None:
        self.note(who, self.people[who].release(self.now))

    @rule(pick=st.integers(0, 50), keep=st.booleans())
    def message_arrives(self, pick: int, keep: bool) -> None:
        """Any of those under way; kept ones come again."""
        if self.up:
            self.deliver_up(pick % len(self.up), keep)

    @rule(pick=st.integers(0, 50), keep=st.booleans())
    def answer_arrives(self, pick: int, keep: bool) -> None:
        if self.down:
            self.deliver_down(pick % len(self.down), keep)

    @rule(pick=st.integers(0, 50))
    def message_is_lost(self, pick: int) -> None:
        for way in (self.up, self.down):
            if way:
                way.pop(pick % len(way))

    @rule()
    def the_network_is_fine_for_a_moment(self) -> None:
        while self.up or self.down:
            while self.up:
                self.deliver_up(0, False)
            while self.down:
                self.deliver_down(0, False)

    @rule(tenths=st.integers(1, 60))
    def time_passes(self, tenths: int) -> None:
        for _ in range(tenths):
            self.now += 0.1
            self.voice_flows()
            self.clocks_tick()

    def deliver_up(self, index: int, keep: bool) -> None:
        who, message = self.up[index] if keep else self.up.pop(index)
        self.follow(self.arbitrator.handle(who, message, self.now))

    def deliver_down(self, index: int, keep: bool) -> None:
        who, message = self.down[index] if keep else self.down.pop(index)
        self.note(who, self.people[who].handle(message, self.now))

    def voice_flows(self) -> None:
        """Whoever has permission sends; the live burst is relayed, everything else is stray."""
        for who, participant in self.people.items():
            if participant.burst is None:
                continue
            if (who, participant.burst) == (self.arbitrator.talker, self.arbitrator.burst):
                self.arbitrator.note_media(self.now)
                self.floor.hear(self.now)
                self.relay(who, participant.burst)
            else:
                self.follow(self.arbitrator.handle_stray_media(who, self.now))

    def relay(self, talker: int, burst: int) -> None:
        """A listener who was not told of the burst asks who talks."""
        for who, participant in self.people.items():
            if who != talker and self.announced.get(who) == burst:
                self.note(who, participant.handle_media(self.now))
            elif who != talker:
                self.note(who, participant.ask_state())

    def clocks_tick(self) -> None:
        if self.arbitrator.deadline <= self.now:
            self.follow(self.arbitrator.handle_deadline(self.now))
        for who, participant in self.people.items():
            if participant.deadline <= self.now:
                self.note(who, participant.handle_deadline(self.now))

    def teardown(self) -> None:
        """The network heals: nobody hopes in vain. Then all let go: nothing is stuck."""
        self.calm_seconds(8)
        self.nobody_hopes_in_vain()
        for who in self.people:
            self.let_go(who)
        self.calm_seconds(8)
        assert self.floor.live is None
        assert self.floor.waiting == ()
        for participant in self.people.values():
            assert participant.state is ParticipantState.HAS_NO_PERMISSION

    def calm_seconds(self, seconds: int) -> None:
        for _ in range(seconds * 10):
            self.time_passes(1)
            self.the_network_is_fine_for_a_moment()

    def nobody_hopes_in_vain(self) -> None:
        """Who believes to talk, or to wait, does. (A place that nobody wants is given back.)"""
        states = {who: one.state for who, one in self.people.items()}
        talking = {who for who, one in states.items() if one is ParticipantState.HAS_PERMISSION}
        queued = {who for who, one in states.items() if one is ParticipantState.QUEUED}
        assert talking == ({self.floor.live.talker} if self.floor.live else set())
        assert queued <= set(self.floor.waiting)

    @invariant()
    def only_the_live_talker_is_heard(self) -> None:
        """Two may believe that they talk while a Revoke is late: one of them is relayed."""
        holders = [
            who
            for who, participant in self.people.items()
            if participant.burst is not None and participant.burst == self.arbitrator.burst
        ]
        assert holders in ([], [self.arbitrator.talker])


TestNetworkHistory = NetworkHistory.TestCase
