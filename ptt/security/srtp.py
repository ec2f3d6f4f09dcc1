"""SRTP and SRTCP by libsrtp (RFC 3711, RFC 7714): the only door to pylibsrtp.

Three kinds of keys, one direction each, never one key with two senders:

    uplink   client -> server    UplinkSender  -> UplinkReceiver    voice and control
    control  server -> client    ControlSender -> ControlReceiver   floor and link control
    voice    server -> channel   VoiceSender   -> VoiceReceiver     one session for each epoch

Receivers know the SSRCs that may come: libsrtp looks its streams up one by one, so an SSRC that
nobody announced must be dropped before it gets here, and one that is over must be removed. It
must never be added again under the same key: its replay window would start anew. A packet that
fails changes nothing. Sessions are not for two threads.
"""

import os
from collections.abc import Callable
from contextlib import suppress

from pylibsrtp import Error, Policy, Session

from ptt.errors import AuthenticationError, LocalProtocolError

# Specification
GCM = "gcm"  # AEAD_AES_128_GCM, RFC 7714: 16 octets key, 12 salt, tag of 16
INTEROP = "interop"  # AES_CM_128_HMAC_SHA1_80, RFC 3711: 16 octets key, 14 salt, tag of 10
KEY_OCTETS = {GCM: 28, INTEROP: 30}
MKI_OCTETS = 4  # RFC 3711, 3.1: after the tag, not authenticated
# Implementation
REPLAY_WINDOW = 1024  # packets of one SSRC; libsrtp's own 128 is too small behind a full queue

_PROFILES = {
    GCM: Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
    INTEROP: Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
}


def new_key(profile: str = GCM) -> bytes:
    """A fresh random key with its salt behind it."""
    return os.urandom(KEY_OCTETS[profile])


def mki(datagram: bytes) -> int:
    """The epoch that a voice packet of the `gcm` profile names: its last four octets."""
    return int.from_bytes(datagram[-MKI_OCTETS:], "big")


class _Sender:
    """Protects under one key, whatever the SSRC."""

    def __init__(self, key: bytes, profile: str = GCM) -> None:
        self._session = Session(_policy(key, profile, Policy.SSRC_ANY_OUTBOUND))

    def protect_rtcp(self, packet: bytes) -> bytes:
        """SRTCP of one RTCP packet; raises LocalProtocolError if libsrtp refuses it."""
        return _protect(self._session.protect_rtcp, packet)

    def protect_rtp(self, packet: bytes) -> bytes:
        """SRTP of one RTP packet; raises LocalProtocolError if libsrtp refuses it."""
        return _protect(self._session.protect, packet)

    def remove_source(self, ssrc: int) -> None:
        """The burst is over; its SSRC must not be used again under this key."""
        _forget(self._session, ssrc)


class _Receiver:
    """Opens what announced SSRCs sent under one key."""

    def __init__(self, key: bytes, profile: str = GCM) -> None:
        self._key = key
        self._profile = profile
        self._session = Session()

    def add_source(self, ssrc: int) -> None:
        """Packets with this SSRC may come; once in the life of the key."""
        self._session.add_stream(_policy(self._key, self._profile, Policy.SSRC_SPECIFIC, ssrc))

    def remove_source(self, ssrc: int) -> None:
        """No more packets with this SSRC; one that is not there is no error."""
        _forget(self._session, ssrc)

    def unprotect_rtcp(self, packet: bytes) -> bytes:
        """The RTCP packet inside; raises only AuthenticationError."""
        return _unprotect(self._session.unprotect_rtcp, packet)

    def unprotect_rtp(self, packet: bytes) -> bytes:
        """The RTP packet inside; raises only AuthenticationError."""
        return _unprotect(self._session.unprotect, packet)


class UplinkSender(_Sender):
    """The client's side of its uplink key."""


class ControlSender(_Sender):
    """The server's side of a client's control key."""


class UplinkReceiver(_Receiver):
    """The server's side of a client's uplink key."""


class ControlReceiver(_Receiver):
    """The client's side of its control key."""


class VoiceSender:
    """The server's side of a voice key: one channel's, or in strict channels one listener's."""

    def __init__(self, key: bytes, epoch: int, profile: str = GCM) -> None:
        self.epoch = epoch
        self._sender = _Sender(key, profile)
        self._mki = epoch.to_bytes(MKI_OCTETS, "big") if profile == GCM else b""

    def protect(self, packet: bytes) -> bytes:
        """SRTP of one RTP packet, MKI included; raises LocalProtocolError if refused."""
        return self._sender.protect_rtp(packet) + self._mki

    def remove_source(self, ssrc: int) -> None:
        """The burst is over; its SSRC must not be used again under this key."""
        self._sender.remove_source(ssrc)


class VoiceReceiver:
    """The client's side of a voice key."""

    def __init__(self, key: bytes, epoch: int, profile: str = GCM) -> None:
        self.epoch = epoch
        self._receiver = _Receiver(key, profile)
        self._trailer = MKI_OCTETS if profile == GCM else 0

    def add_source(self, ssrc: int) -> None:
        """A burst with this SSRC may come; once in the life of the key."""
        self._receiver.add_source(ssrc)

    def remove_source(self, ssrc: int) -> None:
        """The burst is over; one that is not there is no error."""
        self._receiver.remove_source(ssrc)

    def unprotect(self, datagram: bytes) -> bytes:
        """The RTP packet inside; raises only AuthenticationError."""
        return self._receiver.unprotect_rtp(datagram[: len(datagram) - self._trailer])


def _policy(key: bytes, profile: str, ssrc_type: int, ssrc: int = 0) -> Policy:
    if len(key) != KEY_OCTETS[profile]:
        raise LocalProtocolError(
            f"A key of the profile {profile} has {KEY_OCTETS[profile]} octets."
        )
    policy = Policy(key, ssrc_type, ssrc, _PROFILES[profile])
    policy.window_size = REPLAY_WINDOW
    return policy


def _protect(step: Callable[[bytes], bytes], packet: bytes) -> bytes:
    try:
        return step(packet)
    except (Error, ValueError, TypeError) as error:
        raise LocalProtocolError(f"libsrtp does not protect this: {error}") from error


def _unprotect(step: Callable[[bytes], bytes], packet: bytes) -> bytes:
    try:
        return step(packet)
    except (Error, ValueError, TypeError) as error:
        raise AuthenticationError(f"not from whom it claims, or seen before: {error}") from error


def _forget(session: Session, ssrc: int) -> None:
    with suppress(Error):
        session.remove_stream(ssrc)
