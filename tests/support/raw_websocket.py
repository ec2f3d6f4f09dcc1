"""A WebSocket of octets: it can claim, send and omit what no library would."""

import json
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from ptt.wire.signalling import ClientMessage, encode
from tests.support.switchboard_daemon import any_certificate

LOOPBACK = "127.0.0.1"
_TEXT_AND_LAST = 0x81  # RFC 6455, 5.2
_MASKED = 0x80
_UPGRADE = (
    "GET /v1/session HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


def header(octets: int) -> bytes:
    """Of a text frame that claims to be so long, masked with zeros."""
    if octets < 126:
        length = bytes([_MASKED | octets])
    elif octets < 1 << 16:
        length = bytes([_MASKED | 126]) + struct.pack("!H", octets)
    else:
        length = bytes([_MASKED | 127]) + struct.pack("!Q", octets)
    return bytes([_TEXT_AND_LAST]) + length + bytes(4)


def frame(text: str) -> bytes:
    """A whole text frame."""
    octets = text.encode()
    return header(len(octets)) + octets


class RawWebSocket:
    """After the upgrade. Nothing is read unless it is asked for."""

    def __init__(self, stream: "trio.SSLStream[trio.SocketStream]") -> None:
        self.stream = stream
        self._rest = b""

    async def say(self, message: ClientMessage) -> None:
        await self.stream.send_all(frame(encode(message)))

    async def hear(self) -> dict[str, object]:
        """The next message, as JSON."""
        opening = await self._take(2)
        length = opening[1]
        if length == 126:
            length = int.from_bytes(await self._take(2), "big")
        elif length == 127:
            length = int.from_bytes(await self._take(8), "big")
        message: dict[str, object] = json.loads(await self._take(length))
        return message

    async def is_cut(self, within: float) -> bool:
        """Whether the connection ends in time, whatever comes before."""
        with trio.move_on_after(within):
            try:
                while await self.stream.receive_some():
                    pass
            except trio.BrokenResourceError:
                pass
            return True
        return False

    async def upgrade(self) -> None:
        await self.stream.send_all(_UPGRADE.encode())
        while b"\r\n\r\n" not in self._rest:
            self._rest += bytes(await self.stream.receive_some())
        self._rest = self._rest.split(b"\r\n\r\n", 1)[1]

    async def _take(self, octets: int) -> bytes:
        while len(self._rest) < octets:
            more = bytes(await self.stream.receive_some())
            if not more:
                raise trio.BrokenResourceError
            self._rest += more
        taken, self._rest = self._rest[:octets], self._rest[octets:]
        return taken


@asynccontextmanager
async def raw_websocket(port: int, *, buffer: int | None = None) -> AsyncIterator[RawWebSocket]:
    """To `/v1/session`; `buffer`: octets that this computer takes without being asked."""
    with trio.socket.socket() as tcp:
        if buffer is not None:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        await tcp.connect((LOOPBACK, port))
        tls = trio.SSLStream(trio.SocketStream(tcp), any_certificate())
        websocket = RawWebSocket(tls)
        await websocket.upgrade()
        yield websocket
