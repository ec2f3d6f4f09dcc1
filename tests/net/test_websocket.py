"""Texts in both directions, checked against another implementation and against none at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio
import trio.testing
import trio_websocket
from hypothesis import given
from hypothesis import strategies as st
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, Request, TextMessage

from ptt.errors import LocalProtocolError, MalformedPacketError, ServerUnreachableError
from ptt.net import websocket
from ptt.net.websocket import MAX_MESSAGE, WebSocket, open_websocket
from tests.support.tls_server import HOST, Serve, TlsServer, say_nothing, saying

PATH = "/v1/session"
Stream = trio.SSLStream[trio.SocketStream]
Talk = Callable[[trio_websocket.WebSocketConnection], Awaitable[None]]


def foreign(talk: Talk) -> Serve:
    """A server by another library."""

    async def serve(stream: Stream) -> None:
        async with trio.open_nursery() as nursery:
            request = await trio_websocket.wrap_server_stream(nursery, stream)
            connection = await request.accept()
            await talk(connection)
            await connection.aclose()

    return serve


def scripted(*events: Event | bytes) -> Serve:
    """A server that accepts, sends these and then hears on until the client goes."""

    async def serve(stream: Stream) -> None:
        protocol = WSConnection(ConnectionType.SERVER)
        protocol.receive_data(bytes(await stream.receive_some()))
        assert any(isinstance(event, Request) for event in protocol.events())
        await stream.send_all(protocol.send(AcceptConnection()))
        for event in events:
            await stream.send_all(event if isinstance(event, bytes) else protocol.send(event))
        while await stream.receive_some():
            pass

    return serve


@asynccontextmanager
async def connected(folder: Path, serve: Serve) -> AsyncIterator[WebSocket]:
    async with (
        TlsServer(folder, serve).running() as server,
        open_websocket(HOST, server.port, server.key.hash, PATH) as socket,
    ):
        yield socket


async def echo(connection: trio_websocket.WebSocketConnection) -> None:
    assert connection.path == PATH
    while True:
        try:
            await connection.send_message(await connection.get_message())
        except trio_websocket.ConnectionClosed:
            return


@pytest.mark.parametrize("text", ["", "hello", "Grüße ☎", "x" * MAX_MESSAGE])
async def test_a_text_goes_there_and_comes_back(tmp_path: Path, text: str) -> None:
    async with connected(tmp_path, foreign(echo)) as socket:
        await socket.send(text)

        assert await socket.receive() == text


async def test_the_address_behind_a_name_is_known_for_the_voice(tmp_path: Path) -> None:
    async with (
        TlsServer(tmp_path, scripted()).running() as server,
        open_websocket("localhost", server.port, server.key.hash, PATH) as socket,
    ):
        assert socket.peer_host == HOST


async def test_texts_keep_their_order_whoever_sends(tmp_path: Path) -> None:
    async with connected(tmp_path, foreign(echo)) as socket, trio.open_nursery() as nursery:
        for number in range(50):
            nursery.start_soon(socket.send, str(number))
        received = {await socket.receive() for _ in range(50)}

    assert received == {str(number) for number in range(50)}


async def test_a_ping_is_answered_while_one_waits_for_a_text(tmp_path: Path) -> None:
    async def ping_first(connection: trio_websocket.WebSocketConnection) -> None:
        await connection.ping()
        await connection.send_message("alive")

    async with connected(tmp_path, foreign(ping_first)) as socket:
        with trio.fail_after(2):
            assert await socket.receive() == "alive"


async def test_a_text_in_fragments_with_a_ping_between_is_one_text(tmp_path: Path) -> None:
    events = [
        TextMessage("one ", message_finished=False),
        Ping(b"now"),
        TextMessage("text", message_finished=True),
        TextMessage("another"),
    ]
    async with connected(tmp_path, scripted(*events)) as socket:
        assert await socket.receive() == "one text"
        assert await socket.receive() == "another"


async def test_the_server_hears_the_goodbye(tmp_path: Path) -> None:
    reasons: list[trio_websocket.CloseReason] = []

    async def listen(connection: trio_websocket.WebSocketConnection) -> None:
        with pytest.raises(trio_websocket.ConnectionClosed) as caught:
            await connection.get_message()
        reasons.append(caught.value.reason)

    async with TlsServer(tmp_path, foreign(listen)).running() as server:
        async with open_websocket(HOST, server.port, server.key.hash, PATH):
            pass
        await trio.testing.wait_all_tasks_blocked(0.01)

    assert [reason.code for reason in reasons] == [1000]


# ends


async def test_the_end_of_the_session_is_told_with_the_servers_reason(tmp_path: Path) -> None:
    events = [TextMessage("last words"), CloseConnection(1001, "going home")]
    async with connected(tmp_path, scripted(*events)) as socket:
        assert await socket.receive() == "last words"
        with pytest.raises(ServerUnreachableError, match="ended the connection: going home"):
            await socket.receive()
        with pytest.raises(ServerUnreachableError):
            await socket.send("too late")


async def test_a_server_that_is_suddenly_gone_is_told(tmp_path: Path) -> None:
    async def vanish(connection: trio_websocket.WebSocketConnection) -> None:
        await connection._stream.transport_stream.aclose()

    async with connected(tmp_path, foreign(vanish)) as socket:
        with pytest.raises(ServerUnreachableError):
            await socket.receive()


async def test_a_server_that_reads_no_more_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "SEND_PATIENCE", 0.05)

    async def listen_no_more(connection: trio_websocket.WebSocketConnection) -> None:
        connection._reader_running = False
        await trio.sleep_forever()

    async with connected(tmp_path, foreign(listen_no_more)) as socket:
        with pytest.raises(ServerUnreachableError, match="takes too long"):
            await _send_without_end(socket)


async def test_an_error_of_the_block_comes_out_as_it_is(tmp_path: Path) -> None:
    async def fail(server: TlsServer) -> None:
        async with open_websocket(HOST, server.port, server.key.hash, PATH):
            raise ZeroDivisionError

    async with TlsServer(tmp_path, scripted()).running() as server:
        with pytest.raises(ZeroDivisionError):
            await fail(server)


# what the server may not do


async def test_too_long_a_text_is_refused_by_both_sides(tmp_path: Path) -> None:
    half = TextMessage("x" * (MAX_MESSAGE // 2 + 1), message_finished=False)
    async with connected(tmp_path, scripted(half, half)) as socket:
        with pytest.raises(LocalProtocolError):
            await socket.send("ä" * (MAX_MESSAGE // 2 + 1))
        with pytest.raises(MalformedPacketError, match="too long"):
            await socket.receive()


async def test_octets_in_place_of_a_text_are_refused(tmp_path: Path) -> None:
    binary = b"\x82\x02ab"
    async with connected(tmp_path, scripted(binary)) as socket:
        with pytest.raises(MalformedPacketError, match="binary"):
            await socket.receive()


@given(st.binary(min_size=1, max_size=300))
async def test_untrusted_octets_end_in_a_text_or_an_error_of_ours(octets: bytes) -> None:
    client, server = trio.testing.memory_stream_pair()
    socket = WebSocket(client, HOST, 1)  # type: ignore[arg-type]
    protocol = WSConnection(ConnectionType.SERVER)

    async def serve() -> None:
        protocol.receive_data(bytes(await server.receive_some()))
        list(protocol.events())
        await server.send_all(protocol.send(AcceptConnection()) + octets)
        await server.aclose()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve)
        with pytest.raises((ServerUnreachableError, MalformedPacketError)):
            await _receive_until_the_end(socket)


# opening


@pytest.mark.parametrize(
    ("answer", "complaint"),
    [
        (b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", r"HTTP 404"),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nwait", r"HTTP 503"),
        (b"HTTP/1.1 101 Go\r\nUpgrade: telnet\r\n\r\n", "rules of WebSocket"),
        (b"rubbish\r\n\r\n", "rules of WebSocket"),
        (b"", "127.0.0.1"),
    ],
)
async def test_a_server_that_does_not_open_is_told_at_once(
    tmp_path: Path, answer: bytes, complaint: str
) -> None:
    with trio.fail_after(2), pytest.raises(ServerUnreachableError, match=complaint):
        await _connect(tmp_path, saying(answer))


async def test_a_server_that_never_opens_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "OPEN_PATIENCE", 0.05)

    with pytest.raises(ServerUnreachableError, match="takes too long"):
        await _connect(tmp_path, say_nothing)


async def _connect(folder: Path, serve: Serve) -> None:
    async with TlsServer(folder, serve).running() as server:
        try:
            async with open_websocket(HOST, server.port, server.key.hash, PATH):
                pass
        except ServerUnreachableError as error:
            failure = error
    raise failure


async def _send_without_end(socket: WebSocket) -> None:
    while True:
        await socket.send("x" * MAX_MESSAGE)


async def _receive_until_the_end(socket: WebSocket) -> None:
    await socket.shake_hands(PATH)
    while True:
        await socket.receive()
