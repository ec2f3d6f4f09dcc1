"""The queue for the floor of one channel, in order of precedence. Pure."""

from bisect import insort

from ptt.floor.actions import ParticipantId
from ptt.floor.precedence import Claim


class FloorQueue:
    """One claim for each participant; `size` is for the caller, who asks whether it is `full`."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._claims: list[Claim] = []

    def __len__(self) -> int:
        return len(self._claims)

    @property
    def full(self) -> bool:
        """Whether the next one has to be turned away."""
        return len(self._claims) >= self.size

    @property
    def waiting(self) -> tuple[ParticipantId, ...]:
        """Who waits, next first."""
        return tuple([claim.participant for claim in self._claims])

    def claim_of(self, participant: ParticipantId) -> Claim | None:
        """What the participant waits for, None if it does not."""
        return next((c for c in self._claims if c.participant == participant), None)

    def position(self, participant: ParticipantId) -> int | None:
        """1 is next; None: does not wait."""
        if participant not in self.waiting:
            return None
        return self.waiting.index(participant) + 1

    def add(self, claim: Claim) -> None:
        """Put it where it belongs; a former claim of the same participant is replaced."""
        self.remove(claim.participant)
        insort(self._claims, claim, key=lambda one: one.rank)

    def remove(self, participant: ParticipantId) -> bool:
        """Take the participant out; returns whether it was in."""
        before = len(self._claims)
        self._claims = [claim for claim in self._claims if claim.participant != participant]
        return len(self._claims) < before

    def pop(self) -> Claim:
        """The next one; raises IndexError if nobody waits."""
        return self._claims.pop(0)

    def clear(self) -> None:
        """Nobody waits any more."""
        self._claims.clear()
