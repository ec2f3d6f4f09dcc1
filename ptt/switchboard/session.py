"""One client's WebSocket `/v1/session`: Hello within ten seconds, then messages both ways.

Hello --> directory (device, secret) --> Exchange <--> Outbox --> client
"""

import trio
from starlette.websockets import WebSocket, WebSocketDisconnect

from ptt.channel.token_bucket import TokenBucket
from ptt.errors import MalformedPacketError, StoreError
from ptt.security.invitations import is_same_secret
from ptt.switchboard.directory import DirectoryWatch
from ptt.switchboard.exchange import Exchange
from ptt.switchboard.logs import FoldedLog
from ptt.switchboard.outbox import Outbox
from ptt.switchboard.records import Device
from ptt.switchboard.web_server import ClientSocket
from ptt.wire.signalling import (
    PROTOCOL_VERSION,
    Bye,
    ClientMessage,
    Hello,
    Refused,
    encode,
    parse_client_message_untrusted,
)

# Implementation
HELLO_WITHIN = 10.0  # s
MAX_HELLO = 4 * 1024  # octets
MAX_MESSAGE = 64 * 1024  # octets
MESSAGES_PER_SECOND, MESSAGES_AT_ONCE = 50.0, 1000.0

UNKNOWN_DEVICE = "This device is not known here (any more): ask for a new invite."
OTHER_PROTOCOL = "This program speaks another version of the protocol than the server: update it."
NO_DATABASE = "The server cannot ask its database at the moment."
NOT_HELLO = "The first message must be Hello."


class SessionService:
    """Serves `/v1/session`."""

    def __init__(self, exchange: Exchange, directory: DirectoryWatch, log: FoldedLog) -> None:
        self._exchange = exchange
        self._directory = directory
        self._log = log

    async def serve(self, websocket: WebSocket) -> None:
        """One client from its first to its last message."""
        await websocket.accept()
        socket: ClientSocket = websocket.scope["state"]["socket"]
        try:
            device = await self._log_in(websocket, socket)
            if device is None:
                await websocket.close()
                return
            socket.trust()
            await self._serve_device(websocket, socket, device)
        except WebSocketDisconnect:
            pass

    async def _log_in(self, websocket: WebSocket, socket: ClientSocket) -> Device | None:
        hello = None
        with trio.move_on_after(HELLO_WITHIN):
            try:
                hello = parse_client_message_untrusted(await _receive(websocket, MAX_HELLO))
            except MalformedPacketError:
                self._log.warning("malformed-hello", socket.address)
        if not isinstance(hello, Hello):
            await _refuse(websocket, "protocol", NOT_HELLO)
            return None
        if hello.protocol != PROTOCOL_VERSION:
            await _refuse(websocket, "protocol", OTHER_PROTOCOL)
            return None
        try:
            device = await self._directory.find_device(hello.device)
        except StoreError:  # nobody is let in by what may be old
            await websocket.send_text(encode(Bye(sentence=NO_DATABASE)))
            return None
        if device is None or not is_same_secret(hello.secret, device.secret_hash):
            self._exchange.metrics.refused_logins.inc()
            self._log.warning("unknown-device", socket.address)
            await _refuse(websocket, "unknown-device", UNKNOWN_DEVICE)
            return None
        return device

    async def _serve_device(
        self, websocket: WebSocket, socket: ClientSocket, device: Device
    ) -> None:
        outbox = Outbox(socket.abort)
        participant = self._exchange.connect(device, outbox)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_write, websocket, socket, outbox, nursery.cancel_scope)
                await self._read(websocket, socket, participant)
                nursery.cancel_scope.cancel()
        finally:
            self._exchange.disconnect(participant)

    async def _read(self, websocket: WebSocket, socket: ClientSocket, participant: int) -> None:
        """Until the client goes, breaks the protocol or floods."""
        bucket = TokenBucket(MESSAGES_PER_SECOND, MESSAGES_AT_ONCE)
        while True:
            try:
                message = await self._next_message(websocket)
            except WebSocketDisconnect:
                return
            except MalformedPacketError:
                self._log.warning("malformed-message", socket.address, participant=participant)
                return
            if not bucket.take(trio.current_time()):
                self._log.warning("too-many-messages", socket.address, participant=participant)
                return
            self._exchange.handle(participant, message)

    async def _next_message(self, websocket: WebSocket) -> ClientMessage:
        return parse_client_message_untrusted(await _receive(websocket, MAX_MESSAGE))


async def _write(
    websocket: WebSocket, socket: ClientSocket, outbox: Outbox, session: trio.CancelScope
) -> None:
    """Send what the outbox holds; when it is ended, close the connection and the session."""
    try:
        await outbox.drain(websocket.send_text)
        await websocket.close()
    except (WebSocketDisconnect, RuntimeError):
        socket.abort()  # gone while we wrote
    session.cancel()


async def _receive(websocket: WebSocket, limit: int) -> str:
    """The next text; raises WebSocketDisconnect, MalformedPacketError."""
    message = await websocket.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1000))
    text = message.get("text")
    if not isinstance(text, str) or len(text) > limit:
        raise MalformedPacketError("not a text frame of allowed length")
    return text


async def _refuse(websocket: WebSocket, cause: str, sentence: str) -> None:
    await websocket.send_text(encode(Refused(cause=cause, sentence=sentence)))
