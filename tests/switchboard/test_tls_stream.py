from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from ptt.net.pinned_tls import server_context
from ptt.security.server_key import load_or_make
from ptt.switchboard.tls_stream import PIECE, TOO_BIG, TlsStream
from tests.support.switchboard_daemon import any_certificate

HEADER, TAG_AND_TYPE = 5, 17  # octets around what a TLS 1.3 record holds


@asynccontextmanager
async def two_ends(
    folder: Path,
) -> AsyncIterator[tuple[TlsStream, trio.SSLStream[trio.SocketStream]]]:
    ours, theirs = trio.socket.socketpair()
    server = TlsStream(trio.SocketStream(ours), server_context(load_or_make(folder)))
    client = trio.SSLStream(trio.SocketStream(theirs), any_certificate(), https_compatible=True)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.do_handshake)
        await client.do_handshake()
    yield server, client
    ours.close()
    theirs.close()


def record_lengths(octets: bytes) -> list[int]:
    lengths = []
    while octets:
        length = int.from_bytes(octets[3:HEADER], "big")
        lengths.append(length - TAG_AND_TYPE)
        octets = octets[HEADER + length :]
    return lengths


async def test_a_long_message_arrives_whole(tmp_path: Path) -> None:
    message = bytes(range(256)) * 200
    arrived = b""

    async with two_ends(tmp_path) as (server, client), trio.open_nursery() as nursery:
        nursery.start_soon(server.send_all, message)
        while len(arrived) < len(message):
            arrived += await client.receive_some()

    assert arrived == message


async def test_no_piece_of_a_long_message_is_longer_than_what_a_session_may_keep(
    tmp_path: Path,
) -> None:
    async with two_ends(tmp_path) as (server, client):
        await server.send_all(bytes(2 * PIECE + 100))
        wire = bytes(await client.transport_stream.receive_some(4 * PIECE))

    assert record_lengths(wire) == [PIECE, PIECE, 100]


async def test_what_is_agreed_on_is_tls_1_3_without_another_protocol(tmp_path: Path) -> None:
    async with two_ends(tmp_path) as (server, client):
        agreed = server.selected_alpn_protocol()

    assert agreed is None
    assert client.version() == "TLSv1.3"


async def test_who_was_told_that_it_is_too_much_is_not_heard_any_more(tmp_path: Path) -> None:
    async with two_ends(tmp_path) as (server, client):
        await client.send_all(b"before")
        before = await server.receive_some()
        await server.send_all(TOO_BIG)
        await client.send_all(b"after")

        assert before == b"before"
        assert await client.receive_some() == TOO_BIG
        assert await server.receive_some() == b""
