"""S15: connections that begin and do not go on, say too much, or do not listen."""

import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
import trio

from ptt.switchboard.session import MAX_HELLO, MAX_MESSAGE
from ptt.switchboard.strangers import HANDSHAKE_WITHIN
from ptt.wire.signalling import (
    Enrolled,
    Hello,
    Join,
    Joined,
    Leave,
    Left,
    Welcome,
    encode,
)
from tests.support.raw_websocket import RawWebSocket, frame, header, raw_websocket
from tests.support.switchboard_daemon import RealDaemon, any_certificate, bare_client, real_daemon

pytestmark = pytest.mark.slow

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.9"
HALF_OPEN = 100
BEGUN_HELLO = bytes.fromhex("16030102000100 01fc0303".replace(" ", ""))  # of 512 octets
REAL_JOIN_WITHIN = 2.0  # s
CUT_WITHIN = 10.0  # s
HELD_UP = 0.5  # s that nobody else may notice
INSISTS = 50 << 20  # octets
INSISTS_FOR = 3.0  # s
GROWTH = 4 << 20  # octets; what one message may claim is a gibioctet


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[RealDaemon]:
    async with real_daemon(tmp_path) as running:
        yield running


def half_open(port: int, origin: str) -> socket.socket:
    """Somebody who has begun to say hello."""
    tcp = socket.socket()
    tcp.bind((origin, 0))
    tcp.connect(("127.0.0.1", port))
    tcp.send(BEGUN_HELLO)
    return tcp


def is_closed(tcp: socket.socket) -> bool:
    try:
        return tcp.recv(1, socket.MSG_DONTWAIT | socket.MSG_PEEK) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


def resident_octets(daemon: RealDaemon) -> int:
    pages = Path(f"/proc/{daemon.process.pid}/statm").read_text().split()[1]
    return int(pages) * 4096


async def log_in(websocket: RawWebSocket, enrolled: Enrolled) -> None:
    await websocket.say(Hello(device=enrolled.device, secret=enrolled.secret))
    while (await websocket.hear())["type"] != "media":
        pass


@pytest.mark.parametrize("origin", [HERE, ELSEWHERE])
async def test_half_open_handshakes_delay_nobody_and_are_cut(
    daemon: RealDaemon, origin: str
) -> None:
    enrolled = await trio.to_thread.run_sync(daemon.enrol, "Anna")
    with ExitStack() as stack:
        begun = [stack.enter_context(half_open(daemon.port, origin)) for _ in range(HALF_OPEN)]
        await trio.sleep(0.2)

        with trio.fail_after(REAL_JOIN_WITHIN):
            async with bare_client(daemon.port) as client:
                await client.log_in(enrolled)
                await client.wait_for(Welcome)
        await trio.sleep(HANDSHAKE_WITHIN + 0.5)
        closed = sum(map(is_closed, begun))

    assert closed == HALF_OPEN


@pytest.mark.parametrize("claimed", [MAX_HELLO + 1, MAX_MESSAGE + 1, 1 << 30, (1 << 63) - 1])
async def test_a_huge_message_before_login_ends_the_connection(
    daemon: RealDaemon, claimed: int
) -> None:
    before = resident_octets(daemon)
    async with raw_websocket(daemon.port) as stranger:
        await stranger.stream.send_all(header(claimed))
        sent = 0
        with suppress(trio.BrokenResourceError):  # it does not want to hear more
            while sent < min(claimed, INSISTS):
                await stranger.stream.send_all(b"x" * min(MAX_HELLO + 1, claimed - sent))
                sent += MAX_HELLO + 1

        assert await stranger.is_cut(within=1.0)
    assert resident_octets(daemon) - before < GROWTH


async def test_a_huge_message_after_login_ends_the_session_and_no_other(
    daemon: RealDaemon,
) -> None:
    anna = await trio.to_thread.run_sync(daemon.enrol, "Anna")
    ben = await trio.to_thread.run_sync(daemon.enrol, "Ben")
    async with raw_websocket(daemon.port) as shouter, bare_client(daemon.port) as other:
        await log_in(shouter, anna)
        await other.log_in(ben)
        await other.wait_for(Welcome)

        await shouter.stream.send_all(frame("x" * MAX_MESSAGE + "x"))
        cut = await shouter.is_cut(within=1.0)
        await other.say(Join(channel=1))

        assert cut
        assert await other.wait_for(Joined)


async def test_as_much_as_is_allowed_after_login_is_heard(daemon: RealDaemon) -> None:
    anna = await trio.to_thread.run_sync(daemon.enrol, "Anna")
    async with raw_websocket(daemon.port) as client:
        await log_in(client, anna)
        text = encode(Join(channel=999))

        await client.stream.send_all(frame(text + " " * (MAX_MESSAGE - len(text))))

        assert (await client.hear())["type"] == "refused"


@pytest.mark.parametrize("path", ["/v1/enrol", "/healthz", "/nowhere"])
@pytest.mark.parametrize("length", [b"Content-Length: 9000000000", b"Transfer-Encoding: chunked"])
async def test_a_huge_request_is_not_read(daemon: RealDaemon, path: str, length: bytes) -> None:
    head = b"POST " + path.encode() + b" HTTP/1.1\r\nHost: x\r\n" + length + b"\r\n\r\n"
    chunk = b"10000\r\n" if b"chunked" in length else b""
    before = resident_octets(daemon)
    stream = await trio.open_ssl_over_tcp_stream(
        "127.0.0.1", daemon.port, ssl_context=any_certificate()
    )

    with suppress(trio.BrokenResourceError), trio.move_on_after(INSISTS_FOR) as insisted:
        await stream.send_all(head)
        while True:
            await stream.send_all(chunk + bytes(1 << 16) + (b"\r\n" if chunk else b""))
            await trio.sleep(0.001)
    after = resident_octets(daemon)
    await trio.aclose_forcefully(stream)

    assert not insisted.cancelled_caught, "the connection was closed"
    assert after - before < GROWTH


async def test_requests_that_break_off_are_one_line_in_the_log(daemon: RealDaemon) -> None:
    head = b"POST /v1/enrol HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"
    before = len(daemon.log)
    for _ in range(50):
        stream = await trio.open_ssl_over_tcp_stream(
            "127.0.0.1", daemon.port, ssl_context=any_certificate()
        )
        await stream.send_all(head)
        await trio.aclose_forcefully(stream)
    await trio.sleep(0.5)

    written = [line for line in daemon.log[before:] if not line["event"].startswith("floor")]
    assert len(written) <= 1
    assert not any("exception" in line for line in written)


async def test_who_does_not_read_is_cut_and_the_others_lose_nothing(daemon: RealDaemon) -> None:
    anna = await trio.to_thread.run_sync(daemon.enrol, "Anna")
    ben = await trio.to_thread.run_sync(daemon.enrol, "Ben")
    waits: list[float] = []

    async def come_and_go() -> None:
        async with bare_client(daemon.port) as other:
            await other.log_in(ben)
            await other.wait_for(Welcome)
            while True:
                began = trio.current_time()
                await other.say(Join(channel=1))
                await other.wait_for(Joined)
                await other.say(Leave(channel=1))
                await other.wait_for(Left)
                waits.append(trio.current_time() - began)
                await trio.sleep(0.05)

    async with raw_websocket(daemon.port, buffer=1024) as deaf, trio.open_nursery() as nursery:
        nursery.start_soon(come_and_go)
        await log_in(deaf, anna)
        began = trio.current_time()
        nursery.start_soon(ask_without_end, deaf)
        await daemon.until("client-stalled")
        cut_after = trio.current_time() - began
        nursery.cancel_scope.cancel()

    assert cut_after < CUT_WITHIN
    assert len(waits) > 50
    assert max(waits) < HELD_UP


async def ask_without_end(client: RawWebSocket) -> None:
    """Each question has an answer, which is not read; as many as are taken from a client."""
    for _ in range(900):
        await client.say(Join(channel=999))
    while True:
        await trio.sleep(0.025)
        await client.say(Join(channel=999))
