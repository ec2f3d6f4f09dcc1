"""The real network behind network.py: TLS with a pinned key and a WebSocket, and a UDP socket."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from ptt.client.credentials import Credential
from ptt.client.network import DatagramSocket, Session
from ptt.net.link_socket import open_link_socket
from ptt.net.websocket import WebSocket, open_websocket
from ptt.wire.signalling import (
    ClientMessage,
    ServerMessage,
    encode,
    parse_server_message_untrusted,
)

SESSION_PATH = "/v1/session"


class _WebSocketSession:
    """Signalling messages as texts."""

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket
        self.peer_host = websocket.peer_host

    async def send(self, message: ClientMessage) -> None:
        """Raises ServerUnreachableError."""
        await self._websocket.send(encode(message))

    async def receive(self) -> ServerMessage:
        """Raises ServerUnreachableError, MalformedPacketError."""
        return parse_server_message_untrusted(await self._websocket.receive())


class Internet:
    """A Network."""

    @asynccontextmanager
    async def open_session(self, credential: Credential) -> AsyncIterator[Session]:
        """Raises ServerUnreachableError, ServerKeyMismatchError."""
        async with open_websocket(
            credential.host, credential.port, credential.key_hash, SESSION_PATH
        ) as websocket:
            yield _WebSocketSession(websocket)

    def open_datagrams(self, host: str, port: int) -> AbstractAsyncContextManager[DatagramSocket]:
        """Raises ServerUnreachableError."""
        return open_link_socket(host, port)
