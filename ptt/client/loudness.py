"""How loud each voice is heard beside the others: the person's wishes, and ducking. Pure.

Ducking, when it is wanted: while voices of several channels sound at once, one channel stays as
it is and all others are lowered. It is the channel with an emergency; else the chosen one, in
which this person pressed the key last; else the one whose burst began last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ptt.media.gain import Gain


@dataclass(eq=False, slots=True)
class Source:
    """One burst as it is heard: whose, where, since when."""

    channel: int
    person: str = ""
    began: float = 0.0
    emergency: bool = False
    gain: Gain = field(default_factory=Gain)


class Loudness:
    """What this person set. `chosen`: the number of the channel that is not lowered; `muted`:
    those of channels that are not heard at all."""

    def __init__(self) -> None:
        self.chosen: int | None = None
        self.muted: frozenset[int] = frozenset()
        self._volumes: Mapping[str, float] = {}
        self._ducking = 0.0

    def change(self, volumes: Mapping[str, float], ducking: float) -> None:
        """dB by name, and dB by which other channels are lowered (0: not at all)."""
        self._volumes, self._ducking = volumes, ducking

    def balance(self, heard: Sequence[tuple[Source, bytes]]) -> list[bytes]:
        """The frames that sound at the same time, each as loud as it should be."""
        if self.muted:
            heard = [voice for voice in heard if voice[0].channel not in self.muted]
        foremost = self._foremost(heard) if self._ducking else None
        return [
            source.gain.apply(frame, self.decibels(source, foremost)) for source, frame in heard
        ]

    def decibels(self, source: Source, foremost: int | None = None) -> float:
        """By how much this one is louder than it was sent, beside the channel `foremost`."""
        volume = self._volumes.get(source.person, 0.0)
        lowered = foremost is not None and source.channel != foremost
        return volume - self._ducking if lowered else volume

    def _foremost(self, heard: Sequence[tuple[Source, bytes]]) -> int | None:
        if not heard:
            return None
        sources = (source for source, _ in heard)
        return max(sources, key=lambda s: (s.emergency, s.channel == self.chosen, s.began)).channel
