"""Windows of client_cost, all clients at the same time in a network of their own.

Run by client_cost.py. stdout: one line of JSON, for each client and state a list of figures.
"""

import json
import os
import tempfile
import wave
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path

import trio

import ptt_demo
from benchmarks.fan_out_murmur import PROGRAM, running_murmur
from benchmarks.mumble_desk import Seat, hidden_display, is_here, mumble_desk
from benchmarks.own_network import enter_loopback
from ptt_demo.daemon import running_daemon
from tests.support.desk import Desk, desk
from tests.support.virtual_sound import VirtualSound, virtual_sound

# Implementation
SPEECH = Path(ptt_demo.__file__).parent / "speech" / "ben.wav"
SPOKEN = 50.0  # s, below the talk limit
WINDOW = 4.0  # s of CPU time for one figure
WINDOWS = 5
SETTLE = 1.0  # s
TICKS = os.sysconf("SC_CLK_TCK")
SPACE = b" "  # talks, and ends it when typed again
NAMES = "abcd"  # ptt: a talks to b; Mumble: c talks to d

Figures = dict[str, dict[str, list[float]]]  # client, state


class Mumbles:
    """Carl, who talks without end once he is there, and Dora, who is there."""

    def __init__(self, stack: ExitStack, sound: VirtualSound, folder: Path) -> None:
        port = stack.enter_context(running_murmur(0, 0)).port
        display = stack.enter_context(hidden_display())
        self._sit = partial(self._sit_down, stack, sound, folder, display, port)
        self.dora = self._sit("d", talks=False)

    def let_carl_talk(self) -> int:
        """His process id."""
        return self._sit("c", talks=True)

    @staticmethod
    def _sit_down(
        stack: ExitStack,
        sound: VirtualSound,
        folder: Path,
        display: str,
        port: int,
        letter: str,
        *,
        talks: bool,
    ) -> int:
        seat = Seat(folder / letter, display, port, (f"mic-{letter}", f"ear-{letter}"))
        return stack.enter_context(mumble_desk(sound, seat, talks=talks)).pid


async def _measure(folder: Path) -> Figures:
    figures: Figures = defaultdict(lambda: defaultdict(list))
    microphones, loudspeakers = [f"mic-{n}" for n in NAMES], [f"ear-{n}" for n in NAMES]
    _make_speech(folder / "speech.wav")
    with (
        virtual_sound(
            folder / "sound", microphones=microphones, loudspeakers=loudspeakers
        ) as sound,
        ExitStack() as stack,
    ):
        mumbles = None
        if PROGRAM is not None and is_here():
            mumbles = Mumbles(stack, sound, folder)
        async with _two(folder, sound) as (anna, ben):
            clients = {"ptt": ben.process.pid}
            if mumbles:
                clients["Mumble"] = mumbles.dora
            await _note(figures, "connected and idle", clients)
            carl = mumbles.let_carl_talk() if mumbles else None
            async with _talking(anna):
                with _spoken(sound, folder, "mic-a", "mic-c"):
                    await _note(figures, "listening", clients)
            for client, process_id in clients.items():
                figures[client]["memory"].append(_memory_of(process_id))
            if carl:
                clients["Mumble"] = carl
            async with _talking(ben):
                with _spoken(sound, folder, "mic-b", "mic-c"):
                    await _note(figures, "talking", clients)
        async with _two(folder, sound, "--hands-free") as (_, ben):
            await _note(figures, "hands-free, waiting", {"ptt": ben.process.pid})
    return figures


async def _note(figures: Figures, state: str, clients: Mapping[str, int]) -> None:
    """Percent of one core, WINDOWS times, all threads of all clients at the same time."""
    await trio.sleep(SETTLE)
    for _ in range(WINDOWS):
        before = {client: _cpu_seconds(process_id) for client, process_id in clients.items()}
        began = trio.current_time()
        await trio.sleep(WINDOW)
        seconds = trio.current_time() - began
        for client, process_id in clients.items():
            used = _cpu_seconds(process_id) - before[client]
            figures[client][state].append(100 * used / seconds)


@asynccontextmanager
async def _two(
    folder: Path, sound: VirtualSound, *options: str
) -> AsyncIterator[tuple[Desk, Desk]]:
    """Anna, and Ben, who is measured and has the `options`."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        home = Path(name)
        async with AsyncExitStack() as stack:
            daemon = await stack.enter_async_context(running_daemon(home / "pttd"))
            anna = _at_desk(sound, home, "a", await daemon.invite("Anna"))
            ben = _at_desk(sound, home, "b", await daemon.invite("Ben"), *options)
            yield await stack.enter_async_context(anna), await stack.enter_async_context(ben)


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


@asynccontextmanager
async def _talking(person: Desk) -> AsyncIterator[None]:
    await person.types(SPACE)
    await person.reads("Talk now")
    yield
    await person.types(SPACE)
    await person.reads("Released")


@contextmanager
def _spoken(sound: VirtualSound, folder: Path, *microphones: str) -> Iterator[None]:
    said = [sound.say(microphone, folder / "speech.wav") for microphone in microphones]
    yield
    for program in said:
        program.terminate()
        program.wait()


def _cpu_seconds(process_id: int) -> float:
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS  # utime and stime: proc(5)


def _memory_of(process_id: int) -> float:
    """Resident, in MB."""
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _make_speech(target: Path) -> None:
    """SPEECH again and again for SPOKEN seconds."""
    with wave.open(str(SPEECH), "rb") as source, wave.open(str(target), "wb") as file:
        octets = source.readframes(source.getnframes())
        wanted = round(SPOKEN * source.getframerate()) * source.getsampwidth()
        file.setparams(source.getparams())
        file.writeframes((octets * (wanted // len(octets) + 1))[:wanted])


def main() -> None:
    """Measure and print."""
    enter_loopback()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(trio.run(_measure, Path(folder))))


if __name__ == "__main__":
    main()
