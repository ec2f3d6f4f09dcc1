"""Keeps the way of the datagrams open: when to probe, what to answer (wire/link.py).

    unbound --ProbeReply--> bound      a probe each 150 ms until the first reply
    bound   --no reply----> doubtful   repeats after 150, 300, 600 ms, then each second

Pure. Does not send, and does not know which address is the right one: the server finds out.
"""

from dataclasses import dataclass
from math import inf
from random import Random

from ptt.wire.link import Challenge, ChallengeReply, LinkMessage, Probe, ProbeReply

# Implementation
PROBE_IDLE = 15.0  # s, WireGuard's survey of NAT time-outs says that 25 is safe
PROBE_BUSY = 1.0  # s, while somebody talks in one of the channels
PROBE_AGAIN = 0.150  # s without a reply, doubles up to PROBE_BUSY once the link was bound
NO_MEDIA = 0.300  # s without voice of a burst that was announced
DEAD_AFTER = 5.0  # s without a reply; a restarted floor server is back sooner
_TOKEN_OCTETS = 8
_RTT_WEIGHT = 0.125  # of the newest measurement, as in RFC 6298


@dataclass(frozen=True, slots=True)
class LinkState:
    """What is known of the link: `rtt` in seconds, None before the first reply."""

    bound: bool
    rtt: float | None
    unanswered: int


class LinkWatch:
    """The link of one client to one floor server. `ssrc` is that of its control packets."""

    def __init__(self, ssrc: int, rng: Random, now: float) -> None:
        self._ssrc = ssrc
        self._rng = rng
        self._due = now
        self._probe: tuple[bytes, float] | None = None
        self._busy = False
        self._media_due = inf
        self._expecting = False
        self._bound = False
        self._probing_since = inf
        self._unanswered = 0
        self._rtt: float | None = None

    @property
    def state(self) -> LinkState:
        """How the link is."""
        return LinkState(self._bound, self._rtt, self._unanswered)

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return min(self._due, self._media_due)

    def handle(self, message: LinkMessage, now: float) -> list[LinkMessage]:
        """React to a message of the server; returns what to send."""
        match message:
            case Challenge(token=nonce):
                return [ChallengeReply(self._ssrc, nonce)]
            case ProbeReply(token=token):
                self._handle_reply(token, now)
                return []
            case _:
                return []

    def handle_deadline(self, now: float) -> list[LinkMessage]:
        """A probe, if one is due."""
        if now < self.deadline:
            return []
        self._media_due = inf
        return self._send_probe(now)

    def set_busy(self, busy: bool, now: float) -> None:
        """Somebody talks in one of the channels, or nobody does."""
        if busy and not self._busy:
            self.probe_soon(now)
        self._busy = busy

    def probe_soon(self, now: float) -> None:
        """Within a second, however quiet it is."""
        if self._probe is None:
            self._due = min(self._due, now + PROBE_BUSY)

    def probe_now(self, now: float) -> None:
        """Something made the link doubtful."""
        self._due = now

    def is_dead(self, now: float) -> bool:
        """It was bound and no reply has come for so long that nobody can be there."""
        return self._bound and self._probing_since <= now - DEAD_AFTER

    def expect_media(self, expected: bool, now: float) -> None:
        """A burst of somebody else was announced and must be heard, or none is."""
        if not expected:
            self._media_due = inf
        elif not self._expecting:
            self._media_due = now + NO_MEDIA
        self._expecting = expected

    def note_media(self, now: float) -> None:
        """Voice came: the way to here is open, more is expected."""
        if self._expecting:
            self._media_due = now + NO_MEDIA

    def _send_probe(self, now: float) -> list[LinkMessage]:
        if self._probe is None:
            self._probing_since = now
        self._unanswered += self._probe is not None
        token = self._rng.randbytes(_TOKEN_OCTETS)
        self._probe = (token, now)
        wait = min(PROBE_AGAIN * 2 ** min(self._unanswered, 8), PROBE_BUSY)
        self._due = now + (wait if self._bound else PROBE_AGAIN)
        return [Probe(self._ssrc, token)]

    def _handle_reply(self, token: bytes, now: float) -> None:
        if self._probe is None or token != self._probe[0]:
            return
        measured = now - self._probe[1]
        self._rtt = measured if self._rtt is None else self._smoothed(self._rtt, measured)
        self._probe, self._bound, self._unanswered = None, True, 0
        self._probing_since = inf
        self._due = now + (PROBE_BUSY if self._busy else PROBE_IDLE)

    @staticmethod
    def _smoothed(former: float, measured: float) -> float:
        return former + _RTT_WEIGHT * (measured - former)
