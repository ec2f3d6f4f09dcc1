"""A TLS server on loopback for the tests of clients, and the key by which they know it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from ptt.net.pinned_tls import server_context
from ptt.security.server_key import load_or_make

HOST = "127.0.0.1"
Serve = Callable[["trio.SSLStream[trio.SocketStream]"], Awaitable[None]]


class TlsServer:
    """Serves each connection by `serve` after its handshake; counts what it got."""

    def __init__(self, folder: Path, serve: Serve) -> None:
        self.key = load_or_make(folder)
        self.context = server_context(self.key)
        self.port = 0
        self.failed_handshakes = 0
        self._serve = serve

    @asynccontextmanager
    async def running(self) -> AsyncIterator["TlsServer"]:
        (listener,) = await trio.open_tcp_listeners(0, host=HOST)
        self.port = listener.socket.getsockname()[1]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.serve_listeners, self._serve_one, [listener])
            yield self
            nursery.cancel_scope.cancel()

    async def _serve_one(self, stream: trio.SocketStream) -> None:
        tls = trio.SSLStream(stream, self.context, server_side=True, https_compatible=True)
        try:
            await tls.do_handshake()
        except trio.BrokenResourceError:
            self.failed_handshakes += 1
            return
        try:
            await self._serve(tls)
        except trio.BrokenResourceError:
            pass
        finally:
            await trio.aclose_forcefully(tls)


async def say_nothing(stream: "trio.SSLStream[trio.SocketStream]") -> None:
    """A server that accepts and then is silent."""
    await trio.sleep_forever()


def saying(octets: bytes) -> Serve:
    """A server that hears something, says `octets` and goes."""

    async def serve(stream: "trio.SSLStream[trio.SocketStream]") -> None:
        await stream.receive_some()
        await stream.send_all(octets)

    return serve
