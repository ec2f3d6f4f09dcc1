"""Link control: does the way between client and floor server carry, and to which address?

    client                                floor server
      Probe(token)          -->           bound to this address: ProbeReply(token)
                            <--           from elsewhere: Challenge(nonce) to that address
      ChallengeReply(nonce) -->           from now on bound to that address
                            <--           ProbeReply(token)

RTCP APP packets of our own, named PTTL; both directions carry the SSRC of the client's control
packets. Pure values; who answers what is decided in the shells.
"""

from dataclasses import dataclass

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.rtcp import AppPacket, encode_rtcp

LINK_NAME = b"PTTL"
TOKEN_OCTETS = 8


@dataclass(frozen=True, slots=True)
class Probe:
    """Subtype 0, client to server: are you there? `token` is chance."""

    ssrc: int
    token: bytes


@dataclass(frozen=True, slots=True)
class ProbeReply:
    """Subtype 1, server to client: yes, and you are bound to the address you sent from."""

    ssrc: int
    token: bytes


@dataclass(frozen=True, slots=True)
class Challenge:
    """Subtype 2, server to client: prove that you can be reached here."""

    ssrc: int
    token: bytes


@dataclass(frozen=True, slots=True)
class ChallengeReply:
    """Subtype 3, client to server: the token of the challenge, from the address it came to."""

    ssrc: int
    token: bytes


LinkMessage = Probe | ProbeReply | Challenge | ChallengeReply

_MESSAGES: tuple[type[LinkMessage], ...] = (Probe, ProbeReply, Challenge, ChallengeReply)


def encode_link(message: LinkMessage) -> bytes:
    """The message as one RTCP packet; raises LocalProtocolError if the token has not 8 octets."""
    if len(message.token) != TOKEN_OCTETS:
        raise LocalProtocolError(f"A link token has {TOKEN_OCTETS} octets.")
    subtype = _MESSAGES.index(type(message))
    return encode_rtcp(AppPacket(subtype, message.ssrc, LINK_NAME, message.token))


def link_from_app(packet: AppPacket) -> LinkMessage | None:
    """The message in a PTTL packet, None for a subtype of a later release.

    Raises only MalformedPacketError.
    """
    if packet.name != LINK_NAME:
        raise MalformedPacketError(f"{packet.name!r} is not link control")
    if packet.subtype >= len(_MESSAGES):
        return None
    if len(packet.body) != TOKEN_OCTETS:
        raise MalformedPacketError(f"a link token of {len(packet.body)} octets")
    return _MESSAGES[packet.subtype](packet.ssrc, packet.body)
