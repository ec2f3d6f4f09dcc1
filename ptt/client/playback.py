"""What the loudspeaker gets, 20 ms at a time, but for the tones: live voices, or a replay.

    listener --live voices--+--> recorders
                            +--> loudspeaker
    replay --if nobody talks--------^

A live voice ends a replay, and so does the own key. Pure.
"""

from collections.abc import Callable, Collection
from math import inf

from ptt.client.events import ReplayEnded, ReplayStarted
from ptt.client.listener import Listener
from ptt.client.loudness import Source
from ptt.client.own_voice import OwnVoice
from ptt.client.replay import Replay
from ptt.client.settings import Settings
from ptt.client.surroundings import Surroundings
from ptt.client.talker import Phase
from ptt.media.frames import FRAME_SECONDS
from ptt.media.mixer import mix
from ptt.media.tones import Tone
from ptt.wire.rtp import RtpPacket
from ptt.wire.signalling import ChannelDescription

# Implementation
_EARLY = 0.010  # s by which a loudspeaker may ask too early for a frame

Recorder = Callable[[bytes], None]


class Playback:
    """`recorders` get each frame of live voices, silence included, without tones and replays."""

    def __init__(self, listener: Listener, own_voice: OwnVoice, surroundings: Surroundings) -> None:
        self.recorders: list[Recorder] = []
        self._listener = listener
        self._own_voice = own_voice
        self._out = surroundings
        self._replay = Replay(listener.kept, listener.step_samples)
        self._source = Source(channel=0)
        self._name = ""
        self._live = False
        self._recorded_until = -inf
        self._numbers: dict[str, int] = {}
        self._muted: frozenset[str] = frozenset()

    def play(self, now: float) -> list[bytes]:
        """The frames that sound next."""
        live = self._listener.play(now)
        self._live = bool(live)
        self._tell_ends()
        if self.recorders:
            self._record(live, now)
        return live if self._replay.channel is None else live + self._replayed(now)

    def waits(self, now: float) -> bool:
        """A burst begins any moment: what is played meanwhile is to be short.

        Whoever plays 20 ms of silence now makes the whole burst later by as much as that. But
        hands-free, what is played and what is heard go in step (echo_gate.py).
        """
        idle = self._replay.channel is None and self._own_voice.hands_free is None
        return idle and self._listener.is_about_to_sound(now)

    @property
    def rests(self) -> bool:
        """Nothing sounds before something else happens, and nobody counts the frames."""
        idle = self._replay.channel is None and self._own_voice.hands_free is None
        return idle and self._listener.is_silent and not self.recorders

    def note_sent(self, packet: RtpPacket, person: str, now: float) -> None:
        """Voice of this person was sent: it may be heard again as well."""
        if self._own_voice.channel is not None:
            self._listener.kept.add(self._own_voice.channel.number, person, packet, now)

    def replay(self, name: str, channel: int, now: float) -> bool:
        """Play the channel's last burst again; False if nothing is kept or somebody talks."""
        if self._is_busy:
            return False
        before = self._replay.channel
        burst = self._replay.start(channel, now)
        if burst is None:
            return False
        if before is not None:
            self._out.publish(ReplayEnded(self._name))
        self._name = name
        self._source = Source(channel, burst.talker)
        ago = now - burst.began
        self._out.publish(ReplayStarted(name, burst.talker, ago, burst.seconds))
        return True

    def change(self, settings: Settings) -> None:
        """How loud voices are from now on, and which channels are not heard."""
        self._listener.loudness.change(settings.volumes, settings.ducking)
        self._muted = settings.muted
        self._mute()

    def describe(self, channels: Collection[ChannelDescription]) -> None:
        """The channels that this person may enter."""
        self._numbers = {each.name: each.channel for each in channels}
        self.permit_replay({each.channel for each in channels if each.replay})
        self._mute()

    def _mute(self) -> None:
        numbers = {self._numbers[name] for name in self._muted if name in self._numbers}
        self._listener.loudness.muted = frozenset(numbers)

    def permit_replay(self, channels: set[int]) -> None:
        """Only these channels may be played again; of others nothing stays, nothing sounds on."""
        self._listener.kept.permit(channels)
        if self._replay.channel not in channels:
            self._stop()

    def forget(self, channel: int) -> None:
        """The person is in the channel no more."""
        self._listener.kept.forget(channel)
        if self._replay.channel == channel:
            self._stop()

    @property
    def _is_busy(self) -> bool:
        talks = self._own_voice.talker.phase is not Phase.IDLE
        return self._live or bool(self._listener.expecting) or talks

    def _record(self, live: list[bytes], now: float) -> None:
        """Whatever the loudspeaker's steps are, silence is recorded in whole frames."""
        if not live and now < self._recorded_until:
            return
        self._recorded_until = now + FRAME_SECONDS - _EARLY
        frame = mix(live)
        for record in list(self.recorders):
            record(frame)

    def _tell_ends(self) -> None:
        """A tone for each burst that was heard out, unless the floor is one's own by now."""
        own = self._own_voice.channel
        mine = own.number if own and self._own_voice.talker.phase is Phase.TALKING else None
        for channel in self._listener.take_over():
            if channel != mine and channel not in self._listener.loudness.muted:
                self._out.play_tone(Tone.ENDED)

    def _replayed(self, now: float) -> list[bytes]:
        if self._is_busy:
            self._stop()
            return []
        frame = self._replay.play()
        if frame is None:
            self._stop(heard_out_at=now)
            return []
        return [self._source.gain.apply(frame, self._listener.loudness.decibels(self._source))]

    def _stop(self, heard_out_at: float = -inf) -> None:
        if self._replay.channel is not None:
            self._replay.stop(heard_out_at)
            self._out.publish(ReplayEnded(self._name))
