"""Both ways of sending to many do the same; real sockets on the loopback interface."""

import ctypes
import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from typing import cast

import pytest

from ptt.net.bulk_send import LoopSender, SendmmsgSender, open_bulk_sender

SENDERS = [
    LoopSender,
    pytest.param(
        SendmmsgSender,
        marks=pytest.mark.skipif(sys.platform != "linux", reason="sendmmsg is Linux's"),
    ),
]
HOSTS = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]

Sockets = list[socket.socket]


@pytest.fixture
def close_all() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def bound(close_all: ExitStack, family: socket.AddressFamily, host: str) -> socket.socket:
    udp = close_all.enter_context(socket.socket(family, socket.SOCK_DGRAM))
    udp.setblocking(False)
    udp.bind((host, 0))
    return udp


def received(udp: socket.socket) -> list[bytes]:
    datagrams = []
    while True:
        try:
            datagrams.append(udp.recv(4096))
        except BlockingIOError:
            return datagrams


@pytest.mark.parametrize("way", SENDERS)
@pytest.mark.parametrize(("family", "host"), HOSTS)
def test_every_address_gets_the_octets_once(
    way: type[LoopSender] | type[SendmmsgSender],
    family: socket.AddressFamily,
    host: str,
    close_all: ExitStack,
) -> None:
    sock = bound(close_all, family, host)
    listeners = [bound(close_all, family, host) for _ in range(20)]
    sender = way(sock)
    everybody = sender.list_addresses([each.getsockname() for each in listeners])

    sent = sender.send(b"first", everybody) + sender.send(b"the second one", everybody)

    assert sent == 40
    assert sender.statistics.sent == 40
    assert all(received(each) == [b"first", b"the second one"] for each in listeners)


@pytest.mark.parametrize("way", SENDERS)
def test_an_address_that_cannot_be_reached_costs_nobody_else_anything(
    way: type[LoopSender] | type[SendmmsgSender], close_all: ExitStack
) -> None:
    sock = bound(close_all, socket.AF_INET, "127.0.0.1")
    first, last = (bound(close_all, socket.AF_INET, "127.0.0.1") for _ in range(2))
    sender = way(sock)
    # A broadcast address is refused by the system: the socket has not asked for the right.
    nowhere = ("255.255.255.255", 9)
    addresses = [first.getsockname(), nowhere, nowhere, last.getsockname(), nowhere]

    sent = sender.send(b"x", sender.list_addresses(addresses))

    assert sent == 2
    assert (sender.statistics.sent, sender.statistics.refused) == (2, 3)
    assert received(first) == received(last) == [b"x"]


@pytest.mark.parametrize("way", SENDERS)
def test_a_closed_port_is_no_error(
    way: type[LoopSender] | type[SendmmsgSender], close_all: ExitStack
) -> None:
    sock = bound(close_all, socket.AF_INET, "127.0.0.1")
    listener = bound(close_all, socket.AF_INET, "127.0.0.1")
    with bound(close_all, socket.AF_INET, "127.0.0.1") as closed:
        gone = closed.getsockname()
    sender = way(sock)
    everybody = sender.list_addresses([gone, listener.getsockname()])

    for _ in range(3):
        sender.send(b"x", everybody)

    assert received(listener) == [b"x"] * 3


def test_what_the_buffer_has_no_room_for_is_counted_by_the_loop() -> None:
    class FullSocket:
        """As much of a socket as is used; its buffer is full from the third datagram on."""

        def __init__(self) -> None:
            self.sent = 0

        def sendto(self, octets: bytes, address: object) -> None:
            if self.sent == 2:
                raise BlockingIOError(errno.EAGAIN, "full")
            self.sent += 1

    sender = LoopSender(cast("socket.socket", FullSocket()))

    sent = sender.send(b"x", sender.list_addresses([("127.0.0.1", 9)] * 5))

    assert sent == 2
    assert (sender.statistics.sent, sender.statistics.full) == (2, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="sendmmsg is Linux's")
def test_what_the_buffer_has_no_room_for_is_counted_by_the_system_call(
    close_all: ExitStack,
) -> None:
    answers = [2, -errno.EINTR, 1, -errno.EAGAIN]
    asked = []

    def sendmmsg(fd: int, first: int, count: int, flags: int) -> int:
        asked.append(count)
        answer = answers.pop(0)
        ctypes.set_errno(max(0, -answer))
        return max(-1, answer)

    sender = SendmmsgSender(bound(close_all, socket.AF_INET, "127.0.0.1"), sendmmsg)

    sent = sender.send(b"x", sender.list_addresses([("127.0.0.1", 9)] * 7))

    assert sent == 3
    assert asked == [7, 5, 5, 4]
    assert (sender.statistics.sent, sender.statistics.full) == (3, 4)


@pytest.mark.skipif(sys.platform != "linux", reason="sendmmsg is Linux's")
def test_more_addresses_than_one_system_call_takes(close_all: ExitStack) -> None:
    sock = bound(close_all, socket.AF_INET, "127.0.0.1")
    listener = bound(close_all, socket.AF_INET, "127.0.0.1")
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sender = SendmmsgSender(sock)

    sent = sender.send(b"x", sender.list_addresses([listener.getsockname()] * 2500))

    assert sent == sender.statistics.sent == 2500


@pytest.mark.skipif(sys.platform != "linux", reason="sendmmsg is Linux's")
def test_octets_that_fit_no_datagram_are_refused_before_memory_is_overwritten(
    close_all: ExitStack,
) -> None:
    sender = SendmmsgSender(bound(close_all, socket.AF_INET, "127.0.0.1"))

    with pytest.raises(ValueError, match="3000 octets"):
        sender.send(bytes(3000), sender.list_addresses([("127.0.0.1", 9)]))


def test_nobody_to_send_to_is_no_error(close_all: ExitStack) -> None:
    sender = open_bulk_sender(bound(close_all, socket.AF_INET, "127.0.0.1"))

    assert sender.send(b"x", sender.list_addresses([])) == 0
