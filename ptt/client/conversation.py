"""The engine as one machine: everything that comes in, and what follows from it.

    signalling, control, voice datagrams, key, microphone frames, time
        -> channels, own voice, listener -> surroundings

Pure: does not know sockets, tasks or the clock; see client.py for what drives it.
"""

from random import Random

from ptt.client.channel import Channel
from ptt.client.events import (
    ChannelLeft,
    ChannelsChanged,
    Connected,
    FloorDenied,
    HandsFreeChanged,
    TalkerChanged,
    VoiceDoubted,
    WaitingChanged,
)
from ptt.client.hands_free import HandsFree
from ptt.client.links import Links, ToSend
from ptt.client.listener import AskFloor, AskKey, Doubted, Heard, Listener, ListenOrder, Report
from ptt.client.outage import Outage
from ptt.client.own_voice import NO_CONNECTION, OwnVoice
from ptt.client.playback import Playback
from ptt.client.settings import Settings
from ptt.client.surroundings import Surroundings
from ptt.client.talker import Talker
from ptt.errors import RefusedError
from ptt.floor.notices import NobodyTalks, Notice, PermitGranted, TalkerIs, Transmit
from ptt.media.tones import Tone
from ptt.media.voice_processing import VoiceProcessing
from ptt.wire import signalling as wire
from ptt.wire.control import ControlMessage
from ptt.wire.floor import FloorIndicator
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.rtcp import ReceiverReport


class Conversation:
    """Everything that one client takes part in.

    `described`: the channels that this person may enter, by name; `channels`: those that the
    client is in; `wanted`: those that it is in or wants to be in again; `refusals`: sentences
    for those that it may not enter.
    """

    def __init__(self, settings: Settings, rng: Random, surroundings: Surroundings) -> None:
        self.person = ""
        self.described: dict[str, wire.ChannelDescription] = {}
        self.channels: dict[str, Channel] = {}
        self.wanted: dict[str, None] = {}
        self.presence = wire.Presence()
        self.refusals: dict[str, str] = {}
        self.listener = Listener(settings.step_samples)
        self.talker = Talker(settings, rng)
        self.own_voice = OwnVoice(self.talker, surroundings, self._carry_out, self.channels.get)
        self.playback = Playback(self.listener, self.own_voice, surroundings)
        self.playback.change(settings)
        self.links = Links(rng)
        self._outage = Outage()
        self._settings = settings
        self._processed = (False, False)
        self._process_voice(settings)
        self._out = surroundings
        self._me, self._server = 0, ""

    @property
    def connected(self) -> Connected:
        """The event that says so."""
        return Connected(self._server, self.person, tuple(self.described))

    @property
    def deadline(self) -> float:
        """Call `handle_deadline` no later than this."""
        participants = (channel.participant.deadline for channel in self.channels.values())
        own = min(self.own_voice.deadline, self._outage.deadline)
        return min(own, self.listener.deadline, self.links.deadline, *participants)

    def handle_deadline(self, now: float) -> None:
        """Do what is due."""
        self.own_voice.handle_deadline(now)
        self._play_tones(self._outage.handle_deadline(now))
        self._obey(self.listener.handle_deadline(now), now)
        for channel in list(self.channels.values()):
            if channel.participant.deadline <= now:
                self._carry_out(channel, channel.participant.handle_deadline(now), now)
        self._send(self.links.handle_deadline(now))

    # the person

    def change(self, settings: Settings, now: float) -> None:
        """From now on these settings hold. Raises ConfigError where an extra is missing."""
        self._process_voice(settings)
        voice, self._settings = self._settings.voice, settings
        self.talker.change(settings)
        self.playback.change(settings)
        hands_free = self.own_voice.hands_free
        if hands_free is not None and settings.voice != voice:
            self.own_voice.listen_for_voice(HandsFree(hands_free.channel, settings.voice), now)

    def _process_voice(self, settings: Settings) -> None:
        wanted = settings.noise_suppression, settings.gain_control
        if wanted != self._processed:
            self.own_voice.processing = VoiceProcessing(*wanted)
            self._processed = wanted

    def want(self, name: str) -> None:
        """Join this channel, now or as soon as there is a connection."""
        self.wanted[name] = None
        self.refusals.pop(name, None)
        if name in self.described and name not in self.channels:
            self._out.tell(wire.Join(channel=self.described[name].channel))

    def leave(self, name: str, now: float) -> None:
        """Be in this channel no more."""
        self._unwant(name, now)
        channel = self.channels.get(name)
        if channel is not None:
            self._out.tell(wire.Leave(channel=channel.number))
            self._drop(channel, now)
            self.playback.forget(channel.number)
            self._out.publish(ChannelLeft(name))

    def press(self, name: str, now: float, *, emergency: bool = False) -> None:
        """The key went down; raises RefusedError if nobody ever joined the channel."""
        if name not in self.wanted:
            raise RefusedError(f"You are not in the channel {name}: join it first.")
        channel = self.channels.get(name)
        if channel is None:
            self._out.play_tone(Tone.DENIED)
            self._out.publish(FloorDenied(name, "no-connection", NO_CONNECTION))
        else:
            self.listener.loudness.chosen = channel.number
            self.own_voice.press(channel, now, emergency=emergency)

    def release(self, now: float) -> None:
        """The key went up."""
        self.own_voice.release(now)

    def listen_for_voice(self, name: str | None, now: float) -> None:
        """A voice asks for the floor of this channel, without a key; None: of none.

        Raises RefusedError if nobody ever joined the channel, ConfigError without the detector.
        """
        if name is not None and name not in self.wanted:
            raise RefusedError(f"You are not in the channel {name}: join it first.")
        if name != self.hands_free:
            chosen = None if name is None else HandsFree(name, self._settings.voice)
            self.own_voice.listen_for_voice(chosen, now)
            self._out.publish(HandsFreeChanged(name))

    @property
    def hands_free(self) -> str | None:
        """Of which channel a voice asks for the floor."""
        hands_free = self.own_voice.hands_free
        return None if hands_free is None else hands_free.channel

    def note_played(self, frame: bytes) -> None:
        """The loudspeaker was given this frame, or half of one: the microphone will hear it."""
        if self.own_voice.hands_free is not None:
            self.own_voice.hands_free.note_played(frame)

    def lose_microphone(self, now: float) -> None:
        """The microphone is gone: nobody is to wait for a voice that cannot come."""
        self.own_voice.give_up(now)

    def wake_up(self, now: float) -> None:
        """The machine slept for a while: what was said meanwhile is history."""
        self.listener.forget_sound()
        self.own_voice.interrupt("The computer slept.", now)
        if self.hands_free is not None:  # nor is what the microphone heard then
            voice = HandsFree(self.hands_free, self._settings.voice)
            self.own_voice.listen_for_voice(voice, now)
        self.links.probe_now(now)

    # the switchboard

    def lose_media(self, sentence: str, now: float) -> None:
        """All keys and SSRCs are void: the session is gone."""
        self.links.close_all()
        self._watch_outage(now)
        for channel in list(self.channels.values()):
            self._drop(channel, now, sentence)

    def _change_link(self, media: wire.Media, now: float) -> None:
        """Keys and SSRCs are new at this floor server: its channels will be joined anew."""
        self.links.open(media.floor_server, media.ssrc, now)
        for channel in list(self.channels.values()):
            if channel.floor_server == media.floor_server:
                self._drop(channel, now, "The floor server was restarted.")

    def handle_signalling(self, message: wire.ServerMessage, now: float) -> None:
        """React to a message of the switchboard; one about a channel left meanwhile is void."""
        match message:
            case wire.Welcome():
                self._welcome(message)
            case wire.Media():
                self._change_link(message, now)
            case wire.Joined():
                self._join(message, now)
            case wire.Left(channel=number, sentence=sentence):
                self._leave(number, sentence, now)
            case wire.Refused(channel=int(number), sentence=sentence):
                self._refuse(number, sentence, now)
            case wire.Channels(channels=channels):
                self._describe(channels)
                self._out.publish(ChannelsChanged(tuple(self.described)))
            case wire.ChannelKey():
                self._add_key(message, now)
            case wire.Members() | wire.Waiting():
                self._change(message)
            case _:
                pass
        self._watch_outage(now)

    def _welcome(self, welcome: wire.Welcome) -> None:
        self._me, self.person = welcome.participant, welcome.person
        self._describe(welcome.channels)
        self._server = welcome.server
        self._out.publish(self.connected)
        if self.presence != wire.Presence():
            self._out.tell(self.presence)
        for name in self.wanted:
            self.want(name)

    def _describe(self, channels: list[wire.ChannelDescription]) -> None:
        self.described = {channel.name: channel for channel in channels}
        self.playback.describe(channels)
        for name, channel in self.channels.items():
            if name in self.described:
                channel.describe(self.described[name])

    def _join(self, joined: wire.Joined, now: float) -> None:
        description = self._description(joined.channel)
        if description is None or description.name not in self.wanted:
            return
        former = self.channels.get(description.name)
        if former is not None:
            self._drop(former, now)
        channel = Channel(description, joined, self._me)
        self.channels[channel.name] = channel
        self._out.publish(channel.joined)
        if channel.waiting:
            self._out.publish(WaitingChanged(channel.name, channel.waiting))
        self.own_voice.resume(channel, now)

    def _leave(self, number: int, sentence: str, now: float) -> None:
        channel = self._by_number(number)
        if channel is not None:
            self._unwant(channel.name, now)
            self.refusals[channel.name] = sentence
            self._drop(channel, now, sentence)
            self.playback.forget(number)
            self._out.publish(ChannelLeft(channel.name, sentence))

    def _refuse(self, number: int, sentence: str, now: float) -> None:
        description = self._description(number)
        if description is not None and description.name not in self.channels:
            self._unwant(description.name, now)
            self.refusals[description.name] = sentence
            self._out.publish(ChannelLeft(description.name, sentence))

    def _unwant(self, name: str, now: float) -> None:
        self.wanted.pop(name, None)
        if self.hands_free == name:
            self.listen_for_voice(None, now)

    def _add_key(self, key: wire.ChannelKey, now: float) -> None:
        self._obey(self.listener.add_key(key.channel, key.epoch, key.key, key.profile, now), now)
        self._out.tell(wire.KeyInUse(channel=key.channel, epoch=key.epoch))

    def _change(self, change: wire.Members | wire.Waiting) -> None:
        if (channel := self._by_number(change.channel)) is None:
            return
        if isinstance(change, wire.Members):
            channel.change_members(change)
            self._out.publish(channel.changed)
        else:
            channel.change_waiting(change)
            self._out.publish(WaitingChanged(channel.name, channel.waiting))

    def _drop(self, channel: Channel, now: float, sentence: str = "") -> None:
        if self.own_voice.channel is channel:
            self._outage.note_told()
        self.own_voice.lose(channel, "connection-lost", sentence)
        self._set_talker(channel, None)
        self.listener.drop_channel(channel.number)
        self.channels.pop(channel.name, None)
        self._watch_links(now)

    # the floor server

    def handle_control(self, floor_server: int, messages: list[ControlMessage], now: float) -> None:
        """React to authentic messages of a floor server, in order."""
        for message in messages:
            match message:
                case Probe() | ProbeReply() | Challenge() | ChallengeReply():
                    self._send(self.links.handle(floor_server, message, now))
                case ReceiverReport():
                    self._adapt(message, now)
                case _:
                    channel = self._by_ssrc(message.ssrc)
                    if channel is not None:
                        self._carry_out(channel, channel.participant.handle(message, now), now)

    def handle_voice(self, datagram: bytes, now: float) -> None:
        """React to a datagram that claims to be voice."""
        self._obey(self.listener.receive(datagram, now), now)

    def _adapt(self, report: ReceiverReport, now: float) -> None:
        channel = self._by_ssrc(report.ssrc)
        if channel is not None and channel is self.own_voice.channel and report.blocks:
            copies = channel.redundancy.handle_loss(report.blocks[0].fraction_lost, now)
            self.talker.set_copies(copies)

    def _carry_out(self, channel: Channel, notices: list[Notice], now: float) -> None:
        """What a participant decided."""
        for notice in notices:
            match notice:
                case Transmit(message=message):
                    self._out.send_control(channel.floor_server, message)
                case TalkerIs(talker=uri, burst=burst, indicator=indicator):
                    emergency = FloorIndicator.EMERGENCY_CALL in indicator
                    self._set_talker(channel, channel.name_of(uri), emergency=emergency)
                    if burst is not None:
                        announced = self.listener.announce(
                            channel.number,
                            burst,
                            now,
                            talker=uri or "",
                            person=channel.name_of(uri),
                            emergency=emergency,
                        )
                        self._obey(announced, now)
                case NobodyTalks():
                    self._obey(self.listener.end(channel.number, now), now)
                    self._set_talker(channel, None)
                case _:
                    if isinstance(notice, PermitGranted):
                        self._obey(self.listener.end(channel.number, now), now)
                        self._set_talker(channel, self.person)
                    self.own_voice.handle_notice(channel, notice, now)
        self._watch_links(now)

    def _obey(self, orders: list[ListenOrder], now: float) -> None:
        """What the listener wants."""
        for order in orders:
            if (channel := self._by_number(order.channel)) is None:
                continue
            match order:
                case Heard():
                    self.links.note_media(channel.floor_server, now)
                    self._carry_out(channel, channel.participant.handle_media(now), now)
                case AskFloor():
                    self._carry_out(channel, channel.participant.ask_state(), now)
                case AskKey():
                    self._out.tell(wire.AskKey(channel=channel.number))
                case Doubted():
                    self._out.publish(VoiceDoubted(channel.name, channel.talker))
                case Report(block=block):
                    self._send([(channel.floor_server, ReceiverReport(channel.ssrc, (block,)))])

    def _set_talker(self, channel: Channel, name: str | None, *, emergency: bool = False) -> None:
        if name != channel.talker:
            channel.talker = name
            self._out.publish(TalkerChanged(channel.name, name, emergency))

    def _watch_outage(self, now: float) -> None:
        """Whether the person is where they want to be."""
        up = len(self.links) > 0 and self.wanted.keys() <= self.channels.keys()
        self._play_tones(self._outage.note(up, now))

    def _play_tones(self, tones: list[Tone]) -> None:
        for tone in tones:
            self._out.play_tone(tone)

    def _watch_links(self, now: float) -> None:
        """Probe more often while somebody talks, and expect voice of bursts of others."""
        channels, expecting = self.channels.values(), self.listener.expecting
        self.links.expect(
            {each.floor_server for each in channels if each.talker},
            {each.floor_server for each in channels if each.number in expecting},
            now,
        )

    def _send(self, messages: ToSend) -> None:
        for floor_server, message in messages:
            self._out.send_control(floor_server, message)

    def _description(self, number: int) -> wire.ChannelDescription | None:
        return next((one for one in self.described.values() if one.channel == number), None)

    def _by_number(self, number: int) -> Channel | None:
        return next((one for one in self.channels.values() if one.number == number), None)

    def _by_ssrc(self, ssrc: int) -> Channel | None:
        return next((one for one in self.channels.values() if one.channel_ssrc == ssrc), None)
