"""A listener in a process of its own, to be frozen: `listener_process.py LINK CHANNEL RECORDING`.
Ends when its standard input does.

Prints what happens to it, one JSON object a line: when (by the clock that all processes of the
machine share), what, and the talker if it is about one. The first line says when sample 0 of the
recording was played.
"""

import json
import sys
import time

import trio

from ptt.client.audio_files import WavLoudspeaker
from ptt.client.client import open_client
from ptt.client.enrolment import enrol


async def listen(link: str, channel: str, recording: str) -> None:
    loudspeaker = WavLoudspeaker(recording)
    credential = await enrol(link, "a listener")
    async with open_client(credential, loudspeaker=loudspeaker) as client:
        events = client.events()
        await client.join(channel)
        assert loudspeaker.started_at is not None
        _print("started", since=trio.current_time() - loudspeaker.started_at)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_end_with_input, nursery.cancel_scope)
            async for event in events:
                _print(type(event).__name__, talker=getattr(event, "talker", None))


async def _end_with_input(scope: trio.CancelScope) -> None:
    await trio.to_thread.run_sync(sys.stdin.read)
    scope.cancel()


def _print(what: str, *, since: float = 0.0, talker: str | None = None) -> None:
    line = {"what": what, "at": time.perf_counter() - since, "talker": talker}
    print(json.dumps(line), flush=True)


if __name__ == "__main__":
    trio.run(listen, *sys.argv[1:])
