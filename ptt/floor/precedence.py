"""Who comes before whom: claims to the floor and their order. Pure values.

    call class, then the person's priority in the channel, then key before voice activation,
    then who did not talk lately, then who came first

The class of the call and the priority may also cut into a running talk burst (TS 24.380,
4.1.1.4 leaves the rule to local policy); key or voice, and fairness, never do.
"""

from dataclasses import dataclass
from enum import IntEnum

from ptt.floor.actions import ParticipantId
from ptt.wire.floor import FloorIndicator, FloorRequest

HIGHEST_PRIORITY = 127  # of a person; the wire's octet holds it and the key bit below it


class CallClass(IntEnum):
    """Kinds of calls in the order of their weight."""

    NORMAL = 0
    IMMINENT_PERIL = 1
    EMERGENCY = 2


@dataclass(frozen=True, slots=True)
class Claim:
    """One participant's wish to talk. `arrival`: number of the request, 0 is the oldest."""

    participant: ParticipantId
    call_class: CallClass
    priority: int
    by_key: bool
    talked_lately: bool
    arrival: int

    @property
    def rank(self) -> tuple[int, int, bool, bool, int]:
        """Lower is served first."""
        return (
            -self.call_class,
            -self.priority,
            not self.by_key,
            self.talked_lately,
            self.arrival,
        )

    @property
    def wire_priority(self) -> int:
        """The octet of the Floor Priority field."""
        return wire_priority(self.priority, by_key=self.by_key)

    def pre_empts(self, holder: "Claim") -> bool:
        """Whether this claim may cut into the burst of `holder`."""
        return (self.call_class, self.priority) > (holder.call_class, holder.priority)


def wire_priority(priority: int, *, by_key: bool) -> int:
    """The octet of the Floor Priority field for a person's priority (0 to 127)."""
    return 2 * min(max(priority, 0), HIGHEST_PRIORITY) + by_key


def call_class(indicator: FloorIndicator) -> CallClass:
    """The class that a Floor Indicator names."""
    if FloorIndicator.EMERGENCY_CALL in indicator:
        return CallClass.EMERGENCY
    if FloorIndicator.IMMINENT_PERIL_CALL in indicator:
        return CallClass.IMMINENT_PERIL
    return CallClass.NORMAL


def claim_of(
    participant: ParticipantId,
    request: FloorRequest,
    *,
    allowed: int,
    talked_lately: bool,
    arrival: int,
) -> Claim:
    """The claim behind a Floor Request; nobody gets more than the `allowed` priority."""
    return Claim(
        participant,
        call_class(request.indicator),
        min(request.priority >> 1, allowed),
        bool(request.priority & 1),
        talked_lately,
        arrival,
    )
