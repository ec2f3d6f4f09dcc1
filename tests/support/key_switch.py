"""Prints what the keys make of the microphone: `key_switch.py [--deaf KEY] [--no-latch] KEY...`.

The real hotkey and the real switch, with the console's times; the client only prints "open" and
"closed". `--deaf KEY` loses that key's release in front of our callback, as a screen lock does.
"""

import sys

import trio

from ptt.client.event_stream import EventStream
from ptt.errors import PttError
from ptt_desk.presses import Presses, Source
from ptt_desk.talk_switch import LATCH, SwitchSettings, TalkSwitch
from ptt_devices import hotkey
from ptt_devices.hotkey import Hotkey
from ptt_devices.keys import KeyCombination


class Printed:
    """A client whose microphone is a line of text."""

    def press(self, name: str, *, emergency: bool = False) -> None:
        del name
        print("emergency" if emergency else "open", flush=True)

    def release(self) -> None:
        print("closed", flush=True)

    def events(self) -> EventStream:
        return EventStream()


class Forgetful(hotkey.Presses):
    """Does not hear that this key goes up."""

    deaf = ""

    def up(self, key: str) -> None:
        if key != self.deaf:
            super().up(key)


async def switch(latch: float, *names: str) -> None:
    keys = [KeyCombination.parse(name) for name in names]
    async with Hotkey(keys).listen() as events:
        presses = Presses(Printed(), "Workshop", TalkSwitch(SwitchSettings(latch=latch)))
        print("ready", flush=True)
        await presses.run([Source("keys", events)])


if __name__ == "__main__":
    arguments, latch = sys.argv[1:], LATCH
    if arguments[0] == "--deaf":
        Forgetful.deaf = arguments[1]
        hotkey.Presses = Forgetful  # type: ignore[misc]
        arguments = arguments[2:]
    if arguments[0] == "--no-latch":
        latch = 0.0
        arguments = arguments[1:]
    try:
        trio.run(switch, latch, *arguments)
    except PttError as error:
        sys.exit(str(error))
