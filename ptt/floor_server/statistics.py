"""What the floor server counts: the only trace that floods leave.

Numbers since the start of the process. Written by the parts as they work, sent to the switchboard
every second, shown by `/metrics` with `ptt_floor_` in front.
"""

from dataclasses import dataclass, fields


@dataclass(slots=True)
class Counters:
    """Each count is of datagrams or messages, and says what a large number means."""

    voice_received: int = 0  # packets of live bursts that were relayed
    voice_sent: int = 0  # the same, counted once per listener
    voice_unsent: int = 0  # the system did not take them: too many listeners for the network card
    control_received: int = 0  # authentic datagrams of floor control, link control, reports
    control_sent: int = 0
    control_unsent: int = 0  # to clients that are not bound yet, or the system did not take them
    dropped_malformed: int = 0  # not ours: wrong length or version, or unreadable; scanners do it
    dropped_unknown: int = 0  # an SSRC that nobody has: left-overs of former clients, or guesses
    dropped_forged: int = 0  # not under the key of its SSRC, or a repeat: somebody tries
    dropped_foreign: int = 0  # authentic, but speaks for an SSRC of somebody else
    dropped_stray: int = 0  # voice without permission: after the end of a burst
    dropped_excess: int = 0  # more voice packets than any encoder makes
    dropped_late: int = 0  # waited behind too much other voice: the processor is too slow
    dropped_keyless: int = 0  # voice of a channel that has no key: the switchboard is late
    turned_away: int = 0  # floor messages beyond what one member may send
    challenges: int = 0  # clients that were asked to prove a new address
    rebinds: int = 0  # clients that did
    unknown_orders: int = 0  # trunk messages about a client or channel that is not there

    def snapshot(self) -> dict[str, int]:
        """All counts by name; `asdict` leaves a tuple behind each time (see channel/roster.py)."""
        return {name: getattr(self, name) for name in _NAMES}


_NAMES = tuple([each.name for each in fields(Counters)])
