"""Names of keys, combinations of them, and what their ups and downs mean. Pure.

A key reports many downs while it is held (repeat), sometimes all of them in one batch when it is
let go: only the first down and the first up count. hotkey.py and terminal_key.py listen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import Enum

from ptt.errors import PttError

# Implementation
SIDED = ("alt", "cmd", "ctrl", "shift")  # each with _l and _r, and by itself for either
NAMED = frozenset(
    {
        *(f"{key}{side}" for key in SIDED for side in ("", "_l", "_r")),
        *(f"f{number}" for number in range(1, 21)),
        *("alt_gr", "backspace", "caps_lock", "delete", "down", "end", "enter", "esc", "home"),
        *("insert", "left", "menu", "num_lock", "page_down", "page_up", "pause", "print_screen"),
        *("right", "scroll_lock", "space", "tab", "up", "media_next", "media_play_pause"),
        *("media_previous", "media_volume_down", "media_volume_mute", "media_volume_up"),
    }
)
MOUSE = frozenset({"mouse3", "mouse4", "mouse5"})  # middle, back, forward
_SYNONYMS = {
    "control": "ctrl",
    "super": "cmd",
    "win": "cmd",
    "windows": "cmd",
    "command": "cmd",
    "option": "alt",
    "altgr": "alt_gr",
    "escape": "esc",
    "return": "enter",
    "del": "delete",
    "mouse_middle": "mouse3",
    "mouse_back": "mouse4",
    "mouse_forward": "mouse5",
}


class HotkeyError(PttError):
    """A key that does not exist, or that this computer does not let us hear."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A key to talk went down.

    key: which one, so that each is counted on its own. latches: whether a short press may keep
    the microphone open; not where commands do both.
    at: Trio's time when it happened, None for when it is read; a hold that is read late and
    without it may look like a tap.
    """

    emergency: bool = False
    key: str = ""
    latches: bool = True
    at: float | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Released:
    """It went up."""

    emergency: bool = False
    key: str = ""
    at: float | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Tapped:
    """A key that tells only that it went down: once to talk, once more to end."""

    emergency: bool = False
    key: str = ""
    at: float | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ReplayPressed:
    """The key to hear the last burst once more went down."""

    key: str = ""
    at: float | None = field(default=None, compare=False, repr=False)


KeyEvent = Pressed | Released | Tapped | ReplayPressed


class Purpose(Enum):
    """What a key is for."""

    TALK = "talk"
    EMERGENCY = "emergency"
    REPLAY = "replay"


@dataclass(frozen=True, slots=True)
class KeyCombination:
    """Keys and mouse buttons that must be down together; most often one."""

    keys: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "KeyCombination":
        """From `ctrl_r`, `Right Ctrl`, `ctrl+alt+t`, `mouse4`... Raises HotkeyError."""
        parts = [part.strip() for part in text.split("+")] if len(text) > 1 else [text]
        return cls(tuple(_canonical(part) for part in parts))

    def __str__(self) -> str:
        return "+".join(self.keys)

    @property
    def uses_mouse(self) -> bool:
        """Whether a mouse button is part of it."""
        return any(key in MOUSE for key in self.keys)

    @property
    def uses_keyboard(self) -> bool:
        """Whether a key is part of it."""
        return any(key not in MOUSE for key in self.keys)

    def mentions(self, key: str) -> bool:
        """Whether this key, as the listener names it, matters here."""
        return any(key in _accepted(part) for part in self.keys)

    def is_down(self, held: Iterable[str]) -> bool:
        """Whether the keys in `held`, as the listener names them, make it complete."""
        return all(not _accepted(key).isdisjoint(held) for key in self.keys)


class KeyState:
    """Turns the downs and ups of all keys into those of one combination."""

    def __init__(self, combination: KeyCombination, purpose: Purpose = Purpose.TALK) -> None:
        self._combination = combination
        self._purpose = purpose
        self._held: set[str] = set()
        self._down = False

    def handle_down(self, key: str) -> KeyEvent | None:
        """A key went down, or repeats."""
        self._held.add(key)
        return self._settle()

    def handle_up(self, key: str) -> KeyEvent | None:
        """A key went up."""
        self._held.discard(key)
        return self._settle()

    def handle_end(self) -> KeyEvent | None:
        """Nobody listens any more: what is down is taken for up."""
        self._held.clear()
        return self._settle()

    def _settle(self) -> KeyEvent | None:
        down = self._combination.is_down(self._held)
        if down == self._down:
            return None
        self._down = down
        name, emergency = str(self._combination), self._purpose is Purpose.EMERGENCY
        if self._purpose is Purpose.REPLAY:
            return ReplayPressed(name) if down else None
        return Pressed(emergency, name) if down else Released(emergency, name)


def _canonical(text: str) -> str:
    if len(text) == 1:
        return text.lower()
    words = text.lower().replace("-", "_").replace(" ", "_")
    for word, side in (("right_", "_r"), ("left_", "_l")):
        if words.startswith(word):
            words = words.removeprefix(word) + side
    name, side = words.removesuffix("_r").removesuffix("_l"), words[-2:]
    key = _SYNONYMS.get(words) or (
        f"{_SYNONYMS[name]}{side}" if name in _SYNONYMS and side in ("_l", "_r") else words
    )
    if key not in NAMED | MOUSE:
        raise HotkeyError(_unknown(text, words))
    return key


def _unknown(text: str, words: str) -> str:
    near = get_close_matches(words, sorted(NAMED | MOUSE), n=1)
    others = "ctrl_r, f9, pause, mouse4, ctrl+alt+t"
    hint = f"did you mean {near[0]}, or one like {others}?" if near else f"good ones are {others}."
    return f"There is no key {text!r}: {hint}"


def _accepted(key: str) -> frozenset[str]:
    """Names under which a listener may report this key."""
    if key in SIDED:
        return frozenset({key, f"{key}_l", f"{key}_r"})
    if key.removesuffix("_l") in SIDED:
        return frozenset({key, key.removesuffix("_l")})  # on X11 the left one has no side
    return frozenset({key})
