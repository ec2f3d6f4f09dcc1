"""Which key talks: the one asked for, else one for all windows, else the terminal's space bar."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ptt_desk.presses import Source
from ptt_devices.hotkey import Hotkey, has_display
from ptt_devices.keys import HotkeyError, KeyCombination
from ptt_devices.terminal_key import TerminalKey

# Implementation
DEFAULT_KEY = "ctrl_r"
TERMINAL = "terminal"  # as the name of a key: the space bar of the terminal

SPACE_HINT = "space: talk, space again: end, e: emergency, q: quit"
NO_KEY_HINT = "no key can be watched here: use `ptt press` and `ptt release`; Ctrl-C ends"


@dataclass(frozen=True, slots=True)
class TalkKey:
    """Keys that are watched, none if there are none here, and what the person should know."""

    sources: tuple[Source, ...]
    hint: str


@asynccontextmanager
async def talk_key(name: str | None, emergency: str | None) -> AsyncIterator[TalkKey]:
    """Watch the key of this name, or the best one there is if None. Raises HotkeyError.

    Without a name, the space bar is good enough where keys of other windows cannot be heard.
    """
    async with AsyncExitStack() as stack:
        yield await _watched(stack, name, emergency)


async def _watched(stack: AsyncExitStack, name: str | None, emergency: str | None) -> TalkKey:
    if name is not None and name != TERMINAL:
        return await _hotkey(stack, name, emergency)
    if name is None and has_display():
        try:
            return await _hotkey(stack, DEFAULT_KEY, emergency)
        except HotkeyError:
            if emergency is not None:
                raise
    terminal = TerminalKey()
    if terminal.usable:
        typed = await stack.enter_async_context(terminal.listen())
        return TalkKey((Source(TERMINAL, typed, ends_all=True),), SPACE_HINT)
    return TalkKey((), NO_KEY_HINT)


async def _hotkey(stack: AsyncExitStack, name: str, emergency: str | None) -> TalkKey:
    talk = KeyCombination.parse(name)
    urgent = [KeyCombination.parse(emergency)] if emergency else []
    presses = await stack.enter_async_context(Hotkey([talk], emergency=urgent).listen())
    hint = f"hold {talk} to talk, or tap it once to talk and once to end"
    hint += f"; {urgent[0]} for an emergency" if urgent else ""
    return TalkKey((Source("keys", presses),), f"{hint}; Ctrl-C ends")
