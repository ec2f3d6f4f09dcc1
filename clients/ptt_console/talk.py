"""`ptt talk`: a client with a key, a microphone, a loudspeaker and a face, until Ctrl-C.

    keys, commands --press, release--> Client --events--> plain lines or live view

Whatever ends it, the microphone is closed when it ends: it is open only inside `open_client`.
"""

import signal
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import partial
from pathlib import Path

import trio

from ptt.client.audio_files import SilentMicrophone, WavLoudspeaker, WavMicrophone
from ptt.client.audio_ports import Loudspeaker, Microphone
from ptt.client.client import Client, open_client
from ptt.client.credentials import Credential
from ptt.client.groups import lone_errors
from ptt.client.settings import Settings
from ptt.errors import PttError, RefusedError
from ptt.media.preroll import PreRollLevel
from ptt_console.face import LiveFace, PlainFace
from ptt_console.talk_key import TalkKey, talk_key
from ptt_desk.channel_state import State
from ptt_desk.preferences import Keys, Preferences, load_preferences, settings
from ptt_desk.presses import Presses, Source, replay
from ptt_desk.remote import open_remote, status_of
from ptt_desk.remote_orders import RemoteError
from ptt_desk.talk_switch import SwitchSettings
from ptt_devices.device_watch import follow_devices
from ptt_devices.devices import Direction, choose
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import sound_system

# Implementation
LOOK_AGAIN = 1.0  # s between two looks at the preferences


@dataclass(frozen=True, slots=True)
class TalkOptions:
    """What was asked for on the command line; None: not said.

    from_wav: without a key it is said at once, with one at every press.
    hands_free, preroll: instead of what the preferences say.
    """

    channel: str | None = None
    microphone: str | None = None
    loudspeaker: str | None = None
    key: str | None = None
    emergency_key: str | None = None
    from_wav: Path | None = None
    to_wav: Path | None = None
    listen_only: bool = False
    hands_free: bool | None = None
    preroll: PreRollLevel | None = None
    plain: bool = True

    @property
    def says_file_at_once(self) -> bool:
        """Nobody holds a key for the file."""
        return self.from_wav is not None and self.key is None and not self.listen_only


async def talk_until_told(credential: Credential, options: TalkOptions) -> None:
    """Until SIGINT, SIGTERM or `q`. Raises PttError with a sentence."""
    with lone_errors():
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_end_on_signal, nursery.cancel_scope)
            await _talk(credential, options)
            nursery.cancel_scope.cancel()


async def _end_on_signal(scope: trio.CancelScope) -> None:
    wanted = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32":
        wanted.append(signal.SIGHUP)  # the terminal was closed
    with trio.open_signal_receiver(*wanted) as signals:
        async for _ in signals:
            scope.cancel()


async def _talk(credential: Credential, options: TalkOptions) -> None:
    preferences = load_preferences()
    microphone = _microphone(options, preferences)
    loudspeaker = _loudspeaker(options, preferences)
    async with AsyncExitStack() as stack:
        key = await _key(stack, options, preferences.keys)
        client = await stack.enter_async_context(
            open_client(
                credential,
                microphone=microphone,
                loudspeaker=loudspeaker,
                settings=_settings(options, preferences),
            )
        )
        channel = choose_channel(client.channels, options.channel)
        used = {type(microphone), type(loudspeaker)}
        state = State(channel, person=client.person, server=credential.server, connected=True)
        hint = key.hint if key is not None else _hint_without_key(options)
        presses = _presses(client, channel, microphone)
        face: PlainFace | LiveFace = PlainFace(client, hint)
        if not options.plain:
            face = LiveFace(client, state, hint, lambda: presses.latched)
        presses.switch.settings = _switch(preferences.keys)
        if key is not None:
            sources = (*key.sources, *await _commands(stack, presses, client, state.server))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(face.run)
            if PortAudioMicrophone in used or PortAudioLoudspeaker in used:
                nursery.start_soon(_follow_devices, client)
            await client.join(channel)
            if _hands_free(options, preferences):
                client.listen_for_voice(channel)
            nursery.start_soon(_follow_preferences, client, presses, options, preferences)
            if key is not None:
                await presses.run(sources)
            else:
                if type(microphone) is WavMicrophone:  # a SilentMicrophone has nothing to say
                    await _say_once(client, channel, microphone)
                await trio.sleep_forever()
            nursery.cancel_scope.cancel()


def _settings(options: TalkOptions, preferences: Preferences) -> Settings:
    chosen = settings(preferences)
    return chosen if options.preroll is None else replace(chosen, preroll=options.preroll)


def _hands_free(options: TalkOptions, preferences: Preferences) -> bool:
    if options.listen_only or options.says_file_at_once:
        return False
    return preferences.voice.hands_free if options.hands_free is None else options.hands_free


def _switch(keys: Keys) -> SwitchSettings:
    return SwitchSettings(keys.latch_ms / 1000, keys.release_delay_ms / 1000)


async def _follow_preferences(
    client: Client, presses: Presses, options: TalkOptions, known: Preferences
) -> None:
    """What is changed in the file holds at once, but for keys and devices; until cancelled."""
    told = ""
    while True:
        await trio.sleep(LOOK_AGAIN)
        try:
            found = load_preferences()
            if found == known:
                continue
            client.change(_settings(options, found))
        except PttError as error:
            if str(error) != told:
                told = str(error)
                _tell(told)
            continue
        known = found
        presses.switch.settings = _switch(found.keys)
        client.listen_for_voice(presses.channel if _hands_free(options, found) else None)


async def _key(stack: AsyncExitStack, options: TalkOptions, keys: Keys) -> TalkKey | None:
    """None if nobody is to press one."""
    if options.listen_only or options.says_file_at_once:
        return None
    return await stack.enter_async_context(talk_key(options.key, options.emergency_key, keys))


def _hint_without_key(options: TalkOptions) -> str:
    does = "listening only" if options.listen_only else "says the file, then listens"
    return f"{does}; Ctrl-C ends"


def choose_channel(channels: tuple[str, ...], name: str | None) -> str:
    """The one of that name, or the only one. Raises RefusedError with what there is."""
    listed = ", ".join(channels)
    if not channels:
        raise RefusedError("There is no channel for you: ask whoever runs the server to add you.")
    if name is None:
        if len(channels) > 1:
            raise RefusedError(f"Which channel? Say --channel with one of: {listed}.")
        return channels[0]
    if name in channels:
        return name
    near = get_close_matches(name, channels, n=1, cutoff=0.4)
    hint = f"did you mean {near[0]}?" if near else f"your channels: {listed}."
    raise RefusedError(f"There is no channel {name} for you: {hint}")


def _microphone(options: TalkOptions, preferences: Preferences) -> Microphone:
    if options.listen_only:
        return SilentMicrophone()
    if options.from_wav is not None:
        return WavMicrophone(options.from_wav)
    name = options.microphone or preferences.devices.microphone or None
    _check(Direction.MICROPHONE, name)
    return PortAudioMicrophone(name, low_delay=preferences.devices.latency == "low")


def _loudspeaker(options: TalkOptions, preferences: Preferences) -> Loudspeaker:
    if options.to_wav is not None:
        file = WavLoudspeaker(options.to_wav)
        file.check()
        return file
    name = options.loudspeaker or preferences.devices.loudspeaker or None
    _check(Direction.LOUDSPEAKER, name)
    return PortAudioLoudspeaker(name)


def _check(direction: Direction, name: str | None) -> None:
    """Before anybody is told that we are there: raises AudioDeviceError."""
    choose(sound_system().devices(), direction, name)


async def _follow_devices(client: Client) -> None:
    """Devices that come and go, until cancelled."""
    await follow_devices(sound_system(), lambda: client.talking, client.report_sound)


def _presses(client: Client, channel: str, microphone: Microphone) -> Presses:
    presses = Presses(client, channel, tell=_tell)
    if isinstance(microphone, WavMicrophone):
        presses.before_press = microphone.start
    return presses


async def _commands(
    stack: AsyncExitStack, presses: Presses, client: Client, server: str
) -> list[Source]:
    """`ptt press` and the like, unless they go to another `ptt talk`."""
    status = partial(status_of, presses, client, server)
    try:
        remote = open_remote(status, partial(replay, client, presses.channel))
        return [Source("remote", await stack.enter_async_context(remote))]
    except RemoteError as error:
        _tell(str(error))
        return []


def _tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


async def _say_once(client: Client, channel: str, microphone: WavMicrophone) -> None:
    client.press(channel)
    await microphone.say()
    client.release()
