"""Which key talks: the one asked for, else one for all windows, else the terminal's space bar."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from ptt_devices.hotkey import Hotkey, has_display
from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, Pressed, Released
from ptt_devices.terminal_key import TerminalKey

# Implementation
DEFAULT_KEY = "ctrl_r"
TERMINAL = "terminal"  # as the name of a key: the space bar of the terminal

SPACE_HINT = "space: talk, space again: end, e: emergency, q: quit"
NO_KEY_HINT = "no key can be watched here: listening only; Ctrl-C ends"


@dataclass(frozen=True, slots=True)
class TalkKey:
    """A key that is watched, None if there is none here, and what the person should know."""

    presses: AsyncIterator[KeyEvent] | None
    hint: str


class HeldKeys:
    """Of the two keys, which are down: one press begins when the first goes down and ends when
    the last comes up; the emergency key, pressed meanwhile, begins an emergency."""

    def __init__(self, press: Callable[[bool], None], release: Callable[[], None]) -> None:
        self._press = press
        self._release = release
        self._down: set[bool] = set()

    def handle(self, event: KeyEvent) -> None:
        """Press or release, if this event calls for it."""
        match event:
            case Pressed(emergency=emergency):
                if self._down and emergency:
                    self._release()
                if not self._down or emergency:
                    self._press(emergency)
                self._down.add(emergency)
            case Released(emergency=emergency):
                self._down.discard(emergency)
                if not self._down:
                    self._release()


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
        return TalkKey(await stack.enter_async_context(terminal.listen()), SPACE_HINT)
    return TalkKey(None, NO_KEY_HINT)


async def _hotkey(stack: AsyncExitStack, name: str, emergency: str | None) -> TalkKey:
    talk = KeyCombination.parse(name)
    urgent = KeyCombination.parse(emergency) if emergency else None
    presses = await stack.enter_async_context(Hotkey(talk, urgent).listen())
    hint = f"hold {talk} to talk" + (f", {urgent} for an emergency" if urgent else "")
    return TalkKey(presses, f"{hint}; Ctrl-C ends")
