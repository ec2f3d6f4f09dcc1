"""A client with real PortAudio devices, in a process of its own: commands in, facts out.

    plugged_desk.py LINK CHANNEL MICROPHONE LOUDSPEAKER    an empty name: the default device

Standard input: `press`, `release` or `figures`, a line each. Standard output: a JSON line for each
fact, `at` in seconds of the machine's monotonic clock: `joined`, `use` (devices through which sound
flows now), `event` (the client's), `figures` (what a leak would enlarge, and all counters).
"""

import json
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path

import trio

from ptt.client.client import Client, open_client
from ptt.client.enrolment import enrol
from ptt_devices.device_watch import follow_devices
from ptt_devices.devices import Direction
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import sound_system
from ptt_devices.sound_statistics import sound_statistics

LOOK_EVERY = 0.01  # s


def tell(what: str, **facts: object) -> None:
    print(json.dumps({"what": what, "at": time.monotonic(), **facts}), flush=True)


class Flow:
    """Which device sound flows through, in one direction."""

    def __init__(self) -> None:
        self.through: str | None = None
        self._open: str | None = None
        self._blocks = 0

    def look(self, device: str | None, blocks: int) -> None:
        if device != self._open:
            self._open, self._blocks = device, blocks
        flows = blocks > self._blocks
        self.through = device if flows or device == self.through else None


async def watch(microphone: PortAudioMicrophone, loudspeaker: PortAudioLoudspeaker) -> None:
    flows = {direction: Flow() for direction in Direction}
    told: dict[str, str | None] = {}
    while True:
        in_use = sound_system().in_use()
        counted = {
            Direction.MICROPHONE: microphone.statistics().blocks,
            Direction.LOUDSPEAKER: loudspeaker.statistics().blocks,
        }
        for direction, flow in flows.items():
            flow.look(in_use.get(direction), counted[direction])
        now = {direction.value: flow.through for direction, flow in flows.items()}
        if now != told:
            tell("use", **now)
            told = now
        await trio.sleep(LOOK_EVERY)


async def tell_events(client: Client) -> None:
    async for event in client.events():
        tell("event", event=type(event).__name__, text=str(event))


def figures(microphone: PortAudioMicrophone, loudspeaker: PortAudioLoudspeaker) -> None:
    resident = Path("/proc/self/statm").read_text().split()[1]
    tell(
        "figures",
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        threads=threading.active_count(),
        tasks=len(list(Path("/proc/self/task").iterdir())),
        resident=4096 * int(resident),
        **asdict(sound_statistics(microphone, loudspeaker, sound_system())),
    )


async def obey(
    client: Client, microphone: PortAudioMicrophone, loudspeaker: PortAudioLoudspeaker
) -> None:
    async for line in trio.wrap_file(sys.stdin):
        match line.strip():
            case "press":
                client.press(client.joined[0])
            case "release":
                client.release()
            case "figures":
                figures(microphone, loudspeaker)


async def main(link: str, channel: str, microphone_name: str, loudspeaker_name: str) -> None:
    microphone = PortAudioMicrophone(microphone_name or None)
    loudspeaker = PortAudioLoudspeaker(loudspeaker_name or None)
    credential = await enrol(link, "desk")
    async with (
        open_client(credential, microphone=microphone, loudspeaker=loudspeaker) as client,
        trio.open_nursery() as nursery,
    ):
        nursery.start_soon(tell_events, client)
        nursery.start_soon(watch, microphone, loudspeaker)
        nursery.start_soon(
            follow_devices, sound_system(), lambda: client.talking, client.report_sound
        )
        await client.join(channel)
        tell("joined")
        await obey(client, microphone, loudspeaker)
        nursery.cancel_scope.cancel()


if __name__ == "__main__":
    trio.run(main, *sys.argv[1:])
