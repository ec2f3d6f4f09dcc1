"""A bot that answers: whenever somebody has spoken in the channel, it plays its WAV file there."""

import sys

import trio

from ptt.client.audio_files import SilentLoudspeaker, WavMicrophone
from ptt.client.client import open_client
from ptt.client.credentials import Credential
from ptt.client.enrolment import enrol
from ptt.client.events import FloorGranted, TalkerChanged


async def answer(credential: Credential, channel: str, wav: str) -> None:
    microphone, speaker = WavMicrophone(wav), SilentLoudspeaker()
    async with open_client(credential, microphone=microphone, loudspeaker=speaker) as client:
        await client.join(channel)
        talker: str | None = None
        async for event in client.events():
            match event:
                case TalkerChanged(talker=None) if talker not in (None, client.person):
                    client.press(channel)
                case FloorGranted():
                    await microphone.say()
                    client.release()
            if isinstance(event, TalkerChanged):
                talker = event.talker


async def main(link: str, channel: str, wav: str) -> None:
    await answer(await enrol(link, "bot"), channel, wav)


if __name__ == "__main__":
    trio.run(main, *sys.argv[1:])
