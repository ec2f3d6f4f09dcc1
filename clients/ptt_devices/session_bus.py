"""One connection to the bus of the desktop session (D-Bus specification 0.42), by jeepney.

    our task: call() --> method call ... reply
              receive() <-- signals, those included that came while a call waited

No task of its own: whoever calls or receives reads the socket, so a connection that is lost is
met where it is used, and leaving the block leaves nothing behind. Linux and BSD. What the signals
mean is told by portal.py.
"""

import os
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import trio
from jeepney.auth import BEGIN, Authenticator
from jeepney.bus import get_bus
from jeepney.io.trio import DBusConnection
from jeepney.low_level import HeaderFields, Message, MessageType
from jeepney.wrappers import DBusAddress, new_method_call

from ptt.errors import PttError

# Specification
_BUS = "org.freedesktop.DBus"
_BUS_PATH = "/org/freedesktop/DBus"
NO_REPLY = "org.freedesktop.DBus.Error.NoReply"

_REPLIES = (MessageType.method_return, MessageType.error)

# Implementation
ANSWER_WITHIN = 5.0  # s; activation of a service by the bus included


class BusError(PttError):
    """There is no session bus, or it is gone."""


class BusRefusalError(PttError):
    """A call was answered by an error; `name` is the one in the D-Bus message."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(f"{text or 'No reason was given'} ({name}).")
        self.name = name


@dataclass(frozen=True, slots=True)
class BusObject:
    """An interface of an object of a service."""

    service: str
    path: str
    interface: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that happened, told by `sender`, a unique name that the bus vouches for."""

    sender: str
    path: str
    interface: str
    member: str
    body: tuple[Any, ...]


class SessionBus:
    """A connection on which both sides said hello; see `open_session_bus`."""

    def __init__(self, connection: DBusConnection) -> None:
        self._connection = connection
        self._signals: deque[Signal] = deque()
        self.unique_name = ""

    async def call(
        self, target: BusObject, method: str, signature: str = "", body: tuple[Any, ...] = ()
    ) -> tuple[Any, ...]:
        """What the method returns. Raises BusRefusalError, also if it takes too long; BusError."""
        address = DBusAddress(target.path, bus_name=target.service, interface=target.interface)
        message = new_method_call(address, method, signature or None, body)
        serial = next(self._connection.outgoing_serial)
        with trio.move_on_after(ANSWER_WITHIN) as waited, _translated():
            await self._connection.send(message, serial=serial)
            reply = await self._reply(serial)
        if waited.cancelled_caught:
            raise BusRefusalError(NO_REPLY, f"{target.service} does not answer")
        if reply.header.message_type is MessageType.error:
            name = reply.header.fields.get(HeaderFields.error_name, "")
            raise BusRefusalError(name, str(reply.body[0]) if reply.body else "")
        return tuple(reply.body)

    async def call_bus(self, method: str, signature: str = "", *body: object) -> tuple[Any, ...]:
        """As `call`, a method of the bus itself."""
        return await self.call(BusObject(_BUS, _BUS_PATH, _BUS), method, signature, body)

    async def receive(self) -> Signal:
        """The next signal. Raises BusError when the bus is gone."""
        await trio.lowlevel.checkpoint()
        with _translated():
            while not self._signals:
                self._keep(await self._connection.receive())
        return self._signals.popleft()

    async def say_hello(self) -> None:
        """Must come first."""
        (self.unique_name,) = await self.call_bus("Hello")

    async def _reply(self, serial: int) -> Message:
        while True:
            message = await self._connection.receive()
            answers = message.header.fields.get(HeaderFields.reply_serial) == serial
            if answers and message.header.message_type in _REPLIES:
                return message
            self._keep(message)

    def _keep(self, message: Message) -> None:
        """If it is a signal; nobody has anything to ask of us."""
        if message.header.message_type is not MessageType.signal:
            return
        fields = message.header.fields
        self._signals.append(
            Signal(
                sender=fields.get(HeaderFields.sender, ""),
                path=fields[HeaderFields.path],
                interface=fields[HeaderFields.interface],
                member=fields[HeaderFields.member],
                body=tuple(message.body),
            )
        )


@asynccontextmanager
async def open_session_bus() -> AsyncIterator[SessionBus]:
    """Connected until the block is left. Raises BusError."""
    socket = await _connect()
    try:
        with _answer_in_time(), _translated():
            bus = await _log_in(socket)
        await bus.say_hello()
        yield bus
    finally:
        socket.socket.close()


async def _connect() -> trio.SocketStream:
    try:
        with _answer_in_time():
            return await trio.open_unix_socket(get_bus(_address()))
    except (ValueError, RuntimeError, OSError) as error:  # an address that is none, nobody there
        raise BusError("There is no session bus: log in to the desktop first.") from error


async def _log_in(socket: trio.SocketStream) -> SessionBus:
    await socket.send_all(b"\0")
    conversation = Authenticator(inc_null_byte=False)
    for line in conversation:
        await socket.send_all(line)
        answer = await socket.receive_some()
        if not answer:
            raise trio.EndOfChannel
        conversation.feed(answer)
    await socket.send_all(BEGIN)
    return SessionBus(DBusConnection(socket.socket))


def _address() -> str:
    """The one of the environment, else where systemd puts it."""
    address = os.environ.get("DBUS_SESSION_BUS_ADDRESS")
    return address or f"unix:path={os.environ.get('XDG_RUNTIME_DIR', '/nowhere')}/bus"


@contextmanager
def _answer_in_time() -> Iterator[None]:
    try:
        with trio.fail_after(ANSWER_WITHIN):
            yield
    except trio.TooSlowError as error:
        raise BusError("The session bus does not answer: log out of the desktop and in.") from error


@contextmanager
def _translated() -> Iterator[None]:
    """`ValueError`: what was received is not D-Bus, which includes that we may not log in."""
    try:
        yield
    except (trio.EndOfChannel, trio.BrokenResourceError, ValueError) as error:
        raise BusError("The session bus is gone: log in to the desktop again.") from error
