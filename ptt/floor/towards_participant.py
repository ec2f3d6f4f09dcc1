"""The server's machine towards one participant (TS 24.380, 6.3.5): what must be said again.

Permission itself is the arbitrator's (6.3.4). Here stands only what outlives it: a Floor Revoke
that has to be repeated (T8) until the participant answers with Floor Release, or gives no answer
REVOKE_LIMIT times.

    U: not permitted --stray media--> U: not permitted but sends media --Release | limit--> back
    U: permitted --revoke--> U: pending Floor Revoke --Release | limit--> U: not permitted
"""

from dataclasses import dataclass
from math import inf

from ptt.floor import timers
from ptt.wire.floor import FloorRevoke


@dataclass(slots=True)
class TowardsParticipant:
    """`priority` and `may_talk` are the participant's rights in the channel.

    `talked_until`: when its last burst ended; `barred_until`: earlier requests are denied.
    """

    priority: int
    may_talk: bool
    talked_until: float = -inf
    barred_until: float = -inf
    deadline: float = inf
    _revoke: FloorRevoke | None = None
    _sent: int = 0

    @property
    def revoking(self) -> bool:
        """Whether a Floor Revoke still waits for its answer."""
        return self._revoke is not None

    def revoke(self, message: FloorRevoke, now: float) -> FloorRevoke:
        """Send this, and again until it is answered."""
        self._revoke, self._sent = message, 1
        self.deadline = now + timers.T8_FLOOR_REVOKE
        return message

    def handle_release(self) -> None:
        """The participant obeyed."""
        self._revoke, self.deadline = None, inf

    def handle_deadline(self, now: float) -> FloorRevoke | None:
        """T8: what to send again, None if nothing is due or it was said often enough."""
        if now < self.deadline:
            return None
        if self._revoke is None or self._sent >= timers.REVOKE_LIMIT:
            self.handle_release()
            return None
        self._sent += 1
        self.deadline = now + timers.T8_FLOOR_REVOKE
        return self._revoke
