"""Only the server with the expected key hears anything from us."""

import ssl
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import h11
import pytest
import trio
import trio.testing
from cryptography import x509

from ptt.errors import ConfigError, ServerKeyMismatchError, ServerUnreachableError
from ptt.net import pinned_tls
from ptt.net.pinned_tls import (
    MAX_ANSWER,
    HttpAnswer,
    get,
    open_pinned,
    pinned_stream,
    post_json,
    server_context,
)
from ptt.security import server_key
from ptt.security.server_key import ServerKey, load_or_make
from tests.support.tls_server import HOST, TlsServer, say_nothing, saying

Stream = trio.SSLStream[trio.SocketStream]


class Eavesdropper:
    """A server that notes what reaches it until the client is gone."""

    def __init__(self) -> None:
        self.heard = b""
        self.gone = trio.Event()

    async def serve(self, stream: Stream) -> None:
        try:
            while octets := await stream.receive_some():
                self.heard += bytes(octets)
        finally:
            self.gone.set()


def spoilt(key_hash: str, place: int) -> str:
    other = "A" if key_hash[place] != "A" else "B"
    return key_hash[:place] + other + key_hash[place + 1 :]


async def test_the_right_key_opens_a_stream_that_speaks_tls_1_3(tmp_path: Path) -> None:
    async with TlsServer(tmp_path, saying(b"welcome")).running() as server:
        stream = await open_pinned(HOST, server.port, server.key.hash)
        await stream.send_all(b"hello")

        assert await stream.receive_some() == b"welcome"
        assert stream.version() == "TLSv1.3"
        await trio.aclose_forcefully(stream)


@pytest.mark.parametrize("place", [0, 21, 42])
async def test_one_wrong_character_of_the_hash_and_the_server_hears_nothing(
    tmp_path: Path, place: int
) -> None:
    eavesdropper = Eavesdropper()
    async with TlsServer(tmp_path, eavesdropper.serve).running() as server:
        with pytest.raises(ServerKeyMismatchError, match="new invite"):
            await post_json(
                HOST, server.port, spoilt(server.key.hash, place), "/v1/enrol", b"token"
            )
        with trio.fail_after(2):
            await eavesdropper.gone.wait()

    assert eavesdropper.heard == b""


async def test_another_server_in_its_place_is_refused(tmp_path: Path) -> None:
    expected = load_or_make(tmp_path / "expected").hash
    async with TlsServer(tmp_path / "other", say_nothing).running() as server:
        with pytest.raises(ServerKeyMismatchError):
            await open_pinned(HOST, server.port, expected)


async def test_a_server_that_shows_a_certificate_without_having_its_key_is_refused(
    tmp_path: Path,
) -> None:
    real, thief = load_or_make(tmp_path / "real"), load_or_make(tmp_path / "thief")

    with pytest.raises(ConfigError):
        server_context(ServerKey(real.certificate, thief.private_key, real.hash))


@pytest.mark.parametrize("days", [-400, -1, 1, 400])
async def test_the_dates_of_a_certificate_lock_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Expired, or not valid yet: the key is known, and a clock may be wrong."""
    now = datetime.now(UTC)
    begin, end = sorted([now + timedelta(days), now + timedelta(2 * days)])
    monkeypatch.setattr(server_key, "_NOT_BEFORE", begin)
    monkeypatch.setattr(server_key, "_NOT_AFTER", end)
    async with TlsServer(tmp_path, saying(b"welcome")).running() as server:
        shown = x509.load_pem_x509_certificate(server.key.certificate.read_bytes())

        stream = await open_pinned(HOST, server.port, server.key.hash)
        await stream.send_all(b"hello")

        assert not shown.not_valid_before_utc < now < shown.not_valid_after_utc
        assert await stream.receive_some() == b"welcome"
        await trio.aclose_forcefully(stream)


async def test_a_server_without_tls_1_3_is_refused(tmp_path: Path) -> None:
    server = TlsServer(tmp_path, say_nothing)
    server.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.context.load_cert_chain(server.key.certificate, server.key.private_key)
    server.context.maximum_version = ssl.TLSVersion.TLSv1_2

    async with server.running():
        with pytest.raises(ServerUnreachableError, match=r"does not speak TLS 1\.3"):
            await open_pinned(HOST, server.port, server.key.hash)


async def test_a_client_with_tls_1_2_is_refused(tmp_path: Path) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.maximum_version = ssl.TLSVersion.TLSv1_2

    async with TlsServer(tmp_path, say_nothing).running() as server:
        stream = trio.SSLStream(await trio.open_tcp_stream(HOST, server.port), old)
        with pytest.raises(trio.BrokenResourceError):
            await stream.do_handshake()
        await trio.aclose_forcefully(stream)
        await trio.testing.wait_all_tasks_blocked()

    assert server.failed_handshakes == 1


async def test_what_is_not_tls_at_all_is_told(nursery: trio.Nursery) -> None:
    async def answer_plainly(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await stream.receive_some()

    port = await _listen(nursery, answer_plainly)

    with pytest.raises(ServerUnreachableError, match="not a ptt server"):
        await open_pinned(HOST, port, "")


async def test_a_server_that_hangs_up_is_told(nursery: trio.Nursery) -> None:
    async def hang_up(stream: trio.SocketStream) -> None:
        await stream.aclose()

    port = await _listen(nursery, hang_up)

    with pytest.raises(ServerUnreachableError):
        await open_pinned(HOST, port, "")


async def test_a_server_that_never_shakes_hands_is_given_up(
    nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep_silent(stream: trio.SocketStream) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr(pinned_tls, "CONNECT_PATIENCE", 0.05)
    port = await _listen(nursery, keep_silent)

    with pytest.raises(ServerUnreachableError, match="takes too long"):
        await open_pinned(HOST, port, "")


@pytest.mark.parametrize("host", [HOST, "::1", "a..b", "no such host"])
async def test_nobody_there_is_told_with_where_and_what_to_do(host: str) -> None:
    with trio.socket.socket() as closed:
        await closed.bind((HOST, 0))
        port = closed.getsockname()[1]

        with pytest.raises(ServerUnreachableError, match=f"{port}: is the server running"):
            await open_pinned(host, port, "")


# one HTTP request


async def test_a_post_arrives_whole_and_its_answer_comes_back(tmp_path: Path) -> None:
    requests: list[tuple[h11.Request, bytes]] = []

    async def serve(stream: Stream) -> None:
        requests.append(await _read_request(stream))
        await stream.send_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\n{}")

    async with TlsServer(tmp_path, serve).running() as server:
        answer = await post_json(HOST, server.port, server.key.hash, "/v1/enrol", b'{"a":1}')

    request, body = requests[0]
    assert answer == HttpAnswer(403, b"{}")
    assert (request.method, request.target, body) == (b"POST", b"/v1/enrol", b'{"a":1}')
    assert dict(request.headers)[b"host"] == f"{HOST}:{server.port}".encode()


async def test_a_get_brings_the_clock_of_the_server(tmp_path: Path) -> None:
    requests: list[tuple[h11.Request, bytes]] = []
    date = "Mon, 05 Jan 2026 10:00:00 GMT"

    async def serve(stream: Stream) -> None:
        requests.append(await _read_request(stream))
        answer = f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Length: 2\r\n\r\n{{}}"
        await stream.send_all(answer.encode())

    async with (
        TlsServer(tmp_path, serve).running() as server,
        pinned_stream(HOST, server.port, server.key.hash) as stream,
    ):
        answer = await get(stream, HOST, server.port, "/healthz")

    request, body = requests[0]
    assert answer == HttpAnswer(200, b"{}", date)
    assert (request.method, request.target, body) == (b"GET", b"/healthz", b"")


async def test_an_answer_in_pieces_is_put_together(tmp_path: Path) -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n"
    server = TlsServer(tmp_path, saying(b"HTTP/1.1 100 Continue\r\n\r\n" + chunked))

    async with server.running():
        answer = await post_json(HOST, server.port, server.key.hash, "/", b"")

    assert answer == HttpAnswer(200, b"abc")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\nContent-Length: 65537\r\n\r\n" + bytes(MAX_ANSWER + 1),
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
    ],
)
async def test_no_proper_answer_is_told(tmp_path: Path, octets: bytes) -> None:
    async with TlsServer(tmp_path, saying(octets)).running() as server:
        with pytest.raises(ServerUnreachableError, match="no proper answer"):
            await post_json(HOST, server.port, server.key.hash, "/", b"")


async def test_a_server_that_does_not_answer_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pinned_tls, "ANSWER_PATIENCE", 0.05)

    async with TlsServer(tmp_path, say_nothing).running() as server:
        with pytest.raises(ServerUnreachableError, match="takes too long"):
            await post_json(HOST, server.port, server.key.hash, "/", b"")


async def _listen(
    nursery: trio.Nursery, serve: Callable[[trio.SocketStream], Awaitable[None]]
) -> int:
    (listener,) = await trio.open_tcp_listeners(0, host=HOST)
    nursery.start_soon(trio.serve_listeners, serve, [listener])
    port: int = listener.socket.getsockname()[1]
    return port


async def _read_request(stream: Stream) -> tuple[h11.Request, bytes]:
    connection = h11.Connection(h11.SERVER)
    request, body = None, b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        match event:
            case h11.NEED_DATA:
                connection.receive_data(bytes(await stream.receive_some()))
            case h11.Request():
                request = event
            case h11.Data(data=octets):
                body += octets
    assert request is not None
    return request, body
