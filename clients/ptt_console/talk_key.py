"""Which key talks: the one asked for, else the preferred ones, else the terminal's space bar."""

import os
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ptt_desk.preferences import Keys
from ptt_desk.presses import Source
from ptt_devices.hotkey import has_display
from ptt_devices.key_ways import AUTO, COMMAND, TERMINAL, best_way, native_way, open_way, ways
from ptt_devices.keys import KeyCombination
from ptt_devices.terminal_key import TerminalKey

# Implementation
SPACE_HINT = "space: talk, space again: end, e: emergency, q: quit"
NO_KEY_HINT = "no key can be watched here: use `ptt press` and `ptt release`; Ctrl-C ends"


@dataclass(frozen=True, slots=True)
class TalkKey:
    """Keys that are watched, none if there are none here, and what the person should know."""

    sources: tuple[Source, ...]
    hint: str


@asynccontextmanager
async def talk_key(name: str | None, emergency: str | None, keys: Keys) -> AsyncIterator[TalkKey]:
    """Watch the key of this name, or those that the person prefers if None. Raises HotkeyError.

    Without a name, the space bar is good enough where keys of other windows cannot be heard.
    """
    async with AsyncExitStack() as stack:
        yield await _watched(stack, name, emergency or keys.emergency, keys)


async def _watched(stack: AsyncExitStack, name: str | None, emergency: str, keys: Keys) -> TalkKey:
    if name == TERMINAL:
        return await _terminal(stack)
    talk = _combinations(keys.talk if name is None else [name])
    urgent, replay = _combinations([emergency]), _combinations([keys.replay])
    way = await _way(talk, keys.way, name is not None or bool(emergency))
    if way == TERMINAL:
        return await _terminal(stack)
    presses = open_way(way, talk, emergency=urgent, replay=replay)
    source = Source("keys", await stack.enter_async_context(presses))
    if way == COMMAND:
        return TalkKey((source,), NO_KEY_HINT)
    spoken = " or ".join(map(str, talk))
    hint = f"hold {spoken} to talk, or tap it once to talk and once to end"
    hint += f"; {urgent[0]} for an emergency" if urgent else ""
    return TalkKey((source,), f"{hint}; Ctrl-C ends")


async def _way(talk: list[KeyCombination], wanted: str, needed: bool) -> str:
    """The name of the way to hear these keys; if `needed`, in all windows."""
    if wanted == AUTO and has_display():
        return native_way()
    if wanted == AUTO and needed and not os.environ.get("WAYLAND_DISPLAY"):
        return native_way()  # whose sentence says what is missing
    way = best_way(await ways(talk), wanted)
    if wanted == AUTO and needed and way.name in (TERMINAL, COMMAND):
        return native_way()
    return way.name


async def _terminal(stack: AsyncExitStack) -> TalkKey:
    terminal = TerminalKey()
    if not terminal.usable:
        return TalkKey((), NO_KEY_HINT)
    typed = await stack.enter_async_context(terminal.listen())
    return TalkKey((Source(TERMINAL, typed, ends_all=True),), SPACE_HINT)


def _combinations(names: Iterable[str]) -> list[KeyCombination]:
    return [KeyCombination.parse(name) for name in names if name]
