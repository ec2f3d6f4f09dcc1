"""One channel: who is in it, with which SSRCs and voice keys, who talks and who waits.

Orders messages for its members and for the floor server, which decides about the floor itself.
While the floor server is away the roster goes on; `open` tells a new one everything with new
keys. Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from ptt.security.epochs import EpochSchedule
from ptt.switchboard.keys import Epoch, Supply
from ptt.switchboard.outputs import Output, ToClient, ToFloorServer
from ptt.switchboard.records import ChannelSettings, Right, Role
from ptt.wire import trunk
from ptt.wire.signalling import ChannelKey, Joined, Left, Member, Members, ServerMessage, Waiting

# Implementation
# Time between two Members messages, so that a thousand joins are not a million messages.
ROSTER_INTERVAL = 0.1  # s
ROSTER_INTERVAL_A_MEMBER = 0.001  # s
ASK_KEY_INTERVAL = 1.0  # s
# Longer packets where fan-out is what costs: (members more than, milliseconds).
FRAME_LENGTHS = ((400, 60), (100, 40))
SHORTEST_FRAME = 20  # ms


@dataclass(slots=True)
class Membership:
    """One client in the channel; `voice` is its own key, in strict channels only.

    `is_told`: it has got Joined, which needs a floor server; before that it hears of nothing.
    """

    member: Member
    right: Right
    ssrc: int = 0
    voice: Epoch | None = None
    is_told: bool = False
    asked_at: float = -inf


class Channel:
    """The switchboard's side of one channel; `floor_server` is the number of the one it is with."""

    def __init__(self, settings: ChannelSettings, supply: Supply, floor_server: int) -> None:
        self.settings = settings
        self.members: dict[int, Membership] = {}
        self.floor_server = floor_server
        self._supply = supply
        self._is_open = False  # the floor server knows this channel
        self._ssrc = 0
        self._waiting: list[int] = []
        self._bursts: set[int] = set()
        self._epoch: Epoch | None = None
        self._epoch_was_heard = False  # somebody may have talked under it: not for newcomers
        self._schedule = EpochSchedule()
        self._roster_at = -inf
        self._came: dict[int, Member] = {}
        self._went: list[int] = []

    @property
    def number(self) -> int:
        """The channel's number."""
        return self.settings.number

    @property
    def deadline(self) -> float:
        """When `handle_deadline` wants to be called; inf if never."""
        roster = self._roster_due if self._came or self._went else inf
        return min(roster, self._schedule.deadline if self._is_open else inf)

    @property
    def _roster_due(self) -> float:
        return self._roster_at + ROSTER_INTERVAL + len(self.members) * ROSTER_INTERVAL_A_MEMBER

    def handle_deadline(self, now: float) -> list[Output]:
        """Announce what was merged, make or go over to an epoch that is due."""
        return [*self._announce_roster(now), *self._renew(now)]

    # the floor server

    def open(self, now: float) -> list[Output]:
        """A floor server is ready: tell it the channel, and everybody their new keys."""
        self._is_open = True
        self._ssrc = self._supply.ssrc()
        self._epoch, self._schedule = None, EpochSchedule()
        outputs: list[Output] = [self._set_channel()]
        if self.settings.strict:
            self._schedule.change((), now)
        else:
            outputs += self._new_epoch(now, tell=False)
        for participant in self.members:
            outputs += self._admit(participant)
        return outputs

    def close(self) -> list[Output]:
        """The floor server is gone, and all its floors with it."""
        self._is_open = False
        self._supply.take_back(self._ssrc)
        self._bursts.clear()
        for membership in self.members.values():
            self._supply.take_back(membership.ssrc)
        return self.show_queue([]) if self._waiting else []

    def withdraw(self) -> list[Output]:
        """Off the floor server, which goes on without this channel."""
        removed = trunk.RemoveChannel(channel=self.number)
        outputs: list[Output] = [self._order(removed)] if self._is_open else []
        self._waiting = []
        self.close()
        return outputs

    def note_talk(self, burst: int, *, runs: bool) -> None:
        """A talk burst has begun or ended."""
        if not runs:
            self._bursts.discard(burst)
            return
        self._bursts.add(burst)
        self._epoch_was_heard = True

    def show_queue(self, participants: list[int]) -> list[Output]:
        """The queue for the floor has changed."""
        self._waiting = participants
        return [*self._to_all(Waiting(channel=self.number, participants=participants))]

    # members

    def join(self, member: Member, right: Right, now: float) -> list[Output]:
        """`member` comes in; a voice key follows as soon as there is one for them."""
        participant = member.participant
        self.members[participant] = Membership(member, right)
        self._came[participant] = member
        if participant in self._went:  # out and in again within a moment
            self._went.remove(participant)
        outputs = self._admit(participant) if self._is_open else []
        if self._is_open and not self.settings.strict and self._epoch_was_heard:
            self._schedule.want_change(now)
        return [*outputs, *self._renew(now), *self._announce_roster(now, but=participant)]

    def leave(self, participant: int, now: float, *, is_gone: bool = False) -> list[Output]:
        """The participant goes out (`is_gone`: the floor server has removed the whole client)."""
        membership = self.members.pop(participant)
        self._supply.take_back(membership.ssrc)
        self._came.pop(participant, None)
        self._went.append(participant)  # also if not announced: later ones know it by Joined
        self._schedule.confirm(participant, now)
        outputs: list[Output] = []
        if self._is_open and not is_gone:
            removed = trunk.RemoveMember(channel=self.number, client=participant)
            outputs.append(self._order(removed))
        if self._is_open and not self.settings.strict:
            self._schedule.want_change(now)
        return [*outputs, *self._renew(now), *self._announce_roster(now)]

    def change_member(self, member: Member, right: Right, now: float) -> list[Output]:
        """A new name, role or priority of somebody who is in the channel."""
        membership = self.members[member.participant]
        outputs: list[Output] = []
        if membership.right != right:
            membership.right = right
            if self._is_open:
                outputs.append(self._set_member(member.participant))
        if membership.member != member:
            membership.member = member
            self._came[member.participant] = member
        return [*outputs, *self._announce_roster(now)]

    def show_member(self, member: Member, now: float) -> list[Output]:
        """Somebody who is in the channel is away, or hears nothing, or not any more."""
        return self.change_member(member, self.members[member.participant].right, now)

    def change_settings(self, settings: ChannelSettings, now: float) -> list[Output]:
        """New settings; everybody gets new keys if the way of encrypting changes."""
        former, self.settings = self.settings, settings
        if not self._is_open or former == settings:
            return []
        if (former.profile, former.strict) == (settings.profile, settings.strict):
            return [self._set_channel()]
        outputs: list[Output] = [self._set_channel()]
        if not settings.strict:
            return [*outputs, *self._drop_own_keys(), *self._new_epoch(now)]
        for participant in self.members:
            outputs += self._new_own_key(participant)
        return outputs

    def remove(self, sentence: str) -> list[Output]:
        """The channel is no more, for the floor server and for everybody in it."""
        left = Left(channel=self.number, sentence=sentence)
        outputs: list[Output] = [ToClient(participant, left) for participant in self.members]
        outputs += self.withdraw()
        self.members.clear()
        return outputs

    def confirm_key(self, participant: int, epoch: int, now: float) -> list[Output]:
        """The participant can decode `epoch`."""
        if self._epoch is not None and epoch == self._epoch.number:
            self._schedule.confirm(participant, now)
        return self._renew(now)

    def tell_key_again(self, participant: int, now: float) -> list[Output]:
        """The participant misses a key; answered at most once a second."""
        membership = self.members[participant]
        if not self._is_open or now < membership.asked_at + ASK_KEY_INTERVAL:
            return []
        membership.asked_at = now
        voice = membership.voice or self._epoch
        return [] if voice is None else [self._key(participant, voice)]

    # below: parts of the above

    def _admit(self, participant: int) -> list[Output]:
        membership = self.members[participant]
        membership.ssrc = self._supply.ssrc()
        membership.is_told = True
        membership.voice = self._own_key() if self.settings.strict else None
        joined = Joined(
            channel=self.number,
            ssrc=membership.ssrc,
            channel_ssrc=self._ssrc,
            members=[each.member for each in self.members.values()],
            waiting=self._waiting,
            frame_ms=frame_length(len(self.members)),
            floor_server=self.floor_server,
        )
        outputs: list[Output] = [self._set_member(participant), ToClient(participant, joined)]
        voice = membership.voice
        if voice is None and not self._epoch_was_heard:
            voice = self._epoch
        return outputs if voice is None else [*outputs, self._key(participant, voice)]

    def _renew(self, now: float) -> list[Output]:
        if not self._is_open:
            return []
        outputs: list[Output] = []
        if self._schedule.change_is_due(now):
            outputs += self._change_keys(now)
        if self._schedule.switch_is_due(now):
            outputs += self._switch()
        return outputs

    def _change_keys(self, now: float) -> list[Output]:
        if not self.settings.strict:
            return self._new_epoch(now)
        self._schedule.change((), now)
        return [output for each in self.members for output in self._new_own_key(each)]

    def _new_epoch(self, now: float, *, tell: bool = True) -> list[Output]:
        self._epoch = epoch = self._own_key()
        self._epoch_was_heard = False
        self._schedule.change(self.members, now)
        added = trunk.AddEpoch(channel=self.number, epoch=epoch.number, key=epoch.key)
        told = self.members if tell else ()
        return [self._order(added), *(self._key(each, epoch) for each in told)]

    def _switch(self) -> list[Output]:
        if self._epoch is None or self.settings.strict or self.settings.profile == "interop":
            return []
        if self._bursts:
            self._epoch_was_heard = True
        return [self._order(trunk.UseEpoch(channel=self.number, epoch=self._epoch.number))]

    def _own_key(self) -> Epoch:
        return Epoch(self._supply.epoch(), self._supply.key(self.settings.profile))

    def _new_own_key(self, participant: int) -> list[Output]:
        self.members[participant].voice = voice = self._own_key()
        # A client keeps packets of an epoch whose key is still on its way.
        return [self._key(participant, voice), self._set_member(participant)]

    def _drop_own_keys(self) -> Iterable[Output]:
        for participant, membership in self.members.items():
            membership.voice = None
            yield self._set_member(participant)

    def _announce_roster(self, now: float, but: int | None = None) -> list[Output]:
        """Tell who came and went, unless it was done a moment ago; `but` knows it by Joined."""
        if not (self._came or self._went) or now < self._roster_due:
            return []
        self._roster_at = now
        came, went = list(self._came.values()), self._went
        self._came, self._went = {}, []
        frame_ms = frame_length(len(self.members))
        message = Members(channel=self.number, joined=came, left=went, frame_ms=frame_ms)
        return [output for output in self._to_all(message) if output.participant != but]

    def _set_channel(self) -> ToFloorServer:
        settings = self.settings
        message = trunk.SetChannel(
            channel=self.number,
            ssrc=self._ssrc,
            talk_limit=settings.talk_limit,
            queue_size=settings.queue_size,
            profile=settings.profile,
            strict=settings.strict,
        )
        return self._order(message)

    def _set_member(self, participant: int) -> ToFloorServer:
        membership = self.members[participant]
        message = trunk.SetMember(
            channel=self.number,
            client=participant,
            ssrc=membership.ssrc,
            priority=membership.right.priority,
            may_talk=membership.right.role >= Role.TALK,
            voice_key=membership.voice.key if membership.voice else None,
            epoch=membership.voice.number if membership.voice else 0,
        )
        return self._order(message)

    def _key(self, participant: int, voice: Epoch) -> ToClient:
        key = ChannelKey(
            channel=self.number,
            epoch=voice.number,
            key=voice.key,
            profile=self.settings.profile,
        )
        return ToClient(participant, key)

    def _order(self, message: trunk.ToFloorServer) -> ToFloorServer:
        return ToFloorServer(message, self.floor_server)

    def _to_all(self, message: ServerMessage) -> list[ToClient]:
        told = (each for each, membership in self.members.items() if membership.is_told)
        return [ToClient(participant, message) for participant in told]


def frame_length(members: int) -> int:
    """The advised length of an Opus packet, in milliseconds, for a channel of that many."""
    return next((length for more, length in FRAME_LENGTHS if members > more), SHORTEST_FRAME)
