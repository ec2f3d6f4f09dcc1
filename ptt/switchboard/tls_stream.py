"""The server's TLS stream of one client, as Hypercorn wants it, with long messages cut in pieces.

OpenSSL encrypts into memory that grows with the longest text ever given to it at once, and never
shrinks: who came into a channel of a thousand would cost 50 KB more for the rest of his session.

Hypercorn answers a WebSocket message that is too big with a Close, and then keeps all that still
comes of it, for as long as it comes. So after that Close nothing more is read here.
"""

import ssl

import trio

# Specification
TOO_BIG = bytes([0x88, 2]) + (1009).to_bytes(2, "big")  # RFC 6455, 5.5.1 and 7.4.1: Close

# Implementation
PIECE = 8192  # octets in one TLS record: 200 members of a channel


class _ReadAlready(trio.abc.Stream):
    """A stream of which the first octets have been read."""

    def __init__(self, stream: trio.SocketStream, octets: bytes) -> None:
        self._stream = stream
        self._octets = octets

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        if self._octets:
            octets, self._octets = self._octets, b""
            return octets
        return await self._stream.receive_some(max_bytes)


class TlsStream:
    """A `trio.SSLStream` that has not yet shaken hands; `greeting` was read of it already."""

    def __init__(
        self, stream: trio.SocketStream, context: ssl.SSLContext, greeting: bytes = b""
    ) -> None:
        self.transport_stream = stream
        rest = _ReadAlready(stream, greeting)
        self._tls = trio.SSLStream(rest, context, server_side=True, https_compatible=True)
        self.do_handshake = self._tls.do_handshake
        self.aclose = self._tls.aclose
        self._heard_enough = False

    def selected_alpn_protocol(self) -> str | None:
        """The protocol that was agreed on in the handshake, if any."""
        protocol: str | None = self._tls.selected_alpn_protocol()
        return protocol

    async def receive_some(self, limit: int | None = None) -> bytes:
        """What the client says next; nothing, as at the end, once it has said too much."""
        if self._heard_enough:
            await trio.lowlevel.checkpoint()
            return b""
        return bytes(await self._tls.receive_some(limit))

    async def send_all(self, octets: bytes) -> None:
        """All of it, one piece after the other; raises what the stream raises."""
        self._heard_enough = self._heard_enough or octets == TOO_BIG
        for start in range(0, len(octets), PIECE):
            await self._tls.send_all(octets[start : start + PIECE])
