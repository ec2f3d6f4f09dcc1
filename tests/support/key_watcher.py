"""Prints what the hotkey tells, a line each: `key_watcher.py KEY [EMERGENCY-KEY]`."""

import sys

import trio

from ptt.errors import PttError
from ptt_devices.hotkey import Hotkey
from ptt_devices.keys import KeyCombination


async def watch(*names: str) -> None:
    combinations = [KeyCombination.parse(name) for name in names]
    async with Hotkey(*combinations).listen() as keys:
        print("ready", flush=True)
        async for event in keys:
            print(event, flush=True)


if __name__ == "__main__":
    try:
        trio.run(watch, *sys.argv[1:])
    except PttError as error:
        sys.exit(str(error))
