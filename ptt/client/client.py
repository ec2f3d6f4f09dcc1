"""The engine without a face: what desktop window, console, bots and load generators use.

    async with open_client(credential, microphone=..., loudspeaker=...) as client:
        await client.join("Workshop")
        client.press("Workshop")
        ...
        client.release()

All calls belong into the Trio task tree in which the client was opened; none of them blocks it.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from random import Random, SystemRandom

import trio

from ptt.client.audio_files import SilentLoudspeaker, SilentMicrophone
from ptt.client.audio_ports import Loudspeaker, Microphone
from ptt.client.credentials import Credential
from ptt.client.engine import Engine
from ptt.client.event_stream import EventStream
from ptt.client.events import AudioChanged
from ptt.client.groups import lone_errors
from ptt.client.internet import Internet
from ptt.client.network import Network
from ptt.client.settings import Settings
from ptt.client.talker import Phase
from ptt.errors import RefusedError
from ptt.wire.signalling import Presence

# Implementation
LINK_PATIENCE = 1.0  # s that `join` waits for the first datagram to come back


@dataclass(frozen=True, slots=True)
class Quality:
    """How a channel is heard at present: delays in seconds, shares from 0 to 1.

    loss: packets that did not come, before any repair; jitter: RFC 3550's; playout_delay: for
    how long voice is held back here; rtt: to the floor server and back, None when unknown.
    """

    loss: float
    jitter: float
    playout_delay: float
    rtt: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """What became of the voice packets of all channels since the client was opened.

    heard: played or offered to the jitter buffer; early: came before their key, which must not
    happen to a client that is connected; refused: proved nothing, or came twice; epochs: keys
    that the switchboard told; doubted: bursts that two senders sent.
    """

    heard: int
    early: int
    refused: int
    epochs: int
    doubted: int


class Client:
    """One device at one server; made by `open_client`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._conversation = engine.conversation

    # channels

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels that this person may join."""
        return tuple(self._conversation.described)

    @property
    def joined(self) -> tuple[str, ...]:
        """The channels that are heard now."""
        return tuple(self._conversation.channels)

    async def join(self, name: str) -> None:
        """Hear this channel, and again after each lost connection.

        Waits until that is so. Raises RefusedError with the server's sentence if it may not be.
        """
        await self._until(lambda: self._engine.connected)
        if name not in self._conversation.described:
            known = ", ".join(self.channels) or "none"
            raise RefusedError(f"There is no channel {name} for you. Your channels: {known}.")
        self._conversation.want(name)
        await self._until(lambda: name in self.joined or name in self._conversation.refusals)
        if name not in self.joined:
            raise RefusedError(self._conversation.refusals[name])
        with trio.move_on_after(LINK_PATIENCE):
            await self._until(lambda: self._link_is_bound(name))

    async def leave(self, name: str) -> None:
        """Hear it no more; one that was not joined is no error."""
        self._conversation.leave(name, trio.current_time())
        self._engine.settle()
        await trio.lowlevel.checkpoint()

    def members(self, name: str) -> tuple[str, ...]:
        """Who is in this joined channel, in alphabetical order; empty if it is not joined."""
        channel = self._conversation.channels.get(name)
        return channel.members if channel else ()

    def away(self, name: str) -> tuple[str, ...]:
        """Who of the members of this channel is not at the desk."""
        channel = self._conversation.channels.get(name)
        return channel.away if channel else ()

    def muted(self, name: str) -> tuple[str, ...]:
        """Who of the members of this channel hears nothing."""
        channel = self._conversation.channels.get(name)
        return channel.muted if channel else ()

    def waiting(self, name: str) -> tuple[str, ...]:
        """Who waits for the floor of this channel, next first."""
        channel = self._conversation.channels.get(name)
        return channel.waiting if channel else ()

    def talker(self, name: str) -> str | None:
        """Who talks in this channel."""
        channel = self._conversation.channels.get(name)
        return channel.talker if channel else None

    # the key

    def press(self, name: str, *, emergency: bool = False) -> None:
        """The key went down: ask for the floor of this channel. The answer is an event.

        Raises RefusedError if the channel was never joined.
        """
        self._conversation.press(name, trio.current_time(), emergency=emergency)
        self._engine.settle()

    def release(self) -> None:
        """The key went up: the last words are still sent, then the floor goes back."""
        self._conversation.release(trio.current_time())
        self._engine.settle()

    def listen_for_voice(self, name: str | None) -> None:
        """Hands-free: from now on whoever speaks asks for the floor of this joined channel.

        The microphone stays open until None is said, or the channel is left. Raises RefusedError
        if the channel was never joined, ConfigError if the chosen detector is not installed.
        """
        self._conversation.listen_for_voice(name, trio.current_time())
        self._engine.settle()

    # what was said

    def replay(self, name: str) -> bool:
        """Hear the last burst of this joined channel again, also one's own; nobody else does.

        Called again while it plays, or within three seconds after: the one before. Events tell.
        False if nothing was said there, the channel does not permit it, or somebody talks.
        """
        channel = self._conversation.channels.get(name)
        if channel is None:
            return False
        begins = self._conversation.playback.replay(name, channel.number, trio.current_time())
        self._engine.settle()
        return begins

    @contextmanager
    def record(self, take: Callable[[bytes], None]) -> Iterator[None]:
        """Within the block, `take` gets what others say, a frame each 20 ms, silence included.

        With low delay it may be half a frame each 10 ms.

        Without tones and replays. Needs a loudspeaker, which sets the pace.
        """
        recorders = self._conversation.playback.recorders
        recorders.append(take)
        self._engine.settle()
        try:
            yield
        finally:
            recorders.remove(take)

    def change(self, settings: Settings) -> None:
        """From now on these settings hold; a running burst goes on.

        Raises ConfigError if something that they ask for is not installed.
        """
        self._engine.change(settings)

    def set_presence(self, *, away: bool, muted: bool) -> None:
        """Tell the others that this person is not at the desk, or hears nothing; until changed."""
        presence = Presence(away=away, muted=muted)
        if presence != self._conversation.presence:
            self._conversation.presence = presence
            if self._engine.connected:
                self._engine.tell(presence)

    def use(
        self, *, microphone: Microphone | None = None, loudspeaker: Loudspeaker | None = None
    ) -> None:
        """From now on these devices; a running burst goes on.

        A microphone must give steps as long as the one before (`Settings.low_delay`).
        """
        self._engine.use(microphone, loudspeaker)

    def talk_limit(self, name: str) -> float:
        """Seconds for which anybody may talk at once in this channel; 0 if it is not known."""
        description = self._conversation.described.get(name)
        return description.talk_limit if description else 0.0

    # what a face shows

    def events(self) -> EventStream:
        """`async for event in client.events()`: everything that happens from this call on.

        Begins with Connected if the session stands.
        """
        stream = self._engine.publisher.subscribe()
        if self._engine.connected:
            stream.put(self._conversation.connected)
        return stream

    @property
    def person(self) -> str:
        """As whom the server knows this device."""
        return self._conversation.person

    @property
    def level(self) -> float:
        """Loudness of the microphone in dBFS, -100 for silence or a closed one."""
        return self._conversation.talker.level

    @property
    def microphone_open(self) -> bool:
        """Whether sound is being taken in: for the person to see."""
        return self._conversation.talker.wants_microphone

    @property
    def talking(self) -> bool:
        """Whether somebody waits for, or hears, what the microphone takes in."""
        return self._conversation.talker.phase is not Phase.IDLE

    def report_sound(self, sentence: str) -> None:
        """Microphone or loudspeaker is another one than before: tell all faces."""
        self._engine.publish(AudioChanged(sentence))

    @property
    def hands_free(self) -> str | None:
        """The channel in which a voice asks for the floor without a key."""
        return self._conversation.hands_free

    @property
    def speaking(self) -> bool:
        """Hands-free: whether a voice is heard now."""
        hands_free = self._conversation.own_voice.hands_free
        return hands_free is not None and hands_free.speaking

    @property
    def threshold_dbfs(self) -> float | None:
        """Hands-free: the level from which a sound can be a voice, for the meter."""
        hands_free = self._conversation.own_voice.hands_free
        return None if hands_free is None else hands_free.activity.threshold_dbfs

    @property
    def noise_dbfs(self) -> float | None:
        """Hands-free: the noise of the room, as learned."""
        hands_free = self._conversation.own_voice.hands_free
        return None if hands_free is None else hands_free.activity.noise_dbfs

    @property
    def preroll_seconds(self) -> float:
        """How much sound is kept in memory, for a permit that has not come yet."""
        return self._conversation.talker.preroll_seconds

    def quality(self, name: str) -> Quality:
        """Of the voice of this channel, over the last second of it."""
        channel = self._conversation.channels.get(name)
        hearing = self._conversation.listener.hearing(channel.number if channel else -1)
        link = self._conversation.links.get(channel.floor_server) if channel else None
        rtt = link.state.rtt if link else None
        return Quality(hearing.loss, hearing.jitter, hearing.playout_delay, rtt)

    def statistics(self) -> Statistics:
        """Counters since the client was opened."""
        listener = self._conversation.listener
        return Statistics(
            listener.heard, listener.early, listener.refused, listener.epochs, listener.doubted
        )

    def _link_is_bound(self, name: str) -> bool:
        channel = self._conversation.channels.get(name)
        link = self._conversation.links.get(channel.floor_server) if channel else None
        return link is not None and link.state.bound

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._engine.changed.wait()


@asynccontextmanager
async def open_client(
    credential: Credential,
    *,
    microphone: Microphone | None = None,
    loudspeaker: Loudspeaker | None = None,
    settings: Settings | None = None,
    network: Network | None = None,
    rng: Random | None = None,
    patient: bool = False,
) -> AsyncIterator[Client]:
    """A client that is connected, and stays so until the block is left.

    Without a microphone it says nothing, without a loudspeaker nobody hears what it hears.

    The first attempt to connect raises ServerUnreachableError, ServerKeyMismatchError or
    RefusedError; if `patient`, the client begins unconnected and goes on trying. Afterwards
    connections are made anew without end, and events tell; only what is final, such as a
    revoked device, is raised out of the block as RefusedError.
    """
    engine = Engine(
        credential,
        network or Internet(),
        microphone or SilentMicrophone(),
        loudspeaker or SilentLoudspeaker(),
        settings or Settings(),
        rng or SystemRandom(),
    )
    client = Client(engine)
    with lone_errors():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(engine.run, patient)
            if not patient:
                await client._until(lambda: engine.connected)
            try:
                yield client
            finally:
                engine.publisher.close()
                nursery.cancel_scope.cancel()
