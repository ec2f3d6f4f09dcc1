"""HTTPS on TCP: accepts, limits, TLS 1.3, then Hypercorn's HTTP and WebSocket for one connection.

Hypercorn's own accept loop is not used: it neither limits connections that have not proved
themselves nor lets one that hangs be cut.

    listener -> Silent -> Slots -> TLS handshake -> TCPServer (Hypercorn) -> Starlette
"""

import socket as stdlib_socket
import ssl
from collections import Counter
from typing import Any

import trio
from hypercorn.config import Config
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ConnectionState
from hypercorn.utils import wrap_app

from ptt.switchboard.garbage import ConnectionRemains
from ptt.switchboard.logs import FoldedLog, stdlib_logger
from ptt.switchboard.tls_stream import TlsStream

# Implementation
HANDSHAKE_WITHIN = 5.0  # s
PROVE_WITHIN = 15.0  # s for handshake and Hello, or for a few HTTP requests
PER_ADDRESS, OVERALL = 20, 200  # connections that have not proved themselves
MAX_QUEUED = 1500  # connections that wait for a slot
MAX_SILENT = 500  # connections that have said nothing yet
MAX_BODY = 4 * 1024  # octets of a POST
MAX_MESSAGE = 64 * 1024  # octets of a WebSocket message
# A pulled cable is noticed: seconds idle, seconds between, times; milliseconds unacknowledged.
LIVENESS = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 20_000}


class Silent:
    """Connections that have said nothing yet: they take no slot.

    A client begins its handshake as soon as it is connected. So when there are too many of them,
    whoever has been silent for longest goes, and somebody who means it does not wait for them.
    """

    def __init__(self) -> None:
        self._waiting: dict[trio.CancelScope, None] = {}  # in the order of arrival

    async def speaks(self, stream: trio.SocketStream) -> bool:
        """Wait for the first octet; False if it does not come in time, or others come instead."""
        if len(self._waiting) >= MAX_SILENT:
            oldest = next(iter(self._waiting))
            del self._waiting[oldest]
            oldest.cancel()
        with trio.move_on_after(HANDSHAKE_WITHIN) as scope:
            self._waiting[scope] = None
            try:
                await trio.lowlevel.wait_readable(stream.socket)
            finally:
                self._waiting.pop(scope, None)
        return not scope.cancelled_caught


class Slots:
    """Room for connections that have not proved themselves: a few an address, some in all.

    So this is also how many TLS handshakes run side by side. Whoever has waited longest is next,
    among those whose address has room.
    """

    def __init__(self) -> None:
        self._taken: Counter[str] = Counter()
        self._free = OVERALL
        self._waiting: dict[trio.Event, str] = {}  # in the order of arrival

    async def take(self, address: str) -> None:
        """Wait for a slot; raises TooSlowError if none is free in time, or a crowd waits."""
        if len(self._waiting) >= MAX_QUEUED:
            raise trio.TooSlowError
        turn = trio.Event()
        self._waiting[turn] = address
        self._let_in()
        try:
            with trio.fail_after(PROVE_WITHIN):
                await turn.wait()
        except BaseException:
            if self._waiting.pop(turn, None) is None:  # let in at the same moment
                self.free(address)
            raise

    def free(self, address: str) -> None:
        """The connection has proved itself, or is gone."""
        self._free += 1
        self._taken[address] -= 1
        if not self._taken[address]:
            del self._taken[address]
        self._let_in()

    def _let_in(self) -> None:
        for turn, address in list(self._waiting.items()) if self._free else ():
            if self._taken[address] < PER_ADDRESS:
                del self._waiting[turn]
                self._free -= 1
                self._taken[address] += 1
                turn.set()
            if not self._free:
                return


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
        self._app = wrap_app(app, MAX_BODY, "asgi")
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
        if not await self._silent.speaks(stream):
            self._log.warning("silent-connection", socket.address)
            return
        await self._slots.take(socket.address)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._limit_stranger, socket)
            tls = TlsStream(stream, self._tls)
            state = ConnectionState({"socket": socket})
            # It names trio's class, and uses of it what ours has.
            server = TCPServer(self._app, self._config, self._worker, state, tls)  # type: ignore[arg-type]
            await server.run()
            nursery.cancel_scope.cancel()

    async def _limit_stranger(self, socket: ClientSocket) -> None:
        try:
            with trio.move_on_after(PROVE_WITHIN) as waited:
                await socket.trusted.wait()
        finally:
            self._slots.free(socket.address)
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
