"""The Trio side of the window: one device at one server, until it is revoked or another is joined.

    button, keys, commands --> Presses --> Client --events--> DeskState --> Face
    preferences ----------------------------^

Decides nothing that the engine or the preferences decide already.
"""

from dataclasses import dataclass
from typing import Protocol

import trio

from ptt.client.client import Client, open_client
from ptt.client.credentials import Credential
from ptt.client.event_stream import EventStream
from ptt.client.events import ChannelJoined, ChannelsChanged, Connected, Event
from ptt.errors import PttError, RefusedError
from ptt_desk.meters import Meters, meters
from ptt_desk.preferences import Keys, Preferences, settings
from ptt_desk.presses import Presses, Source, replay
from ptt_desk.remote import Remote, status_of
from ptt_desk.remote_orders import Status
from ptt_desk.talk_switch import SwitchSettings
from ptt_desktop.desk_state import DeskState, chosen, noted
from ptt_desktop.keys import GlobalKeys, WindowKey
from ptt_devices.device_watch import follow_devices
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import sound_system

# Implementation
LIVELY = 0.1  # s between two pictures while somebody talks or the microphone is open
CALM = 1.0  # s between two pictures otherwise; the network's graph goes on
HIDDEN = 5.0  # s while nobody sees them


class Face(Protocol):
    """Who shows the desk."""

    @property
    def visible(self) -> bool:
        """Whether anybody sees it."""
        ...

    def show_desk(self, desk: DeskState, now: float) -> None:
        """Something happened."""
        ...

    def show_event(self, event: Event) -> None:
        """This did; `show_desk` follows."""
        ...

    def show_meters(self, found: Meters, now: float) -> None:
        """Time went on."""
        ...

    def tell(self, sentence: str) -> None:
        """Something that the person should know."""
        ...


class Desk:
    """`keys`: those that are heard in every window; `remote`: what other programs press, if they
    press here."""

    def __init__(
        self,
        credential: Credential,
        preferences: Preferences,
        face: Face,
        keys: GlobalKeys,
        remote: Remote | None,
    ) -> None:
        self.button = WindowKey()
        self.state = DeskState(person=credential.person, server=credential.server)
        self._credential = credential
        self._preferences = preferences
        self._face = face
        self._remote = remote
        self._keys = keys
        self._moved = trio.Event()
        self._engaged: _Engaged | None = None

    async def run(self) -> None:
        """Until cancelled. Raises RefusedError when the device is revoked."""
        self.state = chosen(self.state, self._preferences.channels.talk_in)
        self._face.show_desk(self.state, trio.current_time())
        async with (
            open_client(
                self._credential,
                microphone=_microphone(self._preferences),
                loudspeaker=_loudspeaker(self._preferences),
                settings=settings(self._preferences),
                patient=True,
            ) as client,
            trio.open_nursery() as nursery,
        ):
            presses = Presses(client, "", tell=self._face.tell)
            presses.switch.settings = _switch(self._preferences.keys)
            self._engaged = _Engaged(client, presses, nursery)
            nursery.start_soon(self._follow_events, client.events())
            nursery.start_soon(self._show_meters)
            nursery.start_soon(
                follow_devices, sound_system(), lambda: client.talking, client.report_sound
            )
            await presses.run(self._sources())

    def _sources(self) -> list[Source]:
        sources = [Source("window", self.button), Source("keys", self._keys)]
        return sources if self._remote is None else [*sources, Source("remote", self._remote)]

    # what the window asks for, on Trio's side

    def choose(self, name: str) -> None:
        """The key talks in this channel from now on."""
        self._show(chosen(self.state, name))
        self._follow_choice()

    def replay(self) -> bool:
        """Hear the last burst of the chosen channel again."""
        return self._engaged is not None and replay(self._engaged.client, self.state.chosen)

    def leave_queue(self) -> None:
        """Not to wait any more."""
        if self._engaged is not None:
            presses = self._engaged.presses
            presses.change_channel(presses.channel)  # ends what the keys want

    def status(self) -> Status | None:
        """For other programs; None until there is a client."""
        if self._engaged is None:
            return None
        return status_of(self._engaged.presses, self._engaged.client, self._credential.server)

    def use(self, preferences: Preferences) -> None:
        """From now on these hold. Raises ConfigError if something is not installed."""
        former, self._preferences = self._preferences, preferences
        if self._engaged is None:
            return
        client, presses = self._engaged.client, self._engaged.presses
        client.change(settings(preferences))
        presses.switch.settings = _switch(preferences.keys)
        if preferences.devices.microphone != former.devices.microphone:
            client.use(microphone=_microphone(preferences))
        if preferences.devices.loudspeaker != former.devices.loudspeaker:
            client.use(loudspeaker=_loudspeaker(preferences))
        self._follow_choice()
        self._settle_channels()

    def set_away(self, away: bool) -> None:
        """Tell the others whether this person is away; and whether anything is heard here."""
        if self._engaged is not None:
            names = set(self.state.names)
            muted = bool(names) and set(self._preferences.channels.muted) >= names
            self._engaged.client.set_presence(away=away, muted=muted)

    def talk_limit(self, channel: str) -> float:
        """Seconds, 0 if it is not known."""
        return 0.0 if self._engaged is None else self._engaged.client.talk_limit(channel)

    # what happens

    async def _follow_events(self, events: EventStream) -> None:
        async for event in events:
            self._face.show_event(event)
            self._show(noted(self.state, event, trio.current_time()))
            match event:
                case Connected() | ChannelsChanged():
                    self._settle_channels()
                    self._follow_choice()
                case ChannelJoined(channel=name) if name == self.state.chosen:
                    self._follow_choice()
                case _:
                    pass

    def _show(self, state: DeskState) -> None:
        self.state = state
        self._face.show_desk(state, trio.current_time())
        self._moved.set()

    def _follow_choice(self) -> None:
        """Keys and voice talk where the person chose."""
        if self._engaged is None:
            return
        name = self.state.chosen
        if self._engaged.presses.channel != name:
            self._engaged.presses.change_channel(name)
        by_voice = self._preferences.voice.hands_free and self.state.floor.joined
        try:
            self._engaged.client.listen_for_voice(name if by_voice else None)
        except PttError as error:
            self._face.tell(str(error))

    def _settle_channels(self) -> None:
        """Be in those channels where the person wants to be."""
        assert self._engaged is not None
        left = set(self._preferences.channels.left)
        for state in self.state.channels:
            wanted, joined = state.channel not in left, state.channel in self._engaged.client.joined
            if wanted and not joined:
                self._engaged.nursery.start_soon(self._join, state.channel)
            elif joined and not wanted:
                self._engaged.nursery.start_soon(self._engaged.client.leave, state.channel)

    async def _join(self, name: str) -> None:
        assert self._engaged is not None
        try:
            await self._engaged.client.join(name)
        except RefusedError as error:
            self._face.tell(str(error))

    async def _show_meters(self) -> None:
        assert self._engaged is not None
        client, presses = self._engaged.client, self._engaged.presses
        while True:
            self._moved = trio.Event()
            found = meters(client, self.state.chosen, latched=presses.latched)
            self._face.show_meters(found, trio.current_time())
            with trio.move_on_after(self._pace(found)):
                await self._moved.wait()

    def _pace(self, found: Meters) -> float:
        if not self._face.visible:
            return HIDDEN
        lively = found.microphone_open or self.state.floor.talker is not None
        return LIVELY if lively else CALM


@dataclass(frozen=True, slots=True)
class _Engaged:
    client: Client
    presses: Presses
    nursery: trio.Nursery


def _microphone(preferences: Preferences) -> PortAudioMicrophone:
    low_delay = preferences.devices.latency == "low"
    return PortAudioMicrophone(preferences.devices.microphone or None, low_delay=low_delay)


def _loudspeaker(preferences: Preferences) -> PortAudioLoudspeaker:
    return PortAudioLoudspeaker(preferences.devices.loudspeaker or None)


def _switch(keys: Keys) -> SwitchSettings:
    return SwitchSettings(keys.latch_ms / 1000, keys.release_delay_ms / 1000)
