"""What this client knows of one channel that it is in: who is there, who waits, who talks.

Pure. Holds the channel's floor participant; what that one decides is carried out by
conversation.py.
"""

from collections.abc import Iterable

from ptt.client.events import ChannelJoined, MembersChanged
from ptt.floor.participant import Participant
from ptt.media.frames import FRAME_SECONDS
from ptt.media.redundancy_policy import RedundancyPolicy
from ptt.wire.signalling import ChannelDescription, Joined, Members, Waiting

MAX_FRAMES_PER_PACKET = 3  # 60 ms, the longest Opus frame


class Channel:
    """One joined channel; made anew whenever the switchboard says Joined.

    `me` is the own participant number; `talker` the name of who talks now, or None;
    `floor_server` the number of the one that it is with.
    """

    def __init__(self, description: ChannelDescription, joined: Joined, me: int) -> None:
        self.name = description.name
        self.number = joined.channel
        self.ssrc = joined.ssrc
        self.channel_ssrc = joined.channel_ssrc
        self.floor_server = joined.floor_server
        self.talker: str | None = None
        self._me = me
        self._members = {member.participant: member for member in joined.members}
        self._waiting = tuple(joined.waiting)
        self.describe(description)
        self.participant = Participant(ssrc=joined.ssrc, priority=description.priority)
        self.redundancy = RedundancyPolicy(listeners=len(self._members))
        self._advise(joined.frame_ms)

    def describe(self, description: ChannelDescription) -> None:
        """The rights here have changed."""
        self.may_talk = description.role != "listen"

    def begin_burst(self) -> int:
        """How many frames each packet of the own burst has that begins now."""
        self.redundancy.long_packets = self._frames_per_packet > 1
        return self._frames_per_packet

    @property
    def members(self) -> tuple[str, ...]:
        """The names of all who are in the channel, in alphabetical order."""
        return tuple(sorted(member.name for member in self._members.values()))

    @property
    def away(self) -> tuple[str, ...]:
        """Those who are not at their desks, at none of them if they have several."""
        here = {member.name for member in self._members.values() if not member.away}
        return tuple(name for name in dict.fromkeys(self.members) if name not in here)

    @property
    def muted(self) -> tuple[str, ...]:
        """Those who hear nothing."""
        hear = {member.name for member in self._members.values() if not member.muted}
        return tuple(name for name in dict.fromkeys(self.members) if name not in hear)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The names of all who wait for the floor, next first."""
        return self._names(self._waiting)

    def before(self, position: int) -> tuple[str, ...]:
        """The names of those who wait and come before me, whose place is `position`.

        The floor server may be faster than the switchboard's news of the queue.
        """
        if self._me in self._waiting:
            return self._names(self._waiting[: self._waiting.index(self._me)])
        return self._names(self._waiting[: max(position - 1, 0)])

    def change_members(self, change: Members) -> None:
        """Some came, some left."""
        for participant in change.left:
            self._members.pop(participant, None)
        self._members |= {member.participant: member for member in change.joined}
        self.redundancy.listeners = len(self._members)
        self._advise(change.frame_ms)

    @property
    def joined(self) -> ChannelJoined:
        """The event that says so."""
        return ChannelJoined(self.name, self.members, self.may_talk, self.away, self.muted)

    @property
    def changed(self) -> MembersChanged:
        """The event that says who is here now."""
        return MembersChanged(self.name, self.members, self.away, self.muted)

    def change_waiting(self, change: Waiting) -> None:
        """The queue is another."""
        self._waiting = tuple(change.participants)

    def name_of(self, uri: str | None) -> str:
        """The person behind the identity in a Floor Taken (`ptt:<participant>`)."""
        scheme, _, number = (uri or "").partition(":")
        if scheme != "ptt" or not number.isdecimal():
            return "somebody"
        return self._name(int(number))

    def _advise(self, frame_ms: int) -> None:
        frames = round(frame_ms / 1000 / FRAME_SECONDS)
        self._frames_per_packet = min(max(frames, 1), MAX_FRAMES_PER_PACKET)

    def _names(self, participants: Iterable[int]) -> tuple[str, ...]:
        return tuple(self._name(number) for number in participants)

    def _name(self, participant: int) -> str:
        member = self._members.get(participant)
        return member.name if member else "somebody"
