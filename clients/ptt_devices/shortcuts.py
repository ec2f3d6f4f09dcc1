"""What the signals of the desktop's global shortcuts mean. Pure.

    org.freedesktop.portal: Request.Response, GlobalShortcuts.Activated, .Deactivated,
    .ShortcutsChanged, Session.Closed; org.freedesktop.DBus.NameOwnerChanged

Whatever another program says, or is not of our session, or has not the shape of the
specification, counts for nothing. portal.py asks for the shortcuts and receives the signals.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ptt_devices.keys import SIDED, KeyCombination, KeyEvent, Pressed, Purpose, Released
from ptt_devices.keys import ReplayPressed as Replay

if TYPE_CHECKING:
    from ptt_devices.session_bus import Signal  # not here where there is no jeepney

# Specification
BUS_INTERFACE = "org.freedesktop.DBus"
REQUEST_INTERFACE = "org.freedesktop.portal.Request"
SESSION_INTERFACE = "org.freedesktop.portal.Session"
SHORTCUTS_INTERFACE = "org.freedesktop.portal.GlobalShortcuts"
_GRANTED = 0  # Request.Response; 1: the person cancelled; 2: it ended in another way
# The XDG shortcuts specification: modifiers, then the name of one key as libxkbcommon has it
_MODIFIERS = {"ctrl": "CTRL", "alt": "ALT", "shift": "SHIFT", "cmd": "LOGO"}
_KEYSYMS = {
    "backspace": "BackSpace",
    "caps_lock": "Caps_Lock",
    "enter": "Return",
    "esc": "Escape",
    "media_next": "XF86AudioNext",
    "media_play_pause": "XF86AudioPlay",
    "media_previous": "XF86AudioPrev",
    "media_volume_down": "XF86AudioLowerVolume",
    "media_volume_mute": "XF86AudioMute",
    "media_volume_up": "XF86AudioRaiseVolume",
    "num_lock": "Num_Lock",
    "page_down": "Page_Down",
    "page_up": "Page_Up",
    "print_screen": "Print",
    "scroll_lock": "Scroll_Lock",
    "space": "space",
    **{
        name: name.capitalize()
        for name in ("delete", "down", "end", "home", "insert", "left", "menu", "pause", "right")
    },
    **{name: name.capitalize() for name in ("tab", "up")},
    **{f"f{number}": f"F{number}" for number in range(1, 21)},
}

REFUSED = (
    "The desktop's dialog for the key was refused: start again and allow it, "
    "or bind `ptt toggle` to a key in the desktop's settings."
)
NOT_CHOSEN = "The desktop gave no key to talk: choose one in its settings for ptt and start again."
CLOSED = "The desktop took the key back: start again to ask for it."
GONE = "The desktop portal is gone, and the key with it: start again once it runs."


@dataclass(frozen=True, slots=True)
class Response:
    """How a request ended; `results` as the portal sent them, with the type of each."""

    code: int
    results: Mapping[str, tuple[str, Any]]

    @classmethod
    def read_untrusted(cls, signal: "Signal", portal: str, request: str) -> "Response | None":
        """None if the signal is not the portal's answer to this request."""
        if signal.sender != portal or signal.path != request:
            return None
        match signal.interface, signal.member, signal.body:
            case "org.freedesktop.portal.Request", "Response", (int() as code, dict() as results):
                return cls(code, results)
            case _:
                return None

    def text(self, key: str) -> str:
        """A result that is a text, "" if it is missing or the request did not succeed."""
        match self.results.get(key):
            case (_, str() as text) if self.code == _GRANTED:
                return text
            case _:
                return ""


class Shortcuts:
    """The shortcuts of one session: which are there, which are held, and whether it goes on."""

    def __init__(
        self,
        portal: str,
        session: str,
        wishes: Iterable[Purpose],
        tell: Callable[[Mapping[Purpose, str]], None] | None = None,
    ) -> None:
        self._portal = portal
        self._session = session
        self._purposes = {purpose.value: purpose for purpose in wishes}
        self._triggers: dict[str, str] = {}
        self._held: list[Purpose] = []
        self._tell = tell
        self.request = ""  # the path of the one that binds
        self.bound = False
        self.ended = ""  # the sentence that says why

    def handle_listed(self, triggers: Mapping[str, str]) -> None:
        """What the session has from the beginning; enough if nothing is missing."""
        if self._purposes.keys() <= triggers.keys():
            self.bound = True
            self._note(triggers)

    def handle(self, signal: "Signal") -> list[KeyEvent]:
        """What it means for the keys."""
        if signal.sender == BUS_INTERFACE:
            return self._handle_owner(signal)
        if signal.sender != self._portal:
            return []
        if signal.interface == REQUEST_INTERFACE:
            return self._handle_response(signal)
        if (signal.interface, signal.member) == (SESSION_INTERFACE, "Closed"):
            return self._end(CLOSED) if signal.path == self._session else []
        return self._handle_shortcut(signal) if signal.interface == SHORTCUTS_INTERFACE else []

    def handle_bus_lost(self) -> list[KeyEvent]:
        """Nobody tells us of keys any more."""
        return self._end(GONE)

    def handle_no_answer(self, sentence: str) -> list[KeyEvent]:
        """The person had time enough."""
        return self._end(sentence)

    def _handle_owner(self, signal: "Signal") -> list[KeyEvent]:
        match signal.member, signal.body:
            case "NameOwnerChanged", (_, self._portal, _):
                return self._end(GONE)
            case _:
                return []

    def _handle_response(self, signal: "Signal") -> list[KeyEvent]:
        response = Response.read_untrusted(signal, self._portal, self.request)
        if response is None or self.bound:
            return []
        if response.code != _GRANTED:
            return self._end(REFUSED)
        triggers = read_shortcuts_untrusted(response.results.get("shortcuts"))
        if Purpose.TALK.value not in triggers:
            return self._end(NOT_CHOSEN)
        self.bound = True
        self._note(triggers)
        return []

    def _handle_shortcut(self, signal: "Signal") -> list[KeyEvent]:
        match signal.member, signal.body:
            case "Activated", (self._session, str() as name, int(), dict()):
                return self._press(self._purposes.get(name))
            case "Deactivated", (self._session, str() as name, int(), dict()):
                return self._release(self._purposes.get(name))
            case "ShortcutsChanged", (self._session, list() as shortcuts):
                return self._change(read_shortcuts_untrusted(("", shortcuts)))
            case _:
                return []

    def _press(self, purpose: Purpose | None) -> list[KeyEvent]:
        if purpose is None or purpose in self._held:
            return []
        self._held.append(purpose)
        if purpose is Purpose.REPLAY:
            return [Replay(_key(purpose))]
        return [Pressed(purpose is Purpose.EMERGENCY, _key(purpose))]

    def _release(self, purpose: Purpose | None) -> list[KeyEvent]:
        if purpose not in self._held:
            return []
        self._held.remove(purpose)
        if purpose is Purpose.REPLAY:
            return []
        return [Released(purpose is Purpose.EMERGENCY, _key(purpose))]

    def _change(self, triggers: Mapping[str, str]) -> list[KeyEvent]:
        """A key that is another one now may never be told to go up."""
        changed = [name for name in triggers if triggers[name] != self._triggers.get(name)]
        released = [self._release(self._purposes.get(name)) for name in changed]
        self._note(triggers)
        return [event for events in released for event in events]

    def _end(self, sentence: str) -> list[KeyEvent]:
        self.ended = self.ended or sentence
        released = [self._release(purpose) for purpose in tuple(self._held)]
        return [event for events in released for event in events]

    def _note(self, triggers: Mapping[str, str]) -> None:
        self._triggers |= {name: triggers[name] for name in triggers if name in self._purposes}
        if self._tell is not None:
            self._tell({self._purposes[name]: what for name, what in self._triggers.items()})


def read_shortcuts_untrusted(results: object) -> dict[str, str]:
    """What to press for each shortcut, from a variant of type a(sa{sv}); "" if nothing yet.

    What has another shape is left out.
    """
    match results:
        case (_, list() as shortcuts):
            return dict(read for each in shortcuts if (read := _read_shortcut(each)))
        case _:
            return {}


def _read_shortcut(shortcut: object) -> tuple[str, str] | None:
    match shortcut:
        case (str() as name, {"trigger_description": (_, str() as trigger)}):
            return name, trigger
        case (str() as name, dict()):
            return name, ""
        case _:
            return None


def wished_trigger(combinations: Iterable[KeyCombination]) -> str:
    """The first that a portal can be asked for, such as "CTRL+ALT+t"; "" if none can."""
    return next((trigger for keys in combinations if (trigger := _trigger(keys))), "")


def _trigger(combination: KeyCombination) -> str:
    """Modifiers lose their side; there must be exactly one other key, and no mouse button."""
    names = [_without_side(key) for key in combination.keys]
    modifiers = [_MODIFIERS[name] for name in names if name in SIDED]
    others = [_keysym(name) for name in names if name not in SIDED]
    if len(others) != 1 or not others[0]:
        return ""
    return "+".join([*dict.fromkeys(modifiers), others[0]])


def _without_side(key: str) -> str:
    name = key.removesuffix("_l").removesuffix("_r")
    return name if name in SIDED else key


def _keysym(key: str) -> str:
    """A character that is no ASCII letter or digit by its number, which libxkbcommon reads."""
    if len(key) > 1:
        return _KEYSYMS.get(key, "")
    return key if key.isascii() and key.isalnum() else f"U{ord(key):04X}"


def _key(purpose: Purpose) -> str:
    return f"portal:{purpose.value}"
