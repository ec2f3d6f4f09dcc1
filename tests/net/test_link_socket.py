"""A client's UDP socket on loopback."""

import socket

import pytest
import trio

from ptt.errors import ServerUnreachableError
from ptt.net.link_socket import open_link_socket


async def bound() -> trio.socket.SocketType:
    sock = trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM)
    await sock.bind(("127.0.0.1", 0))
    return sock


async def test_datagrams_go_there_and_back() -> None:
    with await bound() as server:
        async with open_link_socket("127.0.0.1", server.getsockname()[1]) as link:
            link.send(b"ping")
            octets, address = await server.recvfrom(100)
            await server.sendto(b"pong", address)

            assert octets == b"ping"
            assert await link.receive() == b"pong"


async def test_what_comes_from_elsewhere_is_not_received() -> None:
    with await bound() as server, await bound() as stranger:
        async with open_link_socket("127.0.0.1", server.getsockname()[1]) as link:
            link.send(b"ping")
            _, address = await server.recvfrom(100)
            await stranger.sendto(b"forged", address)
            await server.sendto(b"pong", address)

            assert await link.receive() == b"pong"


async def test_a_server_that_is_away_is_no_error_and_heard_when_it_is_back() -> None:
    with await bound() as server:
        port = server.getsockname()[1]
    async with open_link_socket("127.0.0.1", port) as link:
        for _ in range(3):
            link.send(b"anybody there?")
        with trio.move_on_after(0.05):
            await link.receive()
        with trio.socket.socket(trio.socket.AF_INET, trio.socket.SOCK_DGRAM) as back:
            await back.bind(("127.0.0.1", port))
            link.send(b"ping")
            _, address = await back.recvfrom(100)
            await back.sendto(b"pong", address)

            assert await link.receive() == b"pong"
            assert link.lost >= 1


async def test_a_machine_that_stays_where_it_is_has_not_changed_its_address() -> None:
    with await bound() as server:
        async with open_link_socket("127.0.0.1", server.getsockname()[1]) as link:
            assert not link.address_changed()


async def test_another_own_address_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    with await bound() as server:
        async with open_link_socket("127.0.0.1", server.getsockname()[1]) as link:
            monkeypatch.setattr(
                "ptt.net.link_socket._connected", lambda family, address: socket.socket(family)
            )

            assert link.address_changed()


async def test_a_host_without_an_address_is_one_sentence() -> None:
    with pytest.raises(ServerUnreachableError, match="cannot be reached"):
        async with open_link_socket("no host", 1):
            pass
