"""The one door to libsrtp: protects and opens RTP and RTCP (RFC 3711, RFC 7714).

    client                                      floor server
      UplinkSender    -- uplink key: RTP, RTCP -->  UplinkReceiver
      ControlReceiver <-- control key: RTCP ------  ControlSender
      VoiceReceiver   <-- key of an epoch: RTP ---  VoiceSender

A voice packet under AES-GCM ends with its epoch, four octets behind the tag (the MKI of RFC 3711,
which nobody authenticates: it only says which key to try). Interop channels have none.

What holds for every caller, because libsrtp cannot see it: a key is given to one sender object in
its life, never to a second one; an SSRC that was removed never comes back under that key; all
calls come from one thread. The roll-over counter is always 0, since a burst ends before its
sequence numbers wrap; so whoever comes late can open any packet.

Knows no keys but its own, and no time: see epochs.py.
"""

import os
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from pylibsrtp import Error, Policy, Session

from ptt.errors import (
    AuthenticationError,
    LocalProtocolError,
    MalformedPacketError,
    ProtocolError,
)

# Specification
GCM = "gcm"  # AEAD_AES_128_GCM
INTEROP = "interop"  # AES_CM_128_HMAC_SHA1_80, what ffmpeg and telephones know
MKI_OCTETS = 4

# Implementation
REPLAY_WINDOW = 1024  # packets, 20 s of voice; the window of RTCP is 128 and cannot be changed
MIN_PROTECTED = 22  # octets: an empty RTP packet with the shorter tag
MAX_PROTECTED = 1372  # octets; the library's buffer could not relay a voice packet that is longer
SENT_BURSTS = 2  # one person talks in one burst at a time; more would only cost look-ups
MAX_SOURCES = 64  # bursts that a listener remembers; libsrtp looks them up one by one
MAX_RETIRED = 16_384  # numbers of former bursts; a channel has about that many in a day
_SOURCE = slice(8, 12)  # the SSRC in an RTP packet
_REFUSALS = (Error, ValueError, TypeError)  # the last two: too long, not `bytes`


@dataclass(frozen=True, slots=True)
class _Profile:
    number: int
    key_octets: int  # key and salt


_PROFILES = {
    GCM: _Profile(Policy.SRTP_PROFILE_AEAD_AES_128_GCM, 28),
    INTEROP: _Profile(Policy.SRTP_PROFILE_AES128_CM_SHA1_80, 30),
}


def new_key(profile: str = GCM) -> bytes:
    """Key and salt in one, random; raises MalformedPacketError for an unknown profile."""
    return os.urandom(_known(profile).key_octets)


def mki(datagram: bytes) -> int:
    """The epoch that a voice datagram under AES-GCM claims to belong to. Never raises."""
    return int.from_bytes(datagram[-MKI_OCTETS:], "big")


class UplinkSender:
    """The client's side of its uplink key.

    Both methods raise LocalProtocolError for a packet that is too long or was sent before.
    """

    def __init__(self, key: bytes) -> None:
        self._session = Session(_policy(key, GCM, Policy.SSRC_ANY_OUTBOUND))
        self._bursts: deque[int] = deque()
        self._retired = _Retired()

    def protect_rtp(self, packet: bytes) -> bytes:
        """One packet of the burst that is being sent, or of the one before."""
        ssrc = int.from_bytes(packet[_SOURCE], "big")
        if ssrc not in self._bursts:
            self._begin_burst(ssrc)
        return _protect(self._session.protect, packet, LocalProtocolError)

    def protect_rtcp(self, packet: bytes) -> bytes:
        """One or more control messages."""
        return _protect(self._session.protect_rtcp, packet, LocalProtocolError)

    def _begin_burst(self, ssrc: int) -> None:
        if ssrc in self._retired:
            raise LocalProtocolError("A burst that is over must not go on.")
        self._bursts.append(ssrc)
        if len(self._bursts) > SENT_BURSTS:
            former = self._bursts.popleft()
            self._retired.add(former)
            _remove(self._session, former)


class _AddedSources:
    """Opens only what comes from sources that were added, one replay window for each."""

    def __init__(self, key: bytes) -> None:
        self._policy = _policy(key, GCM, Policy.SSRC_SPECIFIC)
        self._session = Session()
        self._sources: set[int] = set()
        self._retired = _Retired()

    def add_source(self, ssrc: int) -> None:
        """From now on packets with this SSRC are opened; one that was added stays as it is.

        Raises LocalProtocolError for one that was removed: its replay window is gone.
        """
        if ssrc in self._sources:
            return
        if ssrc in self._retired:
            raise LocalProtocolError("An SSRC must not come back under the same key.")
        self._policy.ssrc_value = ssrc
        self._session.add_stream(self._policy)
        self._sources.add(ssrc)

    def remove_source(self, ssrc: int) -> None:
        """Nothing with this SSRC is opened any more; one that is not there is no error."""
        if ssrc in self._sources:
            self._sources.remove(ssrc)
            self._retired.add(ssrc)
            self._session.remove_stream(ssrc)

    def unprotect_rtcp(self, datagram: bytes) -> bytes:
        """The control messages inside; raises only AuthenticationError and changes nothing then."""
        return _unprotect(self._session.unprotect_rtcp, datagram)


class UplinkReceiver(_AddedSources):
    """The server's side of one client's uplink key."""

    def unprotect_rtp(self, datagram: bytes) -> bytes:
        """The voice packet inside, never too long for a VoiceSender.

        Raises only AuthenticationError, and then nothing has changed.
        """
        return _unprotect(self._session.unprotect, datagram)


class ControlReceiver(_AddedSources):
    """The client's side of its control key."""


class ControlSender:
    """The server's side of one client's control key."""

    def __init__(self, key: bytes) -> None:
        self._session = Session(_policy(key, GCM, Policy.SSRC_ANY_OUTBOUND))

    def protect_rtcp(self, packet: bytes) -> bytes:
        """One or more control messages; raises LocalProtocolError if they are too long."""
        return _protect(self._session.protect_rtcp, packet, LocalProtocolError)


class VoiceSender:
    """The server's side of the key of one epoch; relays packets of many bursts.

    libsrtp's session, 5 KB, is made for the first packet: in most channels nobody ever talks.
    """

    def __init__(self, key: bytes, epoch: int, profile: str = GCM) -> None:
        self._policy = _policy(key, profile, Policy.SSRC_ANY_OUTBOUND)
        self._session: Session | None = None
        self._trailer = _trailer(epoch, profile)

    def protect(self, packet: bytes) -> bytes:
        """The datagram for all listeners, with its MKI.

        Raises MalformedPacketError for a packet that is too long or was relayed before: it is a
        talker's, and what is wrong with it is no fault of this side.
        """
        session = self._session or self._begin()
        return _protect(session.protect, packet, MalformedPacketError) + self._trailer

    def remove_source(self, ssrc: int) -> None:
        """This burst is over and its SSRC never comes back; one that never began is no error."""
        if self._session is not None:
            _remove(self._session, ssrc)

    def _begin(self) -> Session:
        self._session = Session(self._policy)
        return self._session


class VoiceReceiver:
    """A listener's side of the key of one epoch.

    A burst becomes known with its first authentic packet, so forged ones push out nobody. At most
    MAX_SOURCES bursts are known; one that was pushed out or removed is never opened again.
    """

    def __init__(self, key: bytes, epoch: int, profile: str = GCM) -> None:
        self._session = Session(_policy(key, profile, Policy.SSRC_ANY_INBOUND))
        self._trailer = _trailer(epoch, profile)
        self._known: dict[int, None] = {}  # in the order of their first packets
        self._retired = _Retired()

    def unprotect(self, datagram: bytes) -> bytes:
        """The voice packet inside; raises only AuthenticationError, and then nothing changed."""
        ssrc = int.from_bytes(datagram[_SOURCE], "big")
        if ssrc in self._retired:
            raise AuthenticationError("a voice packet of a burst that is over")
        packet = _unprotect(self._session.unprotect, self._without_mki(datagram))
        if ssrc not in self._known:
            self._learn(ssrc)
        return packet

    def remove_source(self, ssrc: int) -> None:
        """This burst is over: nothing of it is opened any more, be it new or a replay."""
        self._known.pop(ssrc, None)
        self._retired.add(ssrc)
        _remove(self._session, ssrc)

    def _without_mki(self, datagram: bytes) -> bytes:
        if not datagram.endswith(self._trailer):
            raise AuthenticationError("a voice packet of another epoch")
        return datagram[: len(datagram) - len(self._trailer)]

    def _learn(self, ssrc: int) -> None:
        self._known[ssrc] = None
        if len(self._known) > MAX_SOURCES:
            self.remove_source(next(iter(self._known)))


class _Retired:
    """SSRCs that must not come back; when there are too many, the oldest are forgotten."""

    def __init__(self) -> None:
        self._ssrcs: dict[int, None] = {}

    def __contains__(self, ssrc: int) -> bool:
        return ssrc in self._ssrcs

    def add(self, ssrc: int) -> None:
        self._ssrcs[ssrc] = None
        if len(self._ssrcs) > MAX_RETIRED:
            del self._ssrcs[next(iter(self._ssrcs))]


def _protect(
    protect: Callable[[bytes], bytes], packet: bytes, guilty: type[ProtocolError]
) -> bytes:
    try:
        return protect(packet)
    except _REFUSALS as error:
        raise guilty(f"a packet that SRTP does not send: {error}") from error


def _unprotect(unprotect: Callable[[bytes], bytes], datagram: bytes) -> bytes:
    if not MIN_PROTECTED <= len(datagram) <= MAX_PROTECTED:
        raise AuthenticationError(f"a protected packet of {len(datagram)} octets")
    try:
        return unprotect(datagram)
    except _REFUSALS as error:
        raise AuthenticationError(f"a packet that proves nothing: {error}") from error


def _remove(session: Session, ssrc: int) -> None:
    """Forget a source that may or may not be known to libsrtp."""
    try:
        session.remove_stream(ssrc)
    except Error:
        return


def _trailer(epoch: int, profile: str) -> bytes:
    return epoch.to_bytes(MKI_OCTETS, "big") if profile == GCM else b""


def _policy(key: bytes, profile: str, sources: int) -> Policy:
    known = _known(profile)
    if len(key) != known.key_octets:
        raise MalformedPacketError(
            f"A {profile} key has {known.key_octets} octets, not {len(key)}."
        )
    policy = Policy(key=key, ssrc_type=sources, srtp_profile=known.number)
    policy.window_size = REPLAY_WINDOW
    return policy


def _known(profile: str) -> _Profile:
    try:
        return _PROFILES[profile]
    except KeyError:
        raise MalformedPacketError(f"There is no voice profile {profile}.") from None
