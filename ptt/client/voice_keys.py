"""The keys of other people's voice that this client holds, found by what a datagram carries.

A `gcm` datagram ends with the epoch (MKI), which names channel and key. An `interop` datagram
does not: there the burst, once announced, names the channel, and its keys are tried newest first.
Which epochs are kept for how long is decided in ptt/security/epochs.py.
"""

from collections import defaultdict
from dataclasses import dataclass
from math import inf

from ptt.security.epochs import KeyRing
from ptt.security.srtp import INTEROP, VoiceReceiver, mki
from ptt.wire.rtp import RtpPacket, parse_rtp_untrusted


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
        self._rings: defaultdict[int, KeyRing[VoiceKey]] = defaultdict(KeyRing)

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return min((ring.deadline for ring in self._rings.values()), default=inf)

    def handle_deadline(self, now: float) -> None:
        """Forget former keys."""
        for ring in self._rings.values():
            ring.handle_deadline(now)

    def add(self, channel: int, epoch: int, key: bytes, profile: str) -> None:
        """A new epoch of the channel; one that was told before stays as it is.

        Raises MalformedPacketError for a key that is none.
        """
        receiver = VoiceReceiver(key, epoch, profile)
        self._rings[channel].add(epoch, VoiceKey(channel, epoch, profile, receiver))

    def drop(self, channel: int) -> None:
        """Forget all keys of the channel."""
        self._rings.pop(channel, None)

    def candidates(self, datagram: bytes, channel: int | None) -> list[VoiceKey]:
        """Keys that may open it; `channel` is that of its burst, if it was announced."""
        epoch = mki(datagram)
        for ring in self._rings.values():
            named = ring.find(epoch)
            if named is not None and named.profile != INTEROP:
                return [named]
        ring = self._rings.get(channel, KeyRing()) if channel is not None else KeyRing()
        return [key for key in ring if key.profile == INTEROP]

    def note_use(self, key: VoiceKey, now: float) -> None:
        """An authentic packet came under this key: older ones are former from now on."""
        self._rings[key.channel].note_use(key.epoch, now)

    def interop_channels(self) -> set[int]:
        """Channels whose datagrams do not name their key."""
        keys = (key for ring in self._rings.values() for key in ring)
        return {key.channel for key in keys if key.profile == INTEROP}
