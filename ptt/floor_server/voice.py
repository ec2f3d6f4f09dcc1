"""The keys of one channel's voice, and which of them protects the burst that runs.

    AddEpoch --> newest --at the next burst--> current
                        --UseEpoch, inside a burst--> current     (not for interop)

A receiver of the `interop` profile is told no epoch by the packets, so there the key changes only
between bursts. In strict channels every listener has its own key, and no epoch is the channel's.
"""

from collections.abc import Iterator

from ptt.floor.actions import ParticipantId
from ptt.security.srtp import INTEROP, VoiceSender


class ChannelVoice:
    """Senders of one channel: `current` is None as long as there is no key."""

    def __init__(self, profile: str, *, strict: bool) -> None:
        self.profile = profile
        self.strict = strict
        self.current: VoiceSender | None = None
        self._newer: dict[int, VoiceSender] = {}
        self._own: dict[ParticipantId, tuple[int, VoiceSender]] = {}

    def add_epoch(self, epoch: int, key: bytes) -> None:
        """A new key for everybody; the first one is current at once."""
        sender = VoiceSender(key, epoch, self.profile)
        if self.current is None:
            self.current = sender
        else:
            self._newer[epoch] = sender

    def use_epoch(self, epoch: int) -> bool:
        """Everybody has the key of `epoch`; returns whether it became the current one."""
        if self.profile == INTEROP or epoch not in self._newer:
            return False
        for number in list(self._newer):  # those before it will not be used any more
            self.current = self._newer.pop(number)
            if number == epoch:
                break
        return True

    def begin_burst(self) -> None:
        """The newest key is used from here on."""
        if self._newer:
            _, self.current = self._newer.popitem()
            self._newer.clear()

    def end_burst(self, ssrc: int) -> None:
        """No packet with this SSRC will be sent any more: libsrtp need not remember it."""
        for sender in self._senders():
            sender.remove_source(ssrc)

    def set_own(self, listener: ParticipantId, epoch: int, key: bytes | None) -> None:
        """The listener's own key in a strict channel; a new one is used at once."""
        if key is None:
            self._own.pop(listener, None)
        elif self._own.get(listener, (None,))[0] != epoch:
            self._own[listener] = (epoch, VoiceSender(key, epoch, self.profile))

    def own(self, listener: ParticipantId) -> VoiceSender | None:
        """The sender for one listener of a strict channel."""
        known = self._own.get(listener)
        return None if known is None else known[1]

    def _senders(self) -> Iterator[VoiceSender]:
        if self.current is not None:
            yield self.current
        yield from self._newer.values()
        for _, sender in self._own.values():
            yield sender
