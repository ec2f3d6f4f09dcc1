"""Who is in a channel, in the order in which they came. Pure; knows no names and no addresses."""

from dataclasses import dataclass

from ptt.floor.actions import ParticipantId


@dataclass(frozen=True, slots=True)
class Member:
    """One connection in the channel; `ssrc` is that of its floor messages there.

    `priority` 0 to 127 is the person's in this channel; a listener may not talk.
    """

    client: ParticipantId
    ssrc: int
    priority: int = 0
    may_talk: bool = True


class Roster:
    """The members of one channel."""

    def __init__(self) -> None:
        self._members: dict[ParticipantId, Member] = {}

    def __len__(self) -> int:
        return len(self._members)

    def __contains__(self, client: ParticipantId) -> bool:
        return client in self._members

    def get(self, client: ParticipantId) -> Member | None:
        """The member, None if the client is not in the channel."""
        return self._members.get(client)

    def put(self, member: Member) -> None:
        """Take the member in, or replace what is known; the place in the order stays."""
        self._members[member.client] = member

    def remove(self, client: ParticipantId) -> Member | None:
        """Take the client out; returns what was known, None if it was not in."""
        return self._members.pop(client, None)

    def all_but(self, client: ParticipantId | None = None) -> tuple[ParticipantId, ...]:
        """Everybody except `client`, oldest member first.

        A tuple made from a generator begins too long, is shortened, and adds to Python's list of
        free tuples each time, up to 2000 of each length; from a list it has its length at once.
        """
        return tuple([number for number in self._members if number != client])
