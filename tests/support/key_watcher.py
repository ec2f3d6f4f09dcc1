"""Prints what the hotkey tells, a line each: `key_watcher.py KEY [EMERGENCY-KEY [REPLAY-KEY]]`."""

import sys

import trio

from ptt.errors import PttError
from ptt_devices.hotkey import Hotkey
from ptt_devices.keys import KeyCombination


async def watch(*names: str) -> None:
    talk, emergency, replay = [
        [KeyCombination.parse(name)] if name else [] for name in (*names, "", "")[:3]
    ]
    async with Hotkey(talk, emergency=emergency, replay=replay).listen() as keys:
        print("ready", flush=True)
        async for event in keys:
            print(event, flush=True)


if __name__ == "__main__":
    try:
        trio.run(watch, *sys.argv[1:])
    except PttError as error:
        sys.exit(str(error))
