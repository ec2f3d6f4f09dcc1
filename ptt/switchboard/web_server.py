"""HTTPS on TCP: accepts, limits, TLS 1.3, then Hypercorn's HTTP and WebSocket for one connection.

Hypercorn's own accept loop is not used: it neither limits connections that have not proved
themselves nor lets one that hangs be cut.

    listener -> Silent, Slots (strangers.py) -> TLS handshake -> TCPServer (Hypercorn) -> Starlette
"""

import socket as stdlib_socket
import ssl
from typing import Any

import trio
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from hypercorn.utils import wrap_app

from ptt.switchboard.garbage import ConnectionRemains
from ptt.switchboard.logs import FoldedLog, stdlib_logger
from ptt.switchboard.strangers import HANDSHAKE_WITHIN, PROVE_WITHIN, Silent, Slot, Slots
from ptt.switchboard.tls_stream import TlsStream

# Implementation
MAX_MESSAGE = 64 * 1024  # octets of a WebSocket message
# A pulled cable is noticed: seconds idle, seconds between, times; milliseconds unacknowledged.
LIVENESS = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 20_000}


class ClientSocket:
    """One accepted connection, as the sessions see it."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.address: str = str(stream.socket.getpeername()[0])
        self.trusted = trio.Event()
        self._stream = stream

    def trust(self) -> None:
        """It has proved itself: no limits for strangers any more."""
        self.trusted.set()

    def abort(self) -> None:
        """Close it under everybody's feet, also of a send that hangs."""
        self._stream.socket.close()


class WebServer:
    """Serves an ASGI application on sockets that listen already."""

    def __init__(self, app: Any, context: ssl.SSLContext, log: FoldedLog) -> None:  # noqa: ANN401
        self._app = wrap_app(app, 0, "asgi")  # the limit is for WSGI only
        self._tls = context
        self._log = log
        self._config = _hypercorn_config()
        self._worker = WorkerContext(None)
        self._silent = Silent()
        self._slots = Slots()
        self._remains = ConnectionRemains()
        self._accepting = trio.CancelScope()

    async def serve(self, listening: stdlib_socket.socket) -> None:
        """Serve until cancelled; after `stop_accepting` only those who are connected."""
        listener = trio.SocketListener(trio.socket.from_stdlib_socket(listening))
        async with trio.open_nursery() as connections:
            with self._accepting:
                await trio.serve_listeners(self._serve_one, [listener], handler_nursery=connections)

    def stop_accepting(self) -> None:
        """Take no new connections."""
        self._accepting.cancel()

    async def _serve_one(self, stream: trio.SocketStream) -> None:
        self._remains.note_begin()
        try:
            _watch_liveness(stream)
            socket = ClientSocket(stream)
            await self._serve_socket(socket, stream)
        except OSError:
            pass  # gone before we looked
        except trio.TooSlowError:
            self._log.warning("too-many-connections", socket.address)
        except Exception as error:  # one connection never ends the others
            self._log.warning("connection-failed", type(error).__name__, exc_info=error)
        finally:
            stream.socket.close()
            self._remains.note_end()

    async def _serve_socket(self, socket: ClientSocket, stream: trio.SocketStream) -> None:
        greeting = await self._silent.greeting(stream)
        if greeting is None:
            self._log.warning("silent-connection", socket.address)
            return
        slot = await self._slots.take(socket.address, socket.abort)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._limit_stranger, socket, slot)
            tls = TlsStream(stream, self._tls, greeting)
            state = ConnectionState({"socket": socket})
            # It names trio's class, and uses of it what ours has.
            server = TCPServer(self._app, self._config, self._worker, state, tls)  # type: ignore[arg-type]
            await server.run()
            nursery.cancel_scope.cancel()

    async def _limit_stranger(self, socket: ClientSocket, slot: Slot) -> None:
        try:
            with trio.move_on_after(PROVE_WITHIN) as waited:
                await socket.trusted.wait()
        finally:
            self._slots.free(slot)
        if waited.cancelled_caught:
            socket.abort()


def _hypercorn_config() -> Config:
    config = Config()
    config.ssl_handshake_timeout = HANDSHAKE_WITHIN
    config.websocket_max_message_size = MAX_MESSAGE
    config.include_server_header = False
    config.errorlog = stdlib_logger("web-server")
    return config


def _watch_liveness(stream: trio.SocketStream) -> None:
    stream.setsockopt(stdlib_socket.SOL_SOCKET, stdlib_socket.SO_KEEPALIVE, 1)
    for name, value in LIVENESS.items():
        if option := getattr(stdlib_socket, name, None):
            stream.setsockopt(stdlib_socket.IPPROTO_TCP, option, value)
