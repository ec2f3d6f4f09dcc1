"""The server's TLS stream of one client, as Hypercorn wants it, with long messages cut in pieces.

OpenSSL encrypts into memory that grows with the longest text ever given to it at once, and never
shrinks: who came into a channel of a thousand would cost 50 KB more for the rest of his session.
"""

import ssl

import trio

# Implementation
PIECE = 8192  # octets in one TLS record: 200 members of a channel


class TlsStream:
    """A `trio.SSLStream` that has not yet shaken hands."""

    def __init__(self, stream: trio.SocketStream, context: ssl.SSLContext) -> None:
        self.transport_stream = stream
        self._tls = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
        self.do_handshake = self._tls.do_handshake
        self.receive_some = self._tls.receive_some
        self.aclose = self._tls.aclose

    def selected_alpn_protocol(self) -> str | None:
        """The protocol that was agreed on in the handshake, if any."""
        protocol: str | None = self._tls.selected_alpn_protocol()
        return protocol

    async def send_all(self, octets: bytes) -> None:
        """All of it, one piece after the other; raises what the stream raises."""
        for start in range(0, len(octets), PIECE):
            await self._tls.send_all(octets[start : start + PIECE])
