"""Desk workers at a running daemon: invited, enrolled, connected, with files for sound cards."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import trio

from ptt.client.audio_files import WavLoudspeaker, WavMicrophone
from ptt.client.client import Client, open_client
from ptt.client.enrolment import enrol
from ptt_demo.daemon import Daemon


@dataclass
class Worker:
    """One person at a desk."""

    name: str
    client: Client
    microphone: WavMicrophone
    loudspeaker: WavLoudspeaker
    recording: Path


@asynccontextmanager
async def office(
    daemon: Daemon, names: Sequence[str], channel: str, recordings: Path
) -> AsyncIterator[list[Worker]]:
    """All of them in the channel; what each hears goes to `recordings`/NAME.wav."""
    await trio.Path(recordings).mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        yield [await _sit_down(stack, daemon, name, channel, recordings) for name in names]


async def _sit_down(
    stack: AsyncExitStack, daemon: Daemon, name: str, channel: str, recordings: Path
) -> Worker:
    credential = await enrol(await daemon.invite(name), f"{name}'s desk")
    recording = recordings / f"{name.lower()}-heard.wav"
    microphone, loudspeaker = WavMicrophone(), WavLoudspeaker(recording)
    client = await stack.enter_async_context(
        open_client(credential, microphone=microphone, loudspeaker=loudspeaker)
    )
    await client.join(channel)
    return Worker(name, client, microphone, loudspeaker, recording)
