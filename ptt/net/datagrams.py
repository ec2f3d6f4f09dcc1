"""A UDP socket that many peers send to: bound with a clear word, drained without waiting.

    wait_readable --> receive(limit) --> [(octets, address), ...]
                      send(octets, address)

An error of one datagram (a port that is closed, a network that is gone, a buffer that is full)
never raises: it is counted and the next one is tried. Sending the same octets to many is
bulk_send.py.
"""

import errno
import select
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass

import trio

from ptt.errors import ConfigError

Address = tuple[str, int] | tuple[str, int, int, int]
Datagram = tuple[bytes, Address]
Pollable = int | socket.socket | trio.socket.SocketType

# Specification
EXPEDITED = 46 << 2  # RFC 3246, EF, as the upper six bits of the octet in the IP header

# Implementation
RECEIVE_OCTETS = 2048  # more than the largest datagram that is ours, so that too long ones show
BUFFER_OCTETS = 4 << 20  # asked for in both directions; the system gives what it allows
MAX_ERRORS = 64  # a socket that only fails must not hold the loop


@dataclass(frozen=True, slots=True)
class DatagramStatistics:
    """What went over a socket.

    `unsent` counts datagrams that the system did not take: its buffer was full (too many
    listeners for the network card) or their address cannot be reached. `receive_errors` counts
    errors that the system reported in place of a datagram.
    """

    received: int
    receive_errors: int
    sent: int
    unsent: int


class DatagramSocket:
    """A bound, non-blocking UDP socket, IPv4 or IPv6."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._received = 0
        self._receive_errors = 0
        self._sent = 0
        self._unsent = 0

    @property
    def raw(self) -> socket.socket:
        """The system's socket, for bulk_send.py."""
        return self._socket

    @property
    def port(self) -> int:
        """The port it is bound to."""
        port: int = self._socket.getsockname()[1]
        return port

    @property
    def statistics(self) -> DatagramStatistics:
        """Counters since the start."""
        return DatagramStatistics(self._received, self._receive_errors, self._sent, self._unsent)

    async def wait_readable(self) -> None:
        """Until there is a datagram, or an error in its place."""
        await trio.lowlevel.wait_readable(self._socket)

    def wait_here(self, seconds: float, other: Pollable) -> bool:
        """Hold up the whole thread until a datagram is there; False at the end or for `other`."""
        readable, _, _ = select.select([self._socket, other], [], [], seconds)
        return readable == [self._socket]

    def receive(self, limit: int) -> list[Datagram]:
        """What has come, at most `limit` datagrams; never waits, never raises."""
        datagrams: list[Datagram] = []
        errors = 0
        while len(datagrams) < limit and errors < MAX_ERRORS:
            try:
                datagrams.append(self._socket.recvfrom(RECEIVE_OCTETS))
            except BlockingIOError:
                break
            except OSError:  # Windows tells here that an earlier datagram found no listener
                errors += 1
        self._received += len(datagrams)
        self._receive_errors += errors
        return datagrams

    def send(self, octets: bytes, address: Address) -> bool:
        """Send at once or lose it; returns whether the system took it."""
        try:
            self._socket.sendto(octets, address)
        except OSError:
            self._unsent += 1
            return False
        self._sent += 1
        return True

    def close(self) -> None:
        """Give the port back."""
        self._socket.close()


def open_datagram_socket(host: str, port: int) -> DatagramSocket:
    """Bind to a numeric address of this machine (`::` is IPv4, too); port 0 is any free one.

    Raises ConfigError with a sentence that says what is in the way.
    """
    family, address = _resolve(host, port)
    sock = socket.socket(family, socket.SOCK_DGRAM)
    try:
        _set_options(sock)
        sock.bind(address)
    except OSError as error:
        sock.close()
        raise ConfigError(_why_not(error, host, port)) from error
    return DatagramSocket(sock)


def _resolve(host: str, port: int) -> tuple[socket.AddressFamily, Address]:
    flags = socket.AI_NUMERICHOST | socket.AI_PASSIVE
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM, flags=flags)
    except (OSError, UnicodeError) as error:
        raise ConfigError(
            f"{host!r} is not an IP address to listen on: choose one, or 0.0.0.0."
        ) from error
    family, _, _, _, address = found[0]
    return family, address  # type: ignore[return-value]  # numeric INET and INET6 only


def _set_options(sock: socket.socket) -> None:
    sock.setblocking(False)
    if sock.family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if sys.platform == "win32":  # there, another program could bind the same port otherwise
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    _ask_for_precedence(sock)
    for direction in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        with suppress(OSError):  # macOS refuses what is above its limit
            sock.setsockopt(socket.SOL_SOCKET, direction, BUFFER_OCTETS)


def _ask_for_precedence(sock: socket.socket) -> None:
    """Mark what is sent as voice; a wireless network sends that first. Windows ignores it."""
    with suppress(OSError, AttributeError):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS, EXPEDITED)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_TOS, EXPEDITED)


def _why_not(error: OSError, host: str, port: int) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"UDP port {port} on {host} is taken by another program (or a second server); "
                "stop that one or choose another port."
            )
        case errno.EADDRNOTAVAIL:
            return f"This machine has no address {host}; choose one of its own, or 0.0.0.0."
        case errno.EACCES | errno.EPERM:
            return f"The system does not allow this user to open UDP port {port} on {host}."
        case _:
            return f"UDP port {port} on {host} cannot be opened: {error.strerror or error}."
