"""What does a client cost the computer it runs on?

The whole process `ptt talk --plain` on a virtual sound card, at a real daemon: its CPU time in
percent of one core while it is connected and idle, hears somebody, talks, and waits hands-free for
a voice; and its resident memory at the end. CPU time and memory are Linux's /proc, like the sound
card.
"""

import os
import tempfile
import wave
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

import ptt_demo
from benchmarks.table import Answer, Row, spread
from ptt_demo.daemon import running_daemon
from tests.support.desk import Desk, desk
from tests.support.virtual_sound import VirtualSound, virtual_sound

SPEECH = Path(ptt_demo.__file__).parent / "speech" / "ben.wav"
SPOKEN = 50.0  # s, below the talk limit
WINDOW = 4.0  # s of CPU time for one figure
WINDOWS = 5
SETTLE = 1.0  # s
TICKS = os.sysconf("SC_CLK_TCK")
SPACE = b" "  # talks, and ends it when typed again

Figures = dict[str, list[float]]


def main() -> Answer:
    """Measure one client in each state and return the table."""
    with tempfile.TemporaryDirectory() as folder:
        figures = trio.run(_measure, Path(folder))
    return Answer(
        "client_cost",
        "percent of one core; memory in MB",
        [Row(what, spread(found)) for what, found in figures.items()],
    )


async def _measure(folder: Path) -> Figures:
    names = {"microphones": ["mic-a", "mic-b"], "loudspeakers": ["ear-a", "ear-b"]}
    _make_speech(folder / "speech.wav")
    with virtual_sound(folder / "sound", **names) as sound:
        async with _two(folder, sound) as (anna, ben):
            figures = {"connected and idle": await _cpu_of(ben)}
            figures["listening"] = await _while_speaking(anna, "mic-a", sound, folder, ben)
            figures["talking"] = await _while_speaking(ben, "mic-b", sound, folder, ben)
        async with _two(folder, sound, "--hands-free") as (_, ben):
            figures["hands-free, waiting"] = await _cpu_of(ben)
            figures["memory"] = [_memory_of(ben)]
    return figures


@asynccontextmanager
async def _two(
    folder: Path, sound: VirtualSound, *options: str
) -> AsyncIterator[tuple[Desk, Desk]]:
    """Anna, and Ben, who is measured and has the `options`."""
    with tempfile.TemporaryDirectory(dir=folder) as home:
        async with (
            running_daemon(Path(home) / "pttd") as daemon,
            _at_desk(sound, Path(home), "a", await daemon.invite("Anna")) as anna,
            _at_desk(sound, Path(home), "b", await daemon.invite("Ben"), *options) as ben,
        ):
            yield anna, ben


@asynccontextmanager
async def _at_desk(
    sound: VirtualSound, home: Path, letter: str, link: str, *options: str
) -> AsyncIterator[Desk]:
    devices = ("--microphone", f"mic-{letter}", "--loudspeaker", f"ear-{letter}")
    environment = {**sound.environment, "XDG_RUNTIME_DIR": str(home / letter)}
    (home / letter).mkdir(mode=0o700)
    keys = ("--key", "terminal", *options)
    async with desk(environment, home / letter, link, *devices, *keys) as person:
        yield person


async def _while_speaking(
    talker: Desk, microphone: str, sound: VirtualSound, folder: Path, measured: Desk
) -> list[float]:
    await talker.types(SPACE)
    await talker.reads("Talk now")
    said = sound.say(microphone, folder / "speech.wav")
    figures = await _cpu_of(measured)
    said.terminate()
    await talker.types(SPACE)
    await talker.reads("Released")
    return figures


async def _cpu_of(person: Desk) -> list[float]:
    """Percent of one core, WINDOWS times."""
    await trio.sleep(SETTLE)
    figures = []
    for _ in range(WINDOWS):
        before, began = _cpu_seconds(person), trio.current_time()
        await trio.sleep(WINDOW)
        figures.append(100 * (_cpu_seconds(person) - before) / (trio.current_time() - began))
    return figures


def _cpu_seconds(person: Desk) -> float:
    fields = Path(f"/proc/{person.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # utime and stime: proc(5)


def _memory_of(person: Desk) -> float:
    """Resident, in MB."""
    pages = int(Path(f"/proc/{person.process.pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _make_speech(target: Path) -> None:
    """SPEECH again and again for SPOKEN seconds."""
    with wave.open(str(SPEECH), "rb") as source, wave.open(str(target), "wb") as file:
        octets = source.readframes(source.getnframes())
        wanted = round(SPOKEN * source.getframerate()) * source.getsampwidth()
        file.setparams(source.getparams())
        file.writeframes((octets * (wanted // len(octets) + 1))[:wanted])


if __name__ == "__main__":
    main().show()
