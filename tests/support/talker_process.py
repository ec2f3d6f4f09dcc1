"""A talker in a process of its own, to be killed or frozen: `talker_process.py LINK CHANNEL`.

Takes the floor whenever it can, speaks without end, and prints what happens to it, a word a line.
"""

import sys

import numpy as np
import trio

from ptt.client.audio_files import WavMicrophone
from ptt.client.audio_ports import SAMPLE_RATE
from ptt.client.client import open_client
from ptt.client.enrolment import enrol
from ptt.client.events import FloorGranted

SECONDS = 120


async def talk(link: str, channel: str) -> None:
    hum = np.sin(np.arange(SECONDS * SAMPLE_RATE) * 0.03) * 8000
    microphone = WavMicrophone(hum.astype(np.int16))
    credential = await enrol(link, "a talker")
    async with open_client(credential, microphone=microphone, loudspeaker=None) as client:
        await client.join(channel)
        microphone.start()
        events = client.events()
        client.press(channel)
        async for event in events:
            if isinstance(event, FloorGranted):
                print("granted", flush=True)


if __name__ == "__main__":
    trio.run(talk, *sys.argv[1:])
