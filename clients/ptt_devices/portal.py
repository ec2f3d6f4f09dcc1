"""A key from the desktop, where programs may not hear keys by themselves (Wayland).

    org.freedesktop.portal.GlobalShortcuts, versions 1 and 2, on the session bus:
    CreateSession --> ListShortcuts --> BindShortcuts (the desktop asks the person) --> Activated,
    Deactivated

The desktop decides which key it is: what we ask for is a wish, and a modifier alone or a mouse
button cannot even be wished for. Every call that may ask the person is answered by a signal of a
Request object, perhaps before the call itself returns. What the signals mean: shortcuts.py.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from math import inf
from typing import Any, Self

import trio

from ptt.errors import PttError
from ptt_devices.desktop_entry import APP_ID, write_desktop_entry
from ptt_devices.keys import HotkeyError, KeyCombination, KeyEvent, Purpose
from ptt_devices.session_bus import (
    NO_REPLY,
    BusError,
    BusObject,
    BusRefusalError,
    SessionBus,
    Signal,
    open_session_bus,
)
from ptt_devices.shortcuts import (
    BUS_INTERFACE,
    REQUEST_INTERFACE,
    SESSION_INTERFACE,
    SHORTCUTS_INTERFACE,
    Response,
    Shortcuts,
    read_shortcuts_untrusted,
    wished_trigger,
)

# Specification
SERVICE = "org.freedesktop.portal.Desktop"
_PATH = "/org/freedesktop/portal/desktop"
_SHORTCUTS = BusObject(SERVICE, _PATH, SHORTCUTS_INTERFACE)
_PROPERTIES = BusObject(SERVICE, _PATH, "org.freedesktop.DBus.Properties")
_REGISTRY = BusObject(SERVICE, _PATH, "org.freedesktop.host.portal.Registry")
_NOT_ALLOWED = "org.freedesktop.portal.Error.NotAllowed"
_NOBODY_THERE = (
    "org.freedesktop.DBus.Error.ServiceUnknown",
    "org.freedesktop.DBus.Error.NameHasNoOwner",
    "org.freedesktop.DBus.Error.Spawn",
    NO_REPLY,
)

# Implementation
ANSWER_WITHIN = 5.0  # s, for what asks nobody
LEAVE_WITHIN = 0.5  # s, for each of the two goodbyes
CHOOSE_WITHIN = 120.0  # s that the person may take to read a dialog and press a key
DESCRIPTIONS = {
    Purpose.TALK: "Talk while it is held",
    Purpose.EMERGENCY: "Emergency: talk before everybody else",
    Purpose.REPLAY: "Hear the last words again",
}

_INSTEAD = "or bind `ptt toggle` to a key in the desktop's settings"
NO_BUS = f"The desktop cannot be asked for a key: log in to a desktop, {_INSTEAD}."
NO_PORTAL = f"The desktop portal does not run: install xdg-desktop-portal and log in, {_INSTEAD}."
NO_SHORTCUTS = f"The portal of this desktop knows no global shortcuts: update it, {_INSTEAD}."
UNKNOWN_APP = (
    f"The desktop gives keys only to programs with a desktop entry, and {APP_ID}.desktop did not "
    f"help: log out and in, {_INSTEAD}."
)
NO_SESSION = f"The desktop refused a session for keys: log out and in, {_INSTEAD}."
NO_ANSWER = f"Nobody chose a key in the desktop's dialog: start again and choose, {_INSTEAD}."


class PortalKeys:
    """The keys that the desktop gives us; of several combinations, it is told the first it knows.

    tell: called with what to press for each purpose, in the desktop's words ("" if no key was
    chosen yet), as soon as it is known and whenever it changes.
    """

    def __init__(
        self,
        talk: Iterable[KeyCombination],
        *,
        emergency: Iterable[KeyCombination] = (),
        replay: Iterable[KeyCombination] = (),
        tell: Callable[[Mapping[Purpose, str]], None] | None = None,
    ) -> None:
        others = {Purpose.EMERGENCY: tuple(emergency), Purpose.REPLAY: tuple(replay)}
        wanted = {Purpose.TALK: tuple(talk), **{why: keys for why, keys in others.items() if keys}}
        self._wishes = {purpose: wished_trigger(keys) for purpose, keys in wanted.items()}
        self._tell = tell

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[KeyEvent]]:
        """`async for event in presses`: each press and each release once, in turns for each key.

        The person is asked by the desktop while the block runs already. Raises HotkeyError if
        there is nobody to ask; and from the iterator if the person refused, chose nothing within
        two minutes, or the portal is gone; a key that is down then was released before.
        """
        try:
            async with self._bound() as presses:
                yield presses
        except BusError as error:  # only of the calls in `_bound`: the iterator raises none
            raise HotkeyError(NO_BUS) from error

    @asynccontextmanager
    async def _bound(self) -> AsyncIterator["_Presses"]:
        """With a desktop entry, if the portal asks for one: it must be there before we say hello.

        The second attempt is a connection of its own, since a name is looked up only once in each.
        """
        for has_entry in (False, True):
            async with open_session_bus() as bus:
                portal = await _Portal.find(bus)
                if await portal.create_session() or has_entry:
                    try:
                        yield await self._bind(portal)
                    finally:
                        await portal.leave()
                    return
            await write_desktop_entry()

    async def _bind(self, portal: "_Portal") -> "_Presses":
        if not portal.session:
            raise HotkeyError(UNKNOWN_APP)
        shortcuts = Shortcuts(portal.name, portal.session, self._wishes, self._tell)
        shortcuts.handle_listed(await portal.list_shortcuts())
        if not shortcuts.bound:
            shortcuts.request = await portal.bind_shortcuts(self._wishes)
        presses = _Presses(portal.bus, shortcuts, trio.current_time() + CHOOSE_WITHIN)
        presses.handle(portal.early)
        return presses


async def portal_version() -> int:
    """Of the portal's global shortcuts; asks nobody. Raises HotkeyError."""
    try:
        async with open_session_bus() as bus:
            return (await _Portal.find(bus)).version
    except BusError as error:
        raise HotkeyError(NO_BUS) from error


class _Portal:
    """What is asked of the portal before the first key is pressed."""

    def __init__(self, bus: SessionBus) -> None:
        self.bus = bus
        self.name = ""  # the portal's unique one: what others say in its name does not count
        self.version = 0
        self.session = ""
        self.early: list[Signal] = []  # what was told meanwhile and answers none of our questions
        self._requests = 0
        self._asking = ""  # the request that may show a dialog

    @classmethod
    async def find(cls, bus: SessionBus) -> Self:
        """Raises HotkeyError if there is no portal, or one without global shortcuts."""
        portal = cls(bus)
        try:
            await portal._register()
            (portal.name,) = await bus.call_bus("GetNameOwner", "s", SERVICE)
            await portal._subscribe()
        except BusRefusalError as error:
            raise HotkeyError(NO_PORTAL) from error
        await portal._ask_version()
        return portal

    async def create_session(self) -> bool:
        """Whether we may have one; not if the portal wants to know a desktop entry of ours."""
        try:
            response = await self._request(
                "CreateSession", "a{sv}", options={"session_handle_token": ("s", "ptt")}
            )
        except BusRefusalError as error:
            if error.name == _NOT_ALLOWED:
                return False
            raise HotkeyError(NO_SESSION) from error
        self.session = response.text("session_handle")
        if not self.session:
            raise HotkeyError(NO_SESSION)
        return True

    async def list_shortcuts(self) -> dict[str, str]:
        """Those that this session has already, with what to press; empty if it will not say."""
        try:
            response = await self._request("ListShortcuts", "oa{sv}", self.session)
        except BusRefusalError:
            return {}
        return read_shortcuts_untrusted(response.results.get("shortcuts"))

    async def bind_shortcuts(self, wishes: Mapping[Purpose, str]) -> str:
        """The path of the request that answers; the person may be asked first."""
        shortcuts = [(purpose.value, _described(purpose, wish)) for purpose, wish in wishes.items()]
        arguments = (self.session, shortcuts, "")  # no window that the dialog would belong to
        try:
            self._asking = await self._begin_request(
                "BindShortcuts", "oa(sa{sv})sa{sv}", *arguments
            )
        except BusRefusalError as error:
            raise HotkeyError(NO_SESSION) from error
        return self._asking

    async def leave(self) -> None:
        """Take back the dialog, give back the session; a bus or portal that is gone will do."""
        for path, interface in (
            (self._asking, REQUEST_INTERFACE),
            (self.session, SESSION_INTERFACE),
        ):
            if path:
                with trio.move_on_after(LEAVE_WITHIN, shield=True), suppress(PttError):
                    await self.bus.call(BusObject(self.name, path, interface), "Close")

    async def _register(self) -> None:
        """Say who we are; portals before 1.19 do not ask, and without an entry it is refused."""
        try:
            await self.bus.call(_REGISTRY, "Register", "sa{sv}", (APP_ID, {}))
        except BusRefusalError as error:
            if error.name.startswith(_NOBODY_THERE):
                raise

    async def _subscribe(self) -> None:
        for interface in (SHORTCUTS_INTERFACE, REQUEST_INTERFACE, SESSION_INTERFACE):
            rule = f"type='signal',sender='{SERVICE}',interface='{interface}'"
            await self.bus.call_bus("AddMatch", "s", rule)
        rule = f"type='signal',sender='{BUS_INTERFACE}',member='NameOwnerChanged',arg0='{SERVICE}'"
        await self.bus.call_bus("AddMatch", "s", rule)

    async def _ask_version(self) -> None:
        try:
            ((_, version),) = await self.bus.call(
                _PROPERTIES, "Get", "ss", (SHORTCUTS_INTERFACE, "version")
            )
        except BusRefusalError as error:
            raise HotkeyError(NO_SHORTCUTS) from error
        self.version = int(version)

    async def _request(
        self, method: str, signature: str, *arguments: object, options: dict[str, Any] | None = None
    ) -> Response:
        """Call, and wait for the answer."""
        path = await self._begin_request(method, signature, *arguments, options=options)
        with trio.move_on_after(ANSWER_WITHIN):
            while True:
                signal = await self.bus.receive()
                if response := Response.read_untrusted(signal, self.name, path):
                    return response
                self.early.append(signal)
        raise HotkeyError(NO_SESSION)

    async def _begin_request(
        self, method: str, signature: str, *arguments: object, options: dict[str, Any] | None = None
    ) -> str:
        self._requests += 1
        token = {"handle_token": ("s", f"ptt{self._requests}")}
        body = (*arguments, {**token, **(options or {})})
        (path,) = await self.bus.call(_SHORTCUTS, method, signature, body)
        return str(path)


class _Presses:
    """What was pressed, read from the bus by whoever iterates."""

    def __init__(self, bus: SessionBus, shortcuts: Shortcuts, answer_by: float) -> None:
        self._bus = bus
        self._shortcuts = shortcuts
        self._answer_by = answer_by
        self._events: list[KeyEvent] = []

    def handle(self, signals: Iterable[Signal]) -> None:
        """Those that came before somebody iterates."""
        for signal in signals:
            self._events += self._shortcuts.handle(signal)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyEvent:
        """Raises HotkeyError with the reason why there will be no more."""
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._shortcuts.ended:
                raise HotkeyError(self._shortcuts.ended)
            self._events = await self._next()
        return self._events.pop(0)

    async def _next(self) -> list[KeyEvent]:
        try:
            with trio.move_on_at(inf if self._shortcuts.bound else self._answer_by):
                return self._shortcuts.handle(await self._bus.receive())
        except BusError:
            return self._shortcuts.handle_bus_lost()
        return self._shortcuts.handle_no_answer(NO_ANSWER)


def _described(purpose: Purpose, wish: str) -> dict[str, tuple[str, str]]:
    described = {"description": ("s", DESCRIPTIONS[purpose])}
    return {**described, "preferred_trigger": ("s", wish)} if wish else described
