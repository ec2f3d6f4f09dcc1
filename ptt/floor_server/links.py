"""To which address a client's datagrams go, and how that follows the client when it moves.

    unbound --Probe--> Challenge --ChallengeReply from there--> bound
    bound   --newest authentic datagram from elsewhere--> Challenge to there, the old one is served
            --ChallengeReply from there--> bound to the new one

The idea is QUIC's path validation (RFC 9000, 8.2 and 9.3). Whoever copies a datagram and delivers
it first from another address gets a challenge that he cannot answer. A challenge is never longer
than what it answers, and few go to one address, so nobody can be flooded through us. Pure.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ptt.net.datagrams import Address
from ptt.wire.link import Challenge, ChallengeReply, LinkMessage, Probe, ProbeReply

# Specification
_INDEX_MASK = 0x7FFF_FFFF  # RFC 3711, 3.4: the top bit says whether the packet is encrypted

# Implementation
CHALLENGE_OCTETS = 40  # protected: header and name 12, token 8, index 4, tag 16
MAX_CHALLENGES = 3  # to one address in one CHALLENGE_PERIOD
CHALLENGE_PERIOD = 1.0  # s
CHALLENGE_AGAIN = 0.1  # s between two to the same address
MAX_ATTEMPTS = 4  # addresses that one client can be asked to prove at the same time
MAX_INDICES = 256  # sources of one client whose newest packet is remembered


def srtcp_index(datagram: bytes) -> int:
    """Place of a protected RTCP datagram in its source's sequence (RFC 7714, 9.2; no MKI)."""
    return int.from_bytes(datagram[-4:], "big") & _INDEX_MASK


@dataclass(slots=True)
class _Attempt:
    """An address that has been challenged; `probe` is the token of a probe from there."""

    nonce: bytes
    since: float
    challenges: int = 0
    last: float = 0.0
    probe: bytes | None = None


class Link:
    """The link of one client. `ssrc` is that of its control packets, `new_nonce` is chance."""

    def __init__(self, ssrc: int, new_nonce: Callable[[], bytes]) -> None:
        self.address: Address | None = None
        self._ssrc = ssrc
        self._new_nonce = new_nonce
        self._attempts: dict[Address, _Attempt] = {}
        self._newest: dict[int, int] = {}

    def is_newest(self, ssrc: int, index: int) -> bool:
        """Note an authentic packet; whether none of its source that came before was sent later."""
        if index <= self._newest.get(ssrc, -1):
            return False
        self._newest[ssrc] = index
        if len(self._newest) > MAX_INDICES:
            del self._newest[next(iter(self._newest))]
        return True

    def forget(self, ssrc: int) -> None:
        """Nothing with this SSRC is authentic any more: its place is free for others."""
        self._newest.pop(ssrc, None)

    def follow(self, address: Address, size: int, now: float) -> list[LinkMessage]:
        """The newest authentic datagram, of `size` octets, came from another address.

        Returns what to send to that address.
        """
        attempt = self._attempt(address, now)
        if size < CHALLENGE_OCTETS or not self._may_challenge(attempt, now):
            return []
        attempt.challenges += 1
        attempt.last = now
        return [Challenge(self._ssrc, attempt.nonce)]

    def handle(
        self, message: LinkMessage, address: Address, size: int, now: float
    ) -> list[LinkMessage]:
        """React to a message from `address`; returns what to send there."""
        match message:
            case Probe(token=token) if address == self.address:
                return [ProbeReply(self._ssrc, token)]
            case Probe(token=token):
                self._attempt(address, now).probe = token
                return self.follow(address, size, now)
            case ChallengeReply(token=nonce):
                return self._prove(nonce, address)
            case _:
                return []

    def _prove(self, nonce: bytes, address: Address) -> list[LinkMessage]:
        attempt = self._attempts.get(address)
        if attempt is None or attempt.nonce != nonce:
            return []
        self.address = address
        self._attempts.clear()
        return [] if attempt.probe is None else [ProbeReply(self._ssrc, attempt.probe)]

    def _attempt(self, address: Address, now: float) -> _Attempt:
        """What is known of the address; forgotten after a while, so that its limit is, too."""
        attempt = self._attempts.get(address)
        if attempt is None or now > attempt.since + CHALLENGE_PERIOD:
            attempt = _Attempt(self._new_nonce(), since=now)
            self._attempts.pop(address, None)
            self._attempts[address] = attempt
            if len(self._attempts) > MAX_ATTEMPTS:
                del self._attempts[next(iter(self._attempts))]
        return attempt

    @staticmethod
    def _may_challenge(attempt: _Attempt, now: float) -> bool:
        if attempt.challenges == 0:
            return True
        return attempt.challenges < MAX_CHALLENGES and now >= attempt.last + CHALLENGE_AGAIN
