"""What a screen reader finds in a program: its accessible tree, read by AT-SPI over D-Bus.

    registry of the accessibility bus --> the program with this process id --> its widgets

The calls of a level go out together: one at a time, a window of some hundred widgets takes seconds.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import HeaderFields, MessageType
from jeepney.wrappers import DBusAddress, new_method_call

# Specification: AT-SPI 2, atspi-constants.h
_ACCESSIBLE = "org.a11y.atspi.Accessible"
_COMPONENT = "org.a11y.atspi.Component"
_TEXT = "org.a11y.atspi.Text"
_VALUE = "org.a11y.atspi.Value"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ROOT = "/org/a11y/atspi/accessible/root"
_ON_SCREEN = 0  # coordinates relative to the screen
_STATES = {
    1: "active",
    4: "checked",
    7: "editable",
    8: "enabled",
    9: "expandable",
    10: "expanded",
    11: "focusable",
    12: "focused",
    16: "modal",
    20: "pressed",
    22: "selectable",
    23: "selected",
    25: "showing",
    30: "visible",
    41: "checkable",
    43: "read only",
}

# Implementation
_AT_ONCE = 60  # calls that wait for their answer

_Object = tuple[str, str]  # name on the bus, path


@dataclass(frozen=True, slots=True)
class Accessible:
    """A widget, or a part of one. `area`: x, y, width and height on the screen."""

    role: str
    name: str
    description: str = ""
    text: str = ""
    value: float | None = None
    states: frozenset[str] = frozenset()
    area: tuple[int, int, int, int] = (0, 0, 0, 0)
    children: "tuple[Accessible, ...]" = field(default=(), repr=False)

    @property
    def centre(self) -> tuple[int, int]:
        x, y, width, height = self.area
        return x + width // 2, y + height // 2

    @property
    def showing(self) -> bool:
        return "showing" in self.states

    def walk(self) -> "Iterator[Accessible]":
        """This one and all below."""
        yield self
        for child in self.children:
            yield from child.walk()

    def find(self, role: str = "", name: str = "") -> "Accessible | None":
        """The first that is shown, has this role, and has `name` in its name or its text."""
        for each in self.walk():
            said = name in each.name or name in each.text
            if each.showing and role in ("", each.role) and said:
                return each
        return None

    def lines(self, depth: int = 0) -> list[str]:
        """The tree for people to read."""
        text = f" = {self.text!r}" if self.text and self.text != self.name else ""
        about = f" ({self.description})" if self.description else ""
        own = f"{'  ' * depth}{self.role}: {self.name!r}{about}{text} {sorted(self.states)}"
        return [own, *(line for child in self.children for line in child.lines(depth + 1))]


class AccessibilityBus:
    """A connection to the bus on which programs show their trees.

    `scale`: AT-SPI speaks of pixels, but Qt tells areas in its own unit.
    """

    def __init__(self, session_bus: str, scale: float = 1.0) -> None:
        self._scale = scale
        with open_dbus_connection(bus=session_bus) as session:
            target = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            address = session.send_and_get_reply(new_method_call(target, "GetAddress"), timeout=10)
        self._bus: DBusConnection = open_dbus_connection(bus=address.body[0])

    def close(self) -> None:
        self._bus.close()

    def tree(self, pid: int) -> Accessible | None:
        """All that this program shows; None while it is not there."""
        for program in self._children([("org.a11y.atspi.Registry", _ROOT)])[0]:
            (found,) = self._ask([_pid_of(program[0])])
            if found == (pid,):
                return self._read([program])[0]
        return None

    def _read(self, objects: Sequence[_Object]) -> list[Accessible]:
        """These and all below, level by level."""
        if not objects:
            return []
        below = self._children(objects)
        flat = self._read([child for children in below for child in children])
        rest = iter(flat)
        grown = [tuple(next(rest) for _ in children) for children in below]
        asked = [
            self._all(objects, "GetRoleName"),
            self._all(objects, *_property(_ACCESSIBLE, "Name")),
            self._all(objects, *_property(_ACCESSIBLE, "Description")),
            self._all(objects, "GetState"),
            self._all(objects, "GetExtents", _COMPONENT, "u", _ON_SCREEN),
            self._all(objects, "GetText", _TEXT, "ii", 0, -1),
            self._all(objects, *_property(_VALUE, "CurrentValue")),
        ]
        answers = zip(*asked, strict=True)
        found = zip(answers, grown, strict=True)
        return [_accessible(*each, children, self._scale) for each, children in found]

    def _children(self, objects: Sequence[_Object]) -> list[list[_Object]]:
        found = self._all(objects, "GetChildren")
        return [[(name, path) for name, path in each[0]] if each else [] for each in found]

    def _all(
        self,
        objects: Sequence[_Object],
        method: str,
        interface: str = _ACCESSIBLE,
        signature: str | None = None,
        *body: object,
    ) -> list[tuple[Any, ...]]:
        """The same question to each of them."""
        calls = [
            new_method_call(DBusAddress(path, name, interface), method, signature, body)
            for name, path in objects
        ]
        return self._ask(calls)

    def _ask(self, calls: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Their answers, in order; () where it was refused, as by what has just gone."""
        answers: dict[int, tuple[Any, ...]] = {}
        serials = []
        for begin in range(0, len(calls), _AT_ONCE):
            sent = [self._send(call) for call in calls[begin : begin + _AT_ONCE]]
            serials += sent
            self._collect(set(sent), answers)
        return [answers[serial] for serial in serials]

    def _send(self, call: Any) -> int:  # noqa: ANN401  jeepney has no types
        serial: int = next(self._bus.outgoing_serial)
        self._bus.send(call, serial=serial)
        return serial

    def _collect(self, awaited: set[int], answers: dict[int, tuple[Any, ...]]) -> None:
        while awaited:
            message = self._bus.receive(timeout=10)
            serial = message.header.fields.get(HeaderFields.reply_serial)
            if serial in awaited:
                awaited.remove(serial)
                well = message.header.message_type is MessageType.method_return
                answers[serial] = tuple(message.body) if well else ()


def _property(interface: str, name: str) -> tuple[str, str, str, str, str]:
    return "Get", _PROPERTIES, "ss", interface, name


def _pid_of(name: str) -> object:
    bus = "org.freedesktop.DBus"
    target = DBusAddress("/org/freedesktop/DBus", bus, bus)
    return new_method_call(target, "GetConnectionUnixProcessID", "s", (name,))


def _accessible(
    role: tuple[Any, ...],
    name: tuple[Any, ...],
    description: tuple[Any, ...],
    states: tuple[Any, ...],
    area: tuple[Any, ...],
    text: tuple[Any, ...],
    value: tuple[Any, ...],
    children: tuple[Accessible, ...],
    scale: float,
) -> Accessible:
    return Accessible(
        role=_first(role, ""),
        name=_variant(name, ""),
        description=_variant(description, ""),
        text=_first(text, ""),
        value=_variant(value, None),
        states=frozenset(_names_of(_first(states, [0, 0]))),
        area=_scaled(_first(area, (0, 0, 0, 0)), scale),
        children=children,
    )


def _scaled(area: tuple[int, int, int, int], scale: float) -> tuple[int, int, int, int]:
    x, y, width, height = (round(scale * part) for part in area)
    return x, y, width, height


def _names_of(words: Sequence[int]) -> list[str]:
    return [name for bit, name in _STATES.items() if words[bit // 32] >> (bit % 32) & 1]


def _first(body: tuple[Any, ...], missing: Any) -> Any:  # noqa: ANN401
    return body[0] if body else missing


def _variant(body: tuple[Any, ...], missing: Any) -> Any:  # noqa: ANN401
    """What is in a D-Bus variant: jeepney gives its signature and its value."""
    return body[0][1] if body else missing
