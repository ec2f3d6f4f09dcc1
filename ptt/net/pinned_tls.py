"""TLS 1.3 to the one server whose public key is known, and the server's own side of it.

    connect -> handshake (proves that the server holds its key) -> hash of that key as expected?
      yes -> the stream, nothing was sent on it yet        no -> closed, nothing was ever sent

The hash comes from an invite or a credential. No certificate authority, no name, no date counts,
so nothing but the right key is trusted, and no wrong clock locks anybody out. No fallback.
"""

import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import h11
import trio

from ptt.errors import ConfigError, ServerKeyMismatchError, ServerUnreachableError
from ptt.security.server_key import ServerKey, key_hash

# Implementation
CONNECT_PATIENCE = 10.0  # s for connection and handshake
ANSWER_PATIENCE = 15.0  # s for an HTTP answer; the server lets suspicious tries wait for some
MAX_ANSWER = 65536  # octets
_CHUNK = 16384  # octets, a TLS record

PinnedStream = trio.SSLStream[trio.SocketStream]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What the server says; `body` is not longer than MAX_ANSWER, `date` is its clock or empty."""

    status: int
    body: bytes
    date: str = ""


def server_context(key: ServerKey) -> ssl.SSLContext:
    """The server's side: TLS 1.3 only, no resumption. Raises ConfigError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0  # each connection gets new keys of its own
    try:
        context.load_cert_chain(key.certificate, key.private_key)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(
            f"TLS cannot use {key.certificate} with {key.private_key}: {error}."
        ) from error
    return context


async def open_pinned(host: str, port: int, expected_hash: str) -> PinnedStream:
    """A stream to the server with that key; the caller closes it.

    Raises ServerUnreachableError, or ServerKeyMismatchError before anything was sent.
    """
    with unreachable_if_broken(host, port):
        with trio.fail_after(CONNECT_PATIENCE):
            stream = PinnedStream(
                await _connect(host, port), _client_context(), https_compatible=True
            )
            try:
                await _shake_hands(stream, host, port)
                _check_key(stream, host, port, expected_hash)
            except BaseException:
                await trio.aclose_forcefully(stream)
                raise
    return stream


@asynccontextmanager
async def pinned_stream(host: str, port: int, expected_hash: str) -> AsyncIterator[PinnedStream]:
    """Like `open_pinned`, and closes it: at once, since whoever talks on it ends that in words."""
    stream = await open_pinned(host, port, expected_hash)
    try:
        yield stream
    finally:
        await trio.aclose_forcefully(stream)


async def post_json(host: str, port: int, expected_hash: str, path: str, body: bytes) -> HttpAnswer:
    """One POST of a JSON text. Raises ServerUnreachableError, ServerKeyMismatchError."""
    about = {"Content-Type": "application/json", "Content-Length": str(len(body))}
    request = _request("POST", _address(host, port), path, about)
    async with pinned_stream(host, port, expected_hash) as stream:
        with unreachable_if_broken(host, port):
            return await _exchange(stream, _address(host, port), request, body)


async def get(stream: PinnedStream, host: str, port: int, path: str) -> HttpAnswer:
    """One GET, the last one on this stream. Raises ServerUnreachableError."""
    request = _request("GET", _address(host, port), path, {})
    with unreachable_if_broken(host, port):
        return await _exchange(stream, _address(host, port), request, b"")


@contextmanager
def unreachable_if_broken(host: str, port: int) -> Iterator[None]:
    """Broken streams and times that are over become ServerUnreachableError."""
    try:
        yield
    except trio.TooSlowError as error:
        raise ServerUnreachableError(
            f"The server at {_address(host, port)} takes too long to answer: try again later."
        ) from error
    except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
        raise ServerUnreachableError(
            f"The connection to the server at {_address(host, port)} broke: try again."
        ) from error


async def _connect(host: str, port: int) -> trio.SocketStream:
    try:
        return await trio.open_tcp_stream(host, port)
    except (OSError, UnicodeError) as error:  # UnicodeError: no name of a computer
        raise ServerUnreachableError(
            f"Nobody answers at {_address(host, port)}: is the server running, "
            "and is this computer in its network?"
        ) from error


def _client_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.check_hostname = False  # the key is checked instead, see _check_key
    context.verify_mode = ssl.CERT_NONE
    return context


async def _shake_hands(stream: PinnedStream, host: str, port: int) -> None:
    try:
        await stream.do_handshake()
    except trio.BrokenResourceError as error:
        if not isinstance(error.__cause__, ssl.SSLError):
            raise
        raise ServerUnreachableError(
            f"What answers at {_address(host, port)} is not a ptt server: "
            "it does not speak TLS 1.3."
        ) from error


def _check_key(stream: PinnedStream, host: str, port: int, expected_hash: str) -> None:
    """TLS 1.3 has proved that the server holds the key of the certificate that it showed."""
    certificate = stream.getpeercert(binary_form=True)
    try:
        found = key_hash(certificate or b"")
    except ValueError:
        found = ""
    if found != expected_hash:
        raise ServerKeyMismatchError(
            f"The server at {_address(host, port)} is not the one that invited this device: its "
            "key is another; ask whoever runs it, and for a new invite if it was set up anew."
        )


def _request(method: str, address: str, path: str, about: dict[str, str]) -> h11.Request:
    headers = {"Host": address, **about, "Connection": "close"}
    return h11.Request(method=method, target=path, headers=list(headers.items()))


async def _exchange(
    stream: PinnedStream, address: str, request: h11.Request, body: bytes
) -> HttpAnswer:
    connection = h11.Connection(h11.CLIENT)
    octets = connection.send(request) + connection.send(h11.Data(body))
    with trio.fail_after(ANSWER_PATIENCE):
        try:
            await stream.send_all(octets + connection.send(h11.EndOfMessage()))
            return await _read_answer(stream, connection)
        except h11.RemoteProtocolError as error:
            raise ServerUnreachableError(
                f"The server at {address} gave no proper answer: try again later."
            ) from error


async def _read_answer(stream: PinnedStream, connection: h11.Connection) -> HttpAnswer:
    status, body, date = 0, bytearray(), b""
    while True:
        match connection.next_event():
            case h11.NEED_DATA:
                connection.receive_data(bytes(await stream.receive_some(_CHUNK)))
            case h11.Response(status_code=status, headers=headers):
                date = next((value for name, value in headers if name == b"date"), b"")
            case h11.Data(data=octets):
                body += octets
                if len(body) > MAX_ANSWER:
                    raise h11.RemoteProtocolError("its answer is too long")
            case h11.EndOfMessage():
                return HttpAnswer(status, bytes(body), date.decode(errors="replace"))
            case _:  # 1xx: the answer is still to come
                pass


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
