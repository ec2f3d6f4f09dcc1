"""A desktop portal that behaves as its specification says, and the real one before a desktop.

    PretendPortal: org.freedesktop.portal.Desktop with GlobalShortcuts (version 2) and Registry
    PretendBackend: what a desktop puts behind the real xdg-desktop-portal

Both are tasks of the test, on a real bus.
"""

import os
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import trio
from jeepney.bus_messages import MatchRule, message_bus
from jeepney.io.trio import DBusConnection, open_dbus_connection
from jeepney.low_level import HeaderFields, Message, MessageFlag, MessageType
from jeepney.wrappers import DBusAddress, new_error, new_method_return, new_signal

from tests.support.private_bus import PATIENCE, Bus

PATH = "/org/freedesktop/portal/desktop"
PORTAL = "org.freedesktop.portal"
BACKEND = "org.freedesktop.impl.portal"
BACKEND_NAME = f"{BACKEND}.desktop.pretend"
FRONTEND = Path("/usr/libexec/xdg-desktop-portal")
Reply = tuple[str, tuple[Any, ...]]  # signature and body


class RefusalError(Exception):
    """An error as the answer to a call."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class Service:
    """Answers method calls; subclasses fill `methods`, keyed by interface and method."""

    def __init__(self, connection: DBusConnection) -> None:
        self.connection = connection
        self.methods: dict[tuple[str, str], Callable[..., Reply]] = {}
        self.then: list[Message] = []  # sent with the reply
        self.early = False  # whether they are sent before it
        self._turn = trio.Lock()

    async def serve(self, name: str, *, task_status: trio.TaskStatus[None]) -> None:
        """Own the name, then answer until cancelled or the connection is closed."""
        async with self.connection.router() as router:
            await router.send_and_get_reply(message_bus.RequestName(name))
        task_status.started()
        try:
            while True:
                await self._answer(await self.connection.receive())
        except (trio.ClosedResourceError, trio.EndOfChannel, trio.BrokenResourceError):
            return  # vanished, or its bus did

    async def emit(
        self, path: str, interface: str, member: str, *what: object, to: str = ""
    ) -> None:
        """Send a signal; `what` is the signature and its arguments."""
        async with self._turn:
            await self.connection.send(signal(path, interface, member, *what, to=to))

    async def vanish(self) -> None:
        """Go, as a program does that crashes."""
        await self.connection.aclose()

    async def _answer(self, message: Message) -> None:
        if message.header.message_type is not MessageType.method_call:
            return
        reply = self._reply(message)
        rest, self.then = self.then, []
        wanted = not message.header.flags & MessageFlag.no_reply_expected
        async with self._turn:
            for each in [*rest, reply] if self.early else [reply, *rest]:
                if each is not reply or wanted:
                    await self.connection.send(each)

    def _reply(self, message: Message) -> Message:
        fields = message.header.fields
        interface, member = fields.get(HeaderFields.interface, ""), fields[HeaderFields.member]
        method = self.methods.get((interface, member))
        if method is None:
            name = "org.freedesktop.DBus.Error.UnknownMethod"
            return new_error(message, name, "s", (f"No such interface “{interface}”",))
        try:
            signature, body = method(fields[HeaderFields.sender], *message.body)
        except RefusalError as refusal:
            return new_error(message, refusal.name, "s", (str(refusal),))
        return new_method_return(message, signature or None, body)


def signal(path: str, interface: str, member: str, *what: object, to: str = "") -> Message:
    """Broadcast, or sent `to` one connection as the portal does."""
    signature, *body = what or ("",)
    address = DBusAddress(path, interface=interface)
    message = new_signal(address, member, str(signature) or None, tuple(body))
    if to:
        message.header.fields[HeaderFields.destination] = to
    return message


@dataclass
class Person:
    """What the person before the desktop does, and what the desktop is like."""

    answer: int | None = 0  # to the dialog, as Request.Response; None: goes to lunch
    early: bool = False  # whether the answer comes before the call returns
    has_shortcuts: bool = True  # an old portal has none
    has_registry: bool = True
    closes_at_once: bool = False  # whether it takes the session back before it lists shortcuts
    hangs: bool = False  # whether the portal never answers anything
    asks_for_entry: Path | None = None  # directory of desktop entries, from 1.21 on
    gives: dict[str, str] = field(default_factory=dict)  # in place of what was wished for
    remembers: dict[str, str] = field(default_factory=dict)  # shortcuts of an earlier day


class PretendPortal(Service):
    """The portal; sessions and requests have paths made of sender and token, as specified."""

    def __init__(self, connection: DBusConnection, person: Person) -> None:
        super().__init__(connection)
        self.person, self.early = person, person.early
        self.asked: list[tuple[str, dict[str, Any]]] = []  # the shortcuts of BindShortcuts
        self.session = ""
        self.client = ""
        self.goodbyes: list[str] = []  # senders that closed a request or a session
        self._known: set[str] = set()  # senders that have a desktop entry
        self._bound: set[str] = set()  # sessions
        self._request = ""
        self._clock = 1000
        shortcuts = f"{PORTAL}.GlobalShortcuts"
        if person.has_shortcuts:
            self.methods |= {
                (shortcuts, "CreateSession"): self._create_session,
                (shortcuts, "BindShortcuts"): self._bind,
                (shortcuts, "ListShortcuts"): self._list,
                ("org.freedesktop.DBus.Properties", "Get"): lambda *_: ("v", (("u", 2),)),
                (f"{PORTAL}.Request", "Close"): self._close,
                (f"{PORTAL}.Session", "Close"): self._close,
            }
        if person.has_registry:
            self.methods["org.freedesktop.host.portal.Registry", "Register"] = self._register

    async def activate(self, name: str, session: str = "") -> None:
        """The key of this shortcut goes down."""
        await self._key("Activated", name, session)

    async def deactivate(self, name: str, session: str = "") -> None:
        """It goes up."""
        await self._key("Deactivated", name, session)

    async def change(self, triggers: dict[str, str]) -> None:
        """The person chose other keys in the settings."""
        await self.emit(
            PATH,
            f"{PORTAL}.GlobalShortcuts",
            "ShortcutsChanged",
            "oa(sa{sv})",
            self.session,
            described(triggers),
            to=self.client,
        )

    async def close_session(self) -> None:
        """The desktop takes it back."""
        await self.emit(self.session, f"{PORTAL}.Session", "Closed", "a{sv}", {}, to=self.client)

    async def answer_dialog(self, code: int, triggers: dict[str, str]) -> None:
        """The person answers at last."""
        results = {"shortcuts": ("a(sa{sv})", described(triggers))}
        await self.connection.send(self._response(self._request, self.client, code, results))

    async def _key(self, member: str, name: str, session: str) -> None:
        self._clock += 20
        what = "osta{sv}", session or self.session, name, self._clock, {}
        await self.emit(PATH, f"{PORTAL}.GlobalShortcuts", member, *what, to=self.client)

    async def _answer(self, message: Message) -> None:
        if not self.person.hangs:
            await super()._answer(message)

    def _register(self, sender: str, app_id: str, options: dict[str, Any]) -> Reply:
        del options
        folder = self.person.asks_for_entry
        if folder is None or not (folder / f"{app_id}.desktop").exists():
            text = f"Could not register app ID: App info not found for '{app_id}'"
            raise RefusalError(f"{PORTAL}.Error.Failed", text)
        self._known.add(sender)
        return "", ()

    def _create_session(self, sender: str, options: dict[str, Any]) -> Reply:
        if self.person.asks_for_entry is not None and sender not in self._known:
            raise RefusalError(f"{PORTAL}.Error.NotAllowed", "An app id is required")
        token = options["session_handle_token"][1]
        self.client, self.session = sender, f"{PATH}/session/{_element(sender)}/{token}"
        return self._answer_later(sender, options, 0, {"session_handle": ("s", self.session)})

    def _bind(
        self,
        sender: str,
        session: str,
        shortcuts: list[tuple[str, dict[str, Any]]],
        window: str,
        options: dict[str, Any],
    ) -> Reply:
        self._check_session(sender, session)
        if session in self._bound:
            raise RefusalError("org.freedesktop.DBus.Error.AccessDenied", "Already bound")
        assert window == ""
        self._bound.add(session)
        self.asked = shortcuts
        wished = {name: values.get("preferred_trigger", ("s", ""))[1] for name, values in shortcuts}
        results = {"shortcuts": ("a(sa{sv})", described(self.person.gives or wished))}
        return self._answer_later(sender, options, self.person.answer, results)

    def _list(self, sender: str, session: str, options: dict[str, Any]) -> Reply:
        self._check_session(sender, session)
        results = {"shortcuts": ("a(sa{sv})", described(self.person.remembers))}
        if self.person.closes_at_once:
            self.then.append(signal(session, f"{PORTAL}.Session", "Closed", "a{sv}", {}, to=sender))
        return self._answer_later(sender, options, 0, results)

    def _close(self, sender: str) -> Reply:
        self.goodbyes.append(sender)
        return "", ()

    def _check_session(self, sender: str, session: str) -> None:
        if (sender, session) != (self.client, self.session):
            raise RefusalError("org.freedesktop.DBus.Error.AccessDenied", "Invalid session")

    def _answer_later(
        self, sender: str, options: dict[str, Any], code: int | None, results: dict[str, Any]
    ) -> Reply:
        self._request = f"{PATH}/request/{_element(sender)}/{options['handle_token'][1]}"
        if code is not None:
            self.then.append(self._response(self._request, sender, code, results))
        return "o", (self._request,)

    def _response(self, path: str, to: str, code: int, results: dict[str, Any]) -> Message:
        shown = results if code == 0 else {}
        return signal(path, f"{PORTAL}.Request", "Response", "ua{sv}", code, shown, to=to)


class PretendBackend(Service):
    """What stands behind the real portal: grants every session and every wish."""

    def __init__(self, connection: DBusConnection, person: Person) -> None:
        super().__init__(connection)
        self.person = person
        self.session = ""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.was_asked = trio.Event()
        self.frontend: subprocess.Popen[bytes] | None = None
        shortcuts = f"{BACKEND}.GlobalShortcuts"
        self.methods = {
            (shortcuts, "CreateSession"): self._create_session,
            (shortcuts, "BindShortcuts"): self._bind,
            (shortcuts, "ListShortcuts"): self._list,
            (f"{BACKEND}.Session", "Close"): lambda *_: ("", ()),
            ("org.freedesktop.DBus.Properties", "GetAll"): lambda *_: (
                "a{sv}",
                ({"version": ("u", 1)},),
            ),
        }

    async def activate(self, name: str) -> None:
        """The key of this shortcut goes down."""
        what = "osta{sv}", self.session, name, 1020, {}
        await self.emit(PATH, f"{BACKEND}.GlobalShortcuts", "Activated", *what)

    async def deactivate(self, name: str) -> None:
        """It goes up."""
        what = "osta{sv}", self.session, name, 1040, {}
        await self.emit(PATH, f"{BACKEND}.GlobalShortcuts", "Deactivated", *what)

    async def close_session(self) -> None:
        """The desktop takes it back."""
        await self.emit(self.session, f"{BACKEND}.Session", "Closed")

    def _create_session(self, sender: str, handle: str, session: str, *rest: object) -> Reply:
        del sender, handle, rest
        self.session = session
        return "ua{sv}", (0, {})

    def _bind(
        self, sender: str, handle: str, session: str, shortcuts: list[Any], *rest: object
    ) -> Reply:
        del sender, handle, rest
        assert session == self.session
        self.asked = shortcuts
        self.was_asked.set()
        wished = {name: values["preferred_trigger"][1] for name, values in shortcuts}
        results = {"shortcuts": ("a(sa{sv})", described(wished))}
        return "ua{sv}", (self.person.answer, results)

    def _list(self, *ignored: object) -> Reply:
        del ignored
        return "ua{sv}", (0, {"shortcuts": ("a(sa{sv})", described(self.person.remembers))})


def described(triggers: dict[str, str]) -> list[tuple[str, dict[str, Any]]]:
    """As a portal tells of shortcuts."""
    return [(name, {"trigger_description": ("s", what)}) for name, what in triggers.items()]


@asynccontextmanager
async def pretend_portal(bus: Bus, person: Person | None = None) -> AsyncIterator[PretendPortal]:
    """Serves until the block is left."""
    async with await open_dbus_connection(bus.address) as connection:
        portal = PretendPortal(connection, person or Person())
        async with trio.open_nursery() as nursery:
            await nursery.start(portal.serve, f"{PORTAL}.Desktop")
            yield portal
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def real_portal(bus: Bus, person: Person | None = None) -> AsyncIterator[PretendBackend]:
    """The real xdg-desktop-portal before a pretend desktop; skips where it is not installed.

    Without shortcuts of the person, the desktop has none.
    """
    _skip_without_frontend()
    async with await open_dbus_connection(bus.address) as connection:
        backend = PretendBackend(connection, person or Person())
        async with trio.open_nursery() as nursery:
            await nursery.start(backend.serve, BACKEND_NAME)
            with _frontend(bus, backend) as backend.frontend:
                await _until_owned(bus, f"{PORTAL}.Desktop")
                yield backend
            nursery.cancel_scope.cancel()


def _skip_without_frontend() -> None:
    if not FRONTEND.exists():
        pytest.skip("needs the Debian package xdg-desktop-portal")


@contextmanager
def _frontend(bus: Bus, backend: PretendBackend) -> "Iterator[subprocess.Popen[bytes]]":
    provided = "GlobalShortcuts" if backend.person.has_shortcuts else "Wallpaper"
    (bus.folder / "pretend.portal").write_text(
        f"[portal]\nDBusName={BACKEND_NAME}\nInterfaces={BACKEND}.{provided};\nUseIn=pretend\n"
    )
    environment = {
        **os.environ,
        "DBUS_SESSION_BUS_ADDRESS": bus.address,
        "XDG_CURRENT_DESKTOP": "pretend",
        "XDG_DESKTOP_PORTAL_DIR": str(bus.folder),
        "XDG_RUNTIME_DIR": str(bus.folder),
        "XDG_DATA_HOME": str(bus.folder / "data"),
    }
    process = subprocess.Popen([FRONTEND], env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait(PATIENCE)


async def _until_owned(bus: Bus, name: str) -> None:
    rule = MatchRule(type="signal", member="NameOwnerChanged")
    rule.add_arg_condition(0, name)
    async with (
        await open_dbus_connection(bus.address) as connection,
        connection.router() as router,
        router.filter(rule) as changes,
    ):
        await router.send_and_get_reply(message_bus.AddMatch(rule))
        owned = await router.send_and_get_reply(message_bus.NameHasOwner(name))
        with trio.fail_after(PATIENCE):
            if not owned.body[0]:
                await changes.receive()


def _element(sender: str) -> str:
    return sender.removeprefix(":").replace(".", "_")
