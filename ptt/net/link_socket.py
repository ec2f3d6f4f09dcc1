"""A client's UDP socket, connected to one floor server.

Connected, so that the system itself drops what comes from elsewhere. Sending never waits: what
does not fit into the system's buffer would be late anyway. Works wherever Trio does.
"""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio

from ptt.errors import ServerUnreachableError
from ptt.wire.datagram import MAX_DATAGRAM

# Implementation
RECEIVE_BUFFER = 1 << 18  # octets: about a second of voice in several channels


class LinkSocket:
    """Made by `open_link_socket`. `lost`: datagrams that the system did not take."""

    def __init__(self, connected: socket.socket) -> None:
        self._socket = connected
        self.lost = 0

    def send(self, datagram: bytes) -> None:
        """Send now or never."""
        try:
            self._socket.send(datagram)
        except OSError:  # no room, no route at the moment, or nobody listens there yet
            self.lost += 1

    async def receive(self) -> bytes:
        """The next datagram; what is too long for one of ours comes cut off."""
        while True:
            try:
                datagram = self._socket.recv(MAX_DATAGRAM + 1)
            except BlockingIOError:
                await trio.lowlevel.wait_readable(self._socket)
            except OSError:  # an ICMP error of an earlier send: the server will be back
                await trio.lowlevel.checkpoint()
            else:
                await trio.lowlevel.checkpoint()  # a flood must not keep the others waiting
                return datagram

    def address_changed(self) -> bool:
        """Whether this machine would now send from another address."""
        try:
            with _connected(self._socket.family, self._socket.getpeername()) as fresh:
                return bool(fresh.getsockname()[0] != self._socket.getsockname()[0])
        except OSError:  # no network at the moment: nothing better to be had
            return False


@asynccontextmanager
async def open_link_socket(host: str, port: int) -> AsyncIterator[LinkSocket]:
    """Raises ServerUnreachableError if the host has no address or no way leads there."""
    try:
        found = await trio.socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, address = found[0]
        connected = _connected(family, address)
    except OSError as error:
        raise ServerUnreachableError(
            f"The server {host} cannot be reached: {error.strerror}."
        ) from error
    with connected:
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        yield LinkSocket(connected)


def _connected(family: int, address: tuple[object, ...]) -> socket.socket:
    fresh = socket.socket(family, socket.SOCK_DGRAM)
    try:
        fresh.setblocking(False)
        fresh.connect(address)
    except OSError:
        fresh.close()
        raise
    return fresh
