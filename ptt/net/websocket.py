"""A client's WebSocket over a pinned TLS stream (RFC 6455): short texts in both directions.

wsproto knows the protocol, this file moves its octets. There is no task in the background: pings
are answered by whoever receives, and a server that goes away is noticed there.
"""

from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import NoReturn

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Ping,
    RejectConnection,
    Request,
    TextMessage,
)
from wsproto.utilities import LocalProtocolError as NotOpenError
from wsproto.utilities import RemoteProtocolError

from ptt.errors import LocalProtocolError, MalformedPacketError, ServerUnreachableError
from ptt.net.pinned_tls import PinnedStream, pinned_stream, unreachable_if_broken

# Specification
_NORMAL_CLOSURE = 1000  # RFC 6455, 7.4.1
_TOO_BIG = 1009

# Implementation
MAX_MESSAGE = 65536  # octets sent, characters received
OPEN_PATIENCE = 10.0  # s until the server accepts
SEND_PATIENCE = 10.0  # s until the system took a message; the server does not read any more
CLOSE_PATIENCE = 0.5  # s to say goodbye
_CHUNK = 16384  # octets, a TLS record


class WebSocket:
    """An open connection; made by `open_websocket`.

    One task may receive while others send. After any error, or when a call was cancelled, it is
    of no more use.
    """

    def __init__(self, stream: PinnedStream, host: str, port: int) -> None:
        self._stream = stream
        self._host = host
        self._port = port
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._sending = trio.Lock()
        self._broken_rules = f"The server at {host} breaks the rules of WebSocket."
        self._is_open = False
        self._parts: list[str] = []
        self._length = 0  # characters of the parts
        self._texts: deque[str] = deque()

    @property
    def peer_host(self) -> str:
        """The address that the host turned out to have."""
        try:
            return str(self._stream.transport_stream.socket.getpeername()[0])
        except OSError:  # gone already: whoever sends or receives will be told
            return self._host

    async def send(self, text: str) -> None:
        """Raises ServerUnreachableError; LocalProtocolError for more than MAX_MESSAGE octets."""
        if len(text.encode()) > MAX_MESSAGE:
            raise LocalProtocolError(f"A message of {len(text)} characters is too long.")
        await self._send(TextMessage(text))

    async def receive(self) -> str:
        """The next text.

        Raises ServerUnreachableError when there will be none, however it ended, and
        MalformedPacketError for what is not a short text.
        """
        while not self._texts:
            await self._pull()
        return self._texts.popleft()

    async def shake_hands(self, path: str) -> None:
        """Ask the server to open; raises ServerUnreachableError if it does not."""
        with unreachable_if_broken(self._host, self._port), trio.fail_after(OPEN_PATIENCE):
            await self._send(Request(host=self._host, target=path))
            while not self._is_open:
                await self._pull()

    async def say_goodbye(self) -> None:
        """Tell the server that this is the end, if it still listens."""
        with trio.move_on_after(CLOSE_PATIENCE), suppress(ServerUnreachableError):
            await self._send(CloseConnection(_NORMAL_CLOSURE))

    async def _send(self, event: Event) -> None:
        with unreachable_if_broken(self._host, self._port), trio.fail_after(SEND_PATIENCE):
            async with self._sending:
                try:
                    octets = self._protocol.send(event)
                except NotOpenError as error:
                    raise ServerUnreachableError("The connection is closed.") from error
                await self._stream.send_all(octets)

    async def _pull(self) -> None:
        """Take in what comes next."""
        with unreachable_if_broken(self._host, self._port):
            octets = await self._stream.receive_some(_CHUNK)
        try:
            self._protocol.receive_data(bytes(octets) or None)
            for event in self._protocol.events():
                await self._handle(event)
        except RemoteProtocolError as error:
            raise ServerUnreachableError(self._broken_rules) from error

    async def _handle(self, event: Event) -> None:
        match event:
            case TextMessage():
                await self._take(event)
            case BytesMessage():
                raise MalformedPacketError("a binary message")
            case Ping():
                await self._send(event.response())
            case CloseConnection():
                await self._end(event)
            case AcceptConnection():
                self._is_open = True
            case RejectConnection(status_code=status):
                raise ServerUnreachableError(
                    f"The server at {self._host} opens no session here (HTTP {status})."
                )
            case _:
                pass

    async def _take(self, event: TextMessage) -> None:
        self._parts += [event.data] if event.data else []
        self._length += len(event.data)
        if self._length > MAX_MESSAGE:
            await self._send(CloseConnection(_TOO_BIG))
            raise MalformedPacketError("a message that is too long")
        if event.message_finished:
            self._texts.append("".join(self._parts))
            self._parts, self._length = [], 0

    async def _end(self, event: CloseConnection) -> NoReturn:
        """The server closed, or vanished, or broke a rule: wsproto reports all in this way."""
        state = self._protocol.state
        with suppress(ServerUnreachableError):
            await self._send(event.response())
        if state is ConnectionState.OPEN:
            raise ServerUnreachableError(self._broken_rules)
        reason = f": {event.reason}" if event.reason else "."
        raise ServerUnreachableError(f"The server at {self._host} ended the connection{reason}")


@asynccontextmanager
async def open_websocket(
    host: str, port: int, expected_hash: str, path: str
) -> AsyncIterator[WebSocket]:
    """A WebSocket to the server with that key, closed at the end of the block.

    Raises ServerUnreachableError, ServerKeyMismatchError.
    """
    async with pinned_stream(host, port, expected_hash) as stream:
        websocket = WebSocket(stream, host, port)
        await websocket.shake_hands(path)
        yield websocket
        await websocket.say_goodbye()
