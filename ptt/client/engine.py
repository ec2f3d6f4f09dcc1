"""Drives the conversation: the tasks, the clock and the sockets around one pure machine.

session task --+
datagram task -+--> conversation --> events, messages, packets, tones
clock task ----+        ^    |
microphone ----frames---+    +--frames--> loudspeaker
"""

from random import Random

import trio

from ptt.client.audio_ports import Loudspeaker, Microphone
from ptt.client.connection import Connection
from ptt.client.conversation import Conversation
from ptt.client.credentials import Credential
from ptt.client.event_stream import EventPublisher
from ptt.client.events import AudioFailed, ConnectionLost, Event
from ptt.client.media_links import MediaLinks
from ptt.client.network import Network
from ptt.client.settings import Settings
from ptt.client.sound import LoudspeakerDriver, MicrophoneDriver
from ptt.client.talker import Phase
from ptt.client.tone_player import TonePlayer
from ptt.media.tones import Tone
from ptt.wire.control import ControlMessage
from ptt.wire.rtp import RtpPacket
from ptt.wire.signalling import ClientMessage, Joined, Media, ServerMessage, Welcome

# Implementation
HEARTBEAT = 0.5  # s; the clock task looks at least so often
SLEPT = 1.5  # s between two heartbeats: the process or the machine stood still
STALE = 0.05  # s after that in which what comes is old voice from the socket's buffer
ADDRESS_DOUBT = 4  # unanswered probes until the own address is looked at


class Engine:
    """One client. `network` and `rng` are arguments so that tests have neither world nor chance."""

    def __init__(
        self,
        credential: Credential,
        network: Network,
        microphone: Microphone,
        loudspeaker: Loudspeaker,
        settings: Settings,
        rng: Random,
    ) -> None:
        self.publisher = EventPublisher()
        self.conversation = Conversation(settings, rng, self)
        self.changed = trio.Event()
        self.connected = False
        self._tones = TonePlayer(settings)
        self._loudspeaker = LoudspeakerDriver(
            loudspeaker,
            voices=self.conversation.playback.play,
            tones=self._tones,
            failed=self._report_device,
            played=self.conversation.note_played,
            waits=self.conversation.playback.waits,
            rests=lambda: self.conversation.playback.rests,
        )
        self._connection = Connection(
            network,
            credential,
            settings.software,
            rng,
            received=self._handle_signalling,
            lost=self._lose_connection,
        )
        self._microphone = MicrophoneDriver(
            microphone,
            wanted=lambda: self.conversation.talker.wants_microphone,
            frame=self._handle_frame,
            failed=self._report_device,
            lost=self._lose_microphone,
        )
        self._links = MediaLinks(network, self._handle_control, self._handle_voice)
        self._clock_woken = trio.Event()
        self._clock_sleeps_until = 0.0
        self._stale_until = 0.0

    async def run(self, patient: bool) -> None:
        """Until cancelled; raises what Connection.run raises."""
        async with trio.open_nursery() as nursery:
            await nursery.start(self._links.run)
            nursery.start_soon(self._run_clock)
            nursery.start_soon(self._microphone.run)
            nursery.start_soon(self._loudspeaker.run)
            await self._connection.run(patient=patient)

    def change(self, settings: Settings) -> None:
        """From now on these settings hold."""
        self._tones.change(settings)
        self.conversation.change(settings, trio.current_time())
        self.settle()

    def use(self, microphone: Microphone | None, loudspeaker: Loudspeaker | None) -> None:
        """These devices from now on; None: the one that is in use."""
        if microphone is not None:
            self._microphone.use(microphone)
        if loudspeaker is not None:
            self._loudspeaker.use(loudspeaker)

    def settle(self) -> None:
        """Something was changed from outside: timers, microphone and those who wait look again."""
        self._clock_woken.set()
        self._microphone.wake()
        self._loudspeaker.wake()
        self.changed.set()
        self.changed = trio.Event()

    # what the conversation can do to the world (surroundings.py)

    def publish(self, event: Event) -> None:
        """Tell all faces."""
        self.publisher.publish(event)

    def tell(self, message: ClientMessage) -> None:
        """Send to the switchboard."""
        self._connection.tell(message)

    def send_control(self, floor_server: int, message: ControlMessage) -> None:
        """Send to this floor server."""
        if link := self._links.get(floor_server):
            link.send_control(message)

    def send_voice(self, floor_server: int, packet: RtpPacket) -> None:
        """Send to this floor server."""
        if link := self._links.get(floor_server):
            link.send_voice(packet)
            self.conversation.playback.note_sent(
                packet, self.conversation.person, trio.current_time()
            )

    def play_tone(self, tone: Tone) -> None:
        """Into the own loudspeaker."""
        self._tones.play(tone)
        self._loudspeaker.wake()

    # what comes in

    def _handle_signalling(self, message: ServerMessage) -> None:
        match message:
            case Welcome():
                self.connected = True
            case Media():
                self._links.open(message, self._connection.peer_host)
            case Joined():
                if link := self._links.get(message.floor_server):
                    link.listen_to(message.channel_ssrc)
            case _:
                pass
        self.conversation.handle_signalling(message, trio.current_time())
        self.settle()

    def _lose_connection(self, sentence: str, retry_in: float) -> None:
        self.connected = False
        self._links.close_all()
        self.conversation.lose_media(sentence, trio.current_time())
        self.publish(ConnectionLost(sentence, retry_in))
        self.settle()

    def _handle_control(self, floor_server: int, messages: list[ControlMessage]) -> None:
        self.conversation.handle_control(floor_server, messages, trio.current_time())
        self.settle()

    def _handle_voice(self, datagram: bytes) -> None:
        now = trio.current_time()
        if now >= self._stale_until:
            self.conversation.handle_voice(datagram, now)
            self._hurry_clock()

    def _handle_frame(self, frame: bytes) -> None:
        self.conversation.own_voice.handle_frame(frame, trio.current_time())
        self._hurry_clock()

    def _hurry_clock(self) -> None:
        """Wake the clock task only if something is due sooner: this runs with every packet."""
        if self.conversation.deadline < self._clock_sleeps_until:
            self._clock_woken.set()

    def _lose_microphone(self) -> bool:
        talking = self.conversation.talker.phase is not Phase.IDLE
        self.conversation.lose_microphone(trio.current_time())
        self.settle()
        return talking

    def _report_device(self, sentence: str) -> None:
        self.publish(AudioFailed(sentence))

    # tasks

    async def _run_clock(self) -> None:
        before = trio.current_time()
        while True:
            self._clock_woken = trio.Event()
            self._clock_sleeps_until = min(self.conversation.deadline, before + HEARTBEAT)
            with trio.move_on_at(self._clock_sleeps_until):
                await self._clock_woken.wait()
            now = trio.current_time()
            if now - before > SLEPT:
                self._stale_until = now + STALE
                self.conversation.wake_up(now)
            before = now
            self._care_for_links(now)
            self.conversation.handle_deadline(now)
            self._microphone.wake()

    def _care_for_links(self, now: float) -> None:
        for floor_server, link in self._links:
            watch = self.conversation.links.get(floor_server)
            if watch is not None and watch.state.unanswered >= ADDRESS_DOUBT:
                link.follow_address()
        if self.conversation.links.are_dead(now):
            self._connection.give_up()
