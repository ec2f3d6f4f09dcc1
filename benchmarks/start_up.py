"""How long until one can talk: after `ptt talk` was started, and after `pttd` was?

`pttd`: from its start until it says that it is ready, with its floor server, on data that exist.
`ptt talk --plain`: from its start until it has joined, which is connected, in the channel and with
a bound way for voice; and until its loudspeaker plays, too. Fresh processes on a virtual sound
card, at a real daemon; the first start of each is not counted, since it warms the disk's cache.
Linux: the sound card is a private PulseAudio.
"""

import os
import sys
import tempfile
from pathlib import Path
from subprocess import PIPE

import trio

from benchmarks.table import Answer, Row, spread
from ptt_demo.daemon import Daemon, running_daemon
from tests.support.desk import PTT, join
from tests.support.virtual_sound import VirtualSound, virtual_sound

STARTS = 9
PATIENCE = 20.0  # s

Figures = dict[str, list[float]]


def main() -> Answer:
    """Start each of them STARTS times and return the table."""
    with tempfile.TemporaryDirectory() as folder:
        figures = trio.run(_measure, Path(folder))
    return Answer(
        "start_up", "seconds", [Row(what, spread(found[1:])) for what, found in figures.items()]
    )


async def _measure(folder: Path) -> Figures:
    figures: Figures = {"pttd, ready": []}
    for _ in range(STARTS + 1):
        began = trio.current_time()
        async with running_daemon(folder / "pttd"):
            figures["pttd, ready"].append(trio.current_time() - began)
    with virtual_sound(folder / "sound", microphones=["mic"], loudspeakers=["ear"]) as sound:
        async with running_daemon(folder / "pttd") as daemon:
            joined, playing = await _start_clients(folder, sound, daemon)
    return {**figures, "ptt talk, joined": joined, "ptt talk, loudspeaker plays": playing}


async def _start_clients(
    folder: Path, sound: VirtualSound, daemon: Daemon
) -> tuple[list[float], list[float]]:
    environment = {**sound.environment, "XDG_CONFIG_HOME": str(folder / "config")}
    await join(environment, await daemon.invite("Anna"))
    starts = [await _start_client(environment, sound) for _ in range(STARTS + 1)]
    return [joined for joined, _ in starts], [playing for _, playing in starts]


async def _start_client(environment: dict[str, str], sound: VirtualSound) -> tuple[float, float]:
    """Seconds until it has joined, and until it plays as well."""
    devices = ("--microphone", "mic", "--loudspeaker", "ear", "--key", "terminal")
    began = trio.current_time()
    process = await trio.lowlevel.open_process(
        [*PTT, "talk", "--plain", *devices],
        stdin=PIPE,
        stdout=PIPE,
        env={**os.environ, **environment},
    )
    try:
        with trio.fail_after(PATIENCE):
            await _read_until(process, b"Joined")
            joined = trio.current_time() - began
            sound.wait_until_playing()
            return joined, trio.current_time() - began
    finally:
        process.terminate()
        await process.wait()


async def _read_until(process: trio.Process, word: bytes) -> None:
    assert process.stdout is not None
    read = b""
    while word not in read:
        more = await process.stdout.receive_some()
        if not more:
            sys.exit(f"ptt talk ended after {read.decode()!r}")
        read += more


if __name__ == "__main__":
    main().show()
