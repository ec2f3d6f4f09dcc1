"""Does the server let this device in, and does the way of the voice carry?

    Hello --> Welcome, Media --> probes by UDP until one returns --> some dozens of probes, counted

The engine's own parts do it (connection.py, media_link.py), without joining a channel: nobody sees
or hears it. But the server knows one session for each device, so that this one ends another that
stands: whoever calls this must know that none does.
"""

from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from math import inf
from random import Random

import trio

from ptt.client.connection import Connection
from ptt.client.credentials import Credential
from ptt.client.groups import lone_errors
from ptt.client.media_link import MediaLink
from ptt.client.network import Network
from ptt.errors import PttError
from ptt.wire.control import ControlMessage
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.signalling import PROTOCOL_VERSION, Media, ServerMessage, Welcome
from ptt_desk.checks import names
from ptt_desk.checks.finding import Finding, failed, ok, problem, skipped, warning
from ptt_desk.checks.probes import ProbeCount
from ptt_desk.checks.way import judge_way

# Implementation
LOGIN_WITHIN = 5.0  # s
MEDIA_WITHIN = 2.0  # s after that
CARRIES_WITHIN = 3.0  # s until the first datagram must have come back
PROBE_AGAIN = 0.15  # s, as link_watch.py
PROBES, QUICK_PROBES = 50, 10
PROBE_PERIOD = 0.04  # s: 50 probes in 2 s; the server answers each, without a limit
LAST_REPLY = 0.5  # s to wait for those under way

Messages = trio.MemoryReceiveChannel[ServerMessage]


async def check_login(
    credential: Credential, network: Network, rng: Random, probes: int = PROBES
) -> list[Finding]:
    """Findings of names.LOGGED_IN."""
    findings: list[Finding] = []
    told, messages = trio.open_memory_channel[ServerMessage](inf)
    software = f"ptt doctor {version('ptt')}"
    try:
        with lone_errors():
            async with trio.open_nursery() as nursery:
                connection = Connection(
                    network,
                    credential,
                    software,
                    rng,
                    received=told.send_nowait,
                    lost=lambda sentence, wait: None,
                )
                nursery.start_soon(partial(connection.run, patient=False))
                findings += await _await_welcome(messages)
                media = await _await_media(messages)
                findings += await _check_way(media, connection, network, rng, probes)
                nursery.cancel_scope.cancel()
    except PttError as error:
        return _no_session(failed(names.SESSION, error))
    except trio.TooSlowError:
        advice = "try again, and look at the server's log if it stays so"
        return _no_session(problem(names.SESSION, "The server does not answer the log-in", advice))
    return findings


def _no_session(finding: Finding) -> list[Finding]:
    return [finding, *skipped(names.LOGGED_IN[1:], "there is no session with the server")]


async def _await_welcome(messages: Messages) -> list[Finding]:
    with trio.fail_after(LOGIN_WITHIN):
        welcome = await messages.receive()
        while not isinstance(welcome, Welcome):
            welcome = await messages.receive()
    own = version("ptt")
    speaks = f"This is ptt {own}, and the server speaks its protocol, version {PROTOCOL_VERSION}"
    return [
        _welcomed(welcome),
        ok(names.VERSION, speaks, software=own, protocol=PROTOCOL_VERSION),
    ]


def _welcomed(welcome: Welcome) -> Finding:
    channels = ", ".join(channel.name for channel in welcome.channels)
    known = f"{welcome.server} knows this device as {welcome.person}'s"
    if not channels:
        advice = "ask whoever runs the server to add you to one"
        return warning(names.SESSION, f"{known}, but there is no channel for you", advice)
    sentence = f"{known}, with the channels {channels}"
    return ok(names.SESSION, sentence, person=welcome.person, channels=channels)


async def _await_media(messages: Messages) -> Media | None:
    with trio.move_on_after(MEDIA_WITHIN):
        async for message in messages:
            if isinstance(message, Media):
                return message
    return None


async def _check_way(
    media: Media | None, connection: Connection, network: Network, rng: Random, probes: int
) -> list[Finding]:
    if media is None:
        return skipped(names.WAY, "the server has no floor server at present")
    where = media.host or connection.peer_host, media.port
    async with trio.open_nursery() as nursery:
        way = _Way(media, connection.peer_host)
        nursery.start_soon(way.run, network)
        bound = await way.is_open(ProbeCount(media.ssrc, rng))
        counted = ProbeCount(media.ssrc, rng)
        if bound:
            await way.count(counted, probes)
        nursery.cancel_scope.cancel()
    return judge_way(*where, counted.round_trips if bound else None)


class _Way:
    """The link to the floor server, and the probes that are under way on it."""

    def __init__(self, media: Media, host: str) -> None:
        self._link = MediaLink(media, host)
        self._probes: ProbeCount | None = None
        self._heard = trio.Event()

    async def run(self, network: Network) -> None:
        """Until cancelled."""
        await self._link.run(network, self._handle, lambda voice: None)

    async def is_open(self, probes: ProbeCount) -> bool:
        """Whether anything comes back in time."""
        self._probes = probes
        with trio.move_on_after(CARRIES_WITHIN):
            while True:
                self._link.send_control(probes.probe(trio.current_time()))
                with trio.move_on_after(PROBE_AGAIN):
                    await self._until(lambda: bool(probes.round_trips.returned))
                    return True
        return False

    async def count(self, probes: ProbeCount, number: int) -> None:
        """Send so many and wait for what comes back."""
        self._probes = probes
        for _ in range(number):
            self._link.send_control(probes.probe(trio.current_time()))
            await trio.sleep(PROBE_PERIOD)
        with trio.move_on_after(LAST_REPLY):
            await self._until(lambda: probes.has_all)

    async def _until(self, true: Callable[[], bool]) -> None:
        while not true():
            await self._heard.wait()

    def _handle(self, messages: list[ControlMessage]) -> None:
        for message in messages:
            match message:
                case Probe() | ProbeReply() | Challenge() | ChallengeReply() if self._probes:
                    for answer in self._probes.handle(message, trio.current_time()):
                        self._link.send_control(answer)
                case _:
                    pass
        self._heard.set()
        self._heard = trio.Event()
