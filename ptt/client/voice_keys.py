"""The keys of other people's voice that this client holds, found by what a datagram carries.

A `gcm` datagram ends with the epoch (MKI), which names channel and key. An `interop` datagram
does not: there the burst, once announced, names the channel, and its keys are tried newest first.
Of each channel the newest epochs are kept, so that a change inside a burst loses nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ptt.security.srtp import INTEROP, VoiceReceiver, mki
from ptt.wire.rtp import RtpPacket, parse_rtp_untrusted

# Implementation
KEPT_EPOCHS = 3  # former, current and next


@dataclass(frozen=True, slots=True)
class VoiceKey:
    """One epoch of one channel."""

    channel: int
    epoch: int
    profile: str
    _receiver: VoiceReceiver

    def open_untrusted(self, datagram: bytes) -> RtpPacket:
        """The packet inside; raises AuthenticationError or MalformedPacketError."""
        return parse_rtp_untrusted(self._receiver.unprotect(datagram))


class VoiceKeys:
    """All of them; dropping a channel drops its keys."""

    def __init__(self) -> None:
        self._by_epoch: dict[int, VoiceKey] = {}

    def add(self, channel: int, epoch: int, key: bytes, profile: str) -> None:
        """A new epoch of the channel; the oldest beyond KEPT_EPOCHS goes.

        Raises MalformedPacketError for a key that is none.
        """
        if epoch in self._by_epoch:
            return  # told twice: a second receiver with a used key would forget what it saw
        self._by_epoch[epoch] = VoiceKey(
            channel, epoch, profile, VoiceReceiver(key, epoch, profile)
        )
        for old in list(self._of(channel))[KEPT_EPOCHS:]:
            del self._by_epoch[old.epoch]

    def drop(self, channel: int) -> None:
        """Forget all keys of the channel."""
        for old in list(self._of(channel)):
            del self._by_epoch[old.epoch]

    def candidates(self, datagram: bytes, channel: int | None) -> list[VoiceKey]:
        """Keys that may open it; `channel` is that of its burst, if it was announced."""
        named = self._by_epoch.get(mki(datagram))
        if named is not None and named.profile != INTEROP:
            return [named]
        if channel is None:
            return []
        return [key for key in self._of(channel) if key.profile == INTEROP]

    def interop_channels(self) -> set[int]:
        """Channels whose datagrams do not name their key."""
        return {key.channel for key in self._by_epoch.values() if key.profile == INTEROP}

    def _of(self, channel: int) -> Iterator[VoiceKey]:
        """Newest first."""
        return (key for key in reversed(self._by_epoch.values()) if key.channel == channel)
