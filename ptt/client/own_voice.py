"""The key, the floor and the microphone of this person: one press after another.

    press --> participant asks --> permit --> talker sends --> release --> tail --> Floor Release
    voice --^                                               silence --^

A key takes over what a voice began.

Joins talker.py (what is sent) with the floor participant of one channel (what is allowed) and
says what happened. Pure: the world is `surroundings`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ptt.client.channel import Channel
from ptt.client.events import (
    FloorDenied,
    FloorGranted,
    FloorQueued,
    FloorReleased,
    FloorRequested,
    FloorRevoked,
    OpenMicrophone,
    TalkLimitNear,
)
from ptt.client.hands_free import HandsFree
from ptt.client.surroundings import Surroundings
from ptt.client.talker import (
    GiveBack,
    Phase,
    SendVoice,
    Talker,
    TalkOrder,
    WarnOfLimit,
    WarnOfSilence,
)
from ptt.floor.notices import (
    Denied,
    LeftQueue,
    Notice,
    PermitGranted,
    Queued,
    Revoked,
    TimedOut,
)
from ptt.media.frames import FRAME_OCTETS
from ptt.media.tones import Tone
from ptt.media.voice_processing import VoiceProcessing
from ptt.wire.floor import DenyCause, RevokeCause

NO_CONNECTION = "There is no connection to the server at the moment."
NO_ANSWER = "The server does not answer: press again."


@dataclass(slots=True)
class _Press:
    """One press of the key, or one utterance without it."""

    channel: Channel
    pressed_at: float
    emergency: bool
    by_voice: bool
    granted_at: float | None = None
    position: int = 0


class OwnVoice:
    """What this person says, in one channel at a time.

    `carry_out(channel, notices, now)` takes what a participant decides and, for what concerns
    the own voice, comes back here with `handle_notice`; `find` gives the joined channel of a name.
    """

    def __init__(
        self,
        talker: Talker,
        surroundings: Surroundings,
        carry_out: Callable[[Channel, list[Notice], float], None],
        find: Callable[[str], Channel | None],
    ) -> None:
        self.talker = talker
        self.hands_free: HandsFree | None = None
        self.processing = VoiceProcessing(noise_suppression=False, gain_control=False)
        self._out = surroundings
        self._carry_out = carry_out
        self._find = find
        self._press: _Press | None = None
        self._interrupted: tuple[str, bool] | None = None
        self._rest = b""

    @property
    def channel(self) -> Channel | None:
        """Where the key is pressed or the last words are on their way."""
        return self._press.channel if self._press else None

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        return self.talker.deadline

    def press(self, channel: Channel, now: float, *, emergency: bool = False) -> None:
        """The key went down; in another channel than before: that burst ends at once."""
        self._interrupted = None
        if self._press is not None and self._press.channel is not channel:
            self.talker.cut()
            self._give_back(self._press, now)
        if self._press is None or self.talker.phase is Phase.IDLE:
            self._ask(_Press(channel, now, emergency, by_voice=False), now)
        else:
            self._take_over(self._press, emergency, now)

    def release(self, now: float) -> None:
        """The key went up."""
        self._interrupted = None
        self._obey(self.talker.key_up(now), now)

    def listen_for_voice(self, hands_free: HandsFree | None, now: float) -> None:
        """From now on a voice asks by itself, or does so no more."""
        if self._press is not None and self._press.by_voice:
            self.release(now)
        self.hands_free = hands_free
        self.talker.keep_open(hands_free is not None)

    def handle_frame(self, frame: bytes, now: float) -> None:
        """The microphone gave 20 ms, or half of that; halves go on alone while they are sent."""
        self._rest += frame
        halves = self.talker.sends_halves and self.hands_free is None
        if len(self._rest) < FRAME_OCTETS and not halves:
            return
        frame, self._rest = self._rest, b""
        if self.hands_free is not None:
            self._follow_voice(self.hands_free, frame, now)
        self._obey(self.talker.handle_frame(self.processing.process(frame), now), now)

    def handle_deadline(self, now: float) -> None:
        """Something of the talker is due."""
        self._obey(self.talker.handle_deadline(now), now)

    def handle_notice(self, channel: Channel, notice: Notice, now: float) -> None:
        """What the participant of the channel decided about this person's voice."""
        press = self._press
        if press is None or press.channel is not channel:
            if isinstance(notice, PermitGranted):  # for nobody: it must not stay with us
                self._carry_out(channel, channel.participant.release(now), now)
            return
        match notice:
            case PermitGranted():
                self._start(press, notice, now)
            case Queued(position=position):
                self._queue(press, position)
            case Denied(cause=cause, phrase=phrase):
                self._refuse(Tone.DENIED)
                self._out.publish(FloorDenied(channel.name, _word(cause), phrase))
            case TimedOut():
                self._refuse(Tone.DENIED)
                self._out.publish(FloorDenied(channel.name, "no-answer", NO_ANSWER))
            case Revoked(cause=cause, phrase=phrase):
                self._refuse(Tone.ENDED)
                self._out.publish(FloorRevoked(channel.name, _word(cause), phrase))
            case LeftQueue():
                self._end(None)
                self._publish_released(press, now)
            case _:  # Released: of a burst that ended here before the server knew
                pass

    def resume(self, channel: Channel, now: float) -> None:
        """The client is in the channel again: if the key is still down, so is the request."""
        if self._interrupted is not None and self._interrupted[0] == channel.name:
            self.press(channel, now, emergency=self._interrupted[1])

    def give_up(self, now: float) -> None:
        """There is no microphone any more: give the floor back at once."""
        self._interrupted = None
        if self._press is not None:
            if self.talker.phase is Phase.TALKING:
                self._out.play_tone(Tone.ENDED)
            self.talker.cut()
            self._give_back(self._press, now)

    def interrupt(self, sentence: str, now: float) -> None:
        """The burst is over for a reason of this machine; the key must be pressed again."""
        press = self._press
        if press is not None:
            self.lose(press.channel, "interrupted", sentence)
            self._interrupted = None
            self._carry_out(press.channel, press.channel.participant.release(now), now)

    def lose(self, channel: Channel, cause: str, sentence: str) -> None:
        """The way to the floor is gone: with the connection, or with the right to be there."""
        if self._press is not None and self._press.channel is channel:
            if self.talker.phase is not Phase.FINISHING and not self._press.by_voice:
                self._interrupted = (channel.name, self._press.emergency)
            self._end(Tone.LOST if cause == "connection-lost" else Tone.ENDED)
            self._out.publish(FloorRevoked(channel.name, cause, sentence))

    def _ask(self, press: _Press, now: float) -> None:
        self._press = press
        channel = press.channel
        self._out.publish(FloorRequested(channel.name, press.by_voice))
        if not self.talker.wants_microphone:
            self._rest = b""  # of when it was open before
        self.talker.key_down()
        self._carry_out(channel, self._request(press, now), now)

    def _request(self, press: _Press, now: float) -> list[Notice]:
        participant = press.channel.participant
        return participant.press(now, emergency=press.emergency, by_voice=press.by_voice)

    def _take_over(self, press: _Press, emergency: bool, now: float) -> None:
        """The key is down although something is said already, or waits for the floor."""
        if (
            emergency
            and not press.emergency
            and self.talker.phase in (Phase.TALKING, Phase.FINISHING)
        ):
            self.talker.cut()
            self._give_back(press, now)
            self._ask(_Press(press.channel, now, emergency, by_voice=False), now)
            return
        press.by_voice = False
        press.emergency |= emergency
        self.talker.key_down()
        if self.talker.phase in (Phase.ASKING, Phase.QUEUED):
            self._carry_out(press.channel, self._request(press, now), now)

    def _follow_voice(self, hands_free: HandsFree, frame: bytes, now: float) -> None:
        hands_free.handle_frame(frame, now)
        press = self._press
        if press is None:
            self._begin_by_voice(hands_free, now)
        elif press.by_voice and hands_free.speaking:
            self.talker.key_down()  # it may have been about to finish
        elif press.by_voice and self.talker.phase is not Phase.FINISHING:
            hands_free.note_end(now)
            self.release(now)

    def _begin_by_voice(self, hands_free: HandsFree, now: float) -> None:
        channel = self._find(hands_free.channel)
        if channel is not None and channel.may_talk and hands_free.wants_floor(now):
            self._ask(_Press(channel, now, emergency=False, by_voice=True), now)
        else:
            self.talker.keep_waiting_voice(hands_free.speaking)

    def _obey(self, orders: list[TalkOrder], now: float) -> None:
        for order in orders:
            match order:
                case SendVoice(packet=packet) if self._press is not None:
                    self._out.send_voice(self._press.channel.floor_server, packet)
                case GiveBack() if self._press is not None:
                    self._give_back(self._press, now)
                case WarnOfLimit(seconds=seconds) if self._press is not None:
                    self._out.play_tone(Tone.LIMIT_NEAR)
                    self._out.publish(TalkLimitNear(self._press.channel.name, seconds))
                case WarnOfSilence(seconds=seconds) if self._press is not None:
                    self._out.play_tone(Tone.LIMIT_NEAR)
                    self._out.publish(OpenMicrophone(self._press.channel.name, seconds))
                case _:
                    pass

    def _start(self, press: _Press, permit: PermitGranted, now: float) -> None:
        press.granted_at = now
        channel = press.channel
        orders = self.talker.granted(
            permit.burst,
            permit.duration,
            now,
            frames_per_packet=channel.begin_burst(),
            copies=channel.redundancy.copies,
        )
        self._obey(orders, now)
        self._out.play_tone(Tone.YOUR_TURN if permit.from_queue else Tone.GRANTED)
        self._out.publish(
            FloorGranted(channel.name, now - press.pressed_at, permit.duration, permit.from_queue)
        )

    def _queue(self, press: _Press, position: int) -> None:
        self.talker.queued()
        if not press.position:
            self._out.play_tone(Tone.QUEUED)
        press.position = position
        before = press.channel.before(position)
        self._out.publish(FloorQueued(press.channel.name, position, before))

    def _give_back(self, press: _Press, now: float) -> None:
        self._press = None
        self._carry_out(press.channel, press.channel.participant.release(now), now)
        self._publish_released(press, now)

    def _publish_released(self, press: _Press, now: float) -> None:
        seconds = now - press.granted_at if press.granted_at is not None else 0.0
        self._out.publish(FloorReleased(press.channel.name, seconds))

    def _refuse(self, tone: Tone) -> None:
        self._end(tone)
        if self.hands_free is not None:
            self.hands_free.note_refusal()

    def _end(self, tone: Tone | None) -> None:
        self._press = None
        self.talker.cut()
        if tone is not None:
            self._out.play_tone(tone)


def _word(cause: DenyCause | RevokeCause) -> str:
    return cause.name.lower().replace("_", "-")
