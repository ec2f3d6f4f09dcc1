"""The UDP socket: says clearly why it cannot be opened, and never fails over a datagram."""

import socket
import sys

import pytest

from ptt.errors import ConfigError
from ptt.net.datagrams import EXPEDITED, open_datagram_socket


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_what_is_sent_arrives_with_its_address(host: str) -> None:
    here, there = open_datagram_socket(host, 0), open_datagram_socket(host, 0)

    here.send(b"hello", (host, there.port))
    await there.wait_readable()
    [(octets, address)] = there.receive(10)

    assert octets == b"hello"
    assert address[:2] == (host, here.port)
    assert here.statistics.sent == there.statistics.received == 1
    here.close()
    there.close()


async def test_a_drain_takes_no_more_than_asked_for() -> None:
    here, there = open_datagram_socket("127.0.0.1", 0), open_datagram_socket("127.0.0.1", 0)
    for number in range(5):
        here.send(bytes([number]), ("127.0.0.1", there.port))
    await there.wait_readable()

    first, rest, nothing = there.receive(2), there.receive(10), there.receive(10)

    assert [octets[0] for octets, _ in first] == [0, 1]
    assert [octets[0] for octets, _ in rest] == [2, 3, 4]
    assert nothing == []
    here.close()
    there.close()


def test_a_taken_port_is_explained() -> None:
    first = open_datagram_socket("127.0.0.1", 0)

    with pytest.raises(ConfigError, match=f"UDP port {first.port} on 127.0.0.1 is taken"):
        open_datagram_socket("127.0.0.1", first.port)

    first.close()


def test_an_address_of_another_machine_is_explained() -> None:
    with pytest.raises(ConfigError, match=r"This machine has no address 192\.0\.2\.1"):
        open_datagram_socket("192.0.2.1", 0)


def test_a_name_is_no_address_to_listen_on() -> None:
    with pytest.raises(ConfigError, match="'localhost' is not an IP address"):
        open_datagram_socket("localhost", 0)


def test_all_ipv6_addresses_take_ipv4_too() -> None:
    server = open_datagram_socket("::", 0)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", server.port))
        [(octets, address)] = server.receive(1)
        server.send(b"y", address)
        answer = client.recv(10)

    assert (octets, answer) == (b"x", b"y")
    server.close()


def test_a_datagram_that_cannot_be_sent_is_counted() -> None:
    server = open_datagram_socket("127.0.0.1", 0)

    assert not server.send(b"x", ("255.255.255.255", 9))
    assert server.statistics.unsent == 1
    server.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows leaves this to its policies")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_what_is_sent_is_marked_as_voice(host: str) -> None:
    sock = open_datagram_socket(host, 0)

    if host == "::1":
        mark = sock.raw.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS)
    else:
        mark = sock.raw.getsockopt(socket.IPPROTO_IP, socket.IP_TOS)

    assert mark == EXPEDITED == 0xB8
    sock.close()
