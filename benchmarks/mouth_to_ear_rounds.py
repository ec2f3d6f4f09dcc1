"""Rounds of mouth_to_ear, all clients in turn in a network of their own; run by mouth_to_ear.py.

stdout: one line of JSON, for each client a list of rounds, each a list of delays in milliseconds.
"""

import json
import tempfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from random import Random

import trio

from benchmarks.fan_out_murmur import PROGRAM, running_murmur
from benchmarks.mumble_desk import LOWEST, Options, Seat, hidden_display, is_here, mumble_desk
from benchmarks.own_network import enter_loopback
from benchmarks.sound_card import LOUDSPEAKER, MICROPHONE, SILENCE, Heard, measure, sound_card
from ptt_demo.daemon import running_daemon
from tests.support.desk import desk
from tests.support.virtual_sound import VirtualSound

# Implementation
ROUNDS = 3
CHIRPS = 20  # a round
SETTLE = 1.0  # s from the key to the first word
SEED = 4
SPACE = b" "  # talks, and ends it when typed again

Conversation = Callable[[VirtualSound, Path], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _ours(latency: str, sound: VirtualSound, folder: Path) -> AsyncIterator[None]:
    """Anna talks and Ben listens: two processes `ptt talk`, and a real daemon."""
    async with AsyncExitStack() as stack:
        daemon = await stack.enter_async_context(running_daemon(folder / "pttd"))
        people = []
        for name, microphone in (("anna", MICROPHONE), ("ben", SILENCE)):
            home = folder / name
            (home / "ptt").mkdir(mode=0o700, parents=True)
            (home / "ptt" / "ptt.toml").write_text(f'[devices]\nlatency = "{latency}"\n')
            environment = {**sound.environment, "XDG_RUNTIME_DIR": str(home)}
            devices = ("--microphone", microphone, "--loudspeaker", LOUDSPEAKER)
            link = await daemon.invite(name)
            sits_down = desk(environment, home, link, *devices, "--key", "terminal")
            people.append(await stack.enter_async_context(sits_down))
        await people[0].types(SPACE)
        await people[0].reads("Talk now")
        yield


@asynccontextmanager
async def _mumble(options: Options, sound: VirtualSound, folder: Path) -> AsyncIterator[None]:
    """The same with two of Mumble's clients and Murmur."""
    with ExitStack() as stack:
        port = stack.enter_context(running_murmur(0, 0)).port
        display = stack.enter_context(hidden_display())
        for name, microphone in (("anna", MICROPHONE), ("ben", SILENCE)):
            talks = name == "anna"
            seat = Seat(folder / name, display, port, (microphone, LOUDSPEAKER))
            stack.enter_context(mumble_desk(sound, seat, talks=talks, options=options))
        yield


CLIENTS: dict[str, Conversation] = {
    "ptt": partial(_ours, "normal"),
    "ptt, low": partial(_ours, "low"),
}
if PROGRAM is not None and is_here():
    CLIENTS["Mumble"] = partial(_mumble, {})
    CLIENTS["Mumble, lowest"] = partial(_mumble, LOWEST)


async def _measure_all() -> dict[str, list[Heard]]:
    """All rounds, in turn: A B C, C B A, ..."""
    found: dict[str, list[Heard]] = defaultdict(list)
    rng = Random(SEED)
    for number in range(ROUNDS):
        for name in list(CLIENTS)[:: -1 if number % 2 else 1]:
            found[name].append(await _measure(CLIENTS[name], rng))
    return found


async def _measure(conversation: Conversation, rng: Random) -> Heard:
    with tempfile.TemporaryDirectory() as name, sound_card(Path(name) / "sound") as sound:
        folder = Path(name)
        async with conversation(sound, folder):
            await trio.sleep(SETTLE)
            return await trio.to_thread.run_sync(partial(measure, sound, folder, CHIRPS, rng))


def main() -> None:
    """Measure and print."""
    enter_loopback()
    found = trio.run(_measure_all)
    rounds = {
        name: [[round(delay * 1e3, 2) for delay in heard.delays] for heard in all_heard]
        for name, all_heard in found.items()
    }
    lost = {name: sum(heard.lost for heard in each) for name, each in found.items()}
    print(json.dumps({"rounds": rounds, "lost": lost}))


if __name__ == "__main__":
    main()
