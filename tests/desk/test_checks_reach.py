"""Is the server there, and is it the right one: by real sockets on loopback."""

from collections.abc import Callable
from email.utils import formatdate
from pathlib import Path
from socket import socket

import pytest
import trio

from ptt.client.credentials import Credential
from ptt_desk.checks import names, reach
from ptt_desk.checks.finding import Finding, Verdict
from ptt_desk.checks.reach import check_reach
from tests.support.tls_server import HOST, TlsServer, say_nothing, saying

NOON = 1_767_614_400.0  # s since 1970


def credential(port: int, key_hash: str, host: str = HOST) -> Credential:
    return Credential(
        host=host,
        port=port,
        key_hash=key_hash,
        device="d",
        secret=b"s",
        person="Anna",
        server="Office",
    )


def answer(status: int = 200, date: float = NOON) -> bytes:
    when = formatdate(date, usegmt=True)
    return f"HTTP/1.1 {status} X\r\nDate: {when}\r\nContent-Length: 0\r\n\r\n".encode()


async def examined(credential: Credential, now: float = NOON) -> dict[str, Finding]:
    found = await check_reach(credential, wall_clock=lambda: now)
    assert [each.name for each in found] == list(names.REACH)
    return {each.name: each for each in found}


async def test_a_server_in_order_is_ok_in_every_line(tmp_path: Path) -> None:
    async with TlsServer(tmp_path, saying(answer())).running() as server:
        found = await examined(credential(server.port, server.key.hash))

    assert {each.verdict for each in found.values()} == {Verdict.OK}
    assert found[names.CLOCK].measured["offset_seconds"] == -0.5


async def test_another_key_is_a_problem_and_nothing_is_asked_there(tmp_path: Path) -> None:
    async with TlsServer(tmp_path, saying(answer())).running() as server:
        found = await examined(credential(server.port, "A" * 43))

    assert found[names.SERVER].verdict is Verdict.OK
    assert found[names.SERVER_KEY].verdict is Verdict.PROBLEM
    assert "another key than the one that invited" in found[names.SERVER_KEY].sentence
    assert "do not talk there" in found[names.SERVER_KEY].advice
    assert found[names.CLOCK].verdict is Verdict.SKIPPED


async def test_a_port_where_nothing_listens_is_told_from_one_that_is_silent() -> None:
    with socket() as taken:
        taken.bind((HOST, 0))
        port = taken.getsockname()[1]
        found = await examined(credential(port, ""))

    assert found[names.SERVER].sentence == f"Nothing listens at TCP port {port} of {HOST}"
    assert found[names.SERVER].measured["refused"] is True
    assert found[names.SERVER_KEY].verdict is Verdict.SKIPPED


async def test_silence_at_the_port_is_a_firewall_or_a_server_that_is_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reach, "CONNECT_WITHIN", 0.05)
    with socket() as silent:
        silent.bind((HOST, 0))
        silent.listen()
        port = silent.getsockname()[1]
        found = await examined(credential(port, ""))

    assert found[names.SERVER].sentence == f"No answer from TCP port {port} of {HOST}"
    assert "no firewall stops TCP to that port" in found[names.SERVER].advice


async def test_something_else_at_the_port_is_told(nursery: trio.Nursery) -> None:
    async def answer_plainly(stream: trio.SocketStream) -> None:
        await stream.send_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await stream.receive_some()

    (listener,) = await trio.open_tcp_listeners(0, host=HOST)
    nursery.start_soon(trio.serve_listeners, answer_plainly, [listener])

    found = await examined(credential(listener.socket.getsockname()[1], ""))

    assert "is not a ptt server" in str(found[names.SERVER])


async def test_a_name_that_leads_nowhere_is_told() -> None:
    found = await examined(credential(1, "", host="no such host"))

    assert found[names.SERVER_NAME].verdict is Verdict.PROBLEM
    assert "no such host leads nowhere" in found[names.SERVER_NAME].sentence
    assert found[names.SERVER].verdict is Verdict.SKIPPED


@pytest.mark.parametrize(
    ("offset", "words"),
    [(90.5, "90 s ahead of"), (-600.0, "10 minutes behind"), (86400.0 * 3, "3 days ahead of")],
)
async def test_a_clock_that_is_wrong_is_a_warning(
    tmp_path: Path, offset: float, words: str
) -> None:
    async with TlsServer(tmp_path, saying(answer())).running() as server:
        found = await examined(credential(server.port, server.key.hash), NOON + offset)

    assert found[names.CLOCK].verdict is Verdict.WARNING
    assert words in found[names.CLOCK].sentence


@pytest.mark.parametrize(("status", "words"), [(503, "floor server is not running"), (404, "404")])
async def test_a_server_that_is_not_well_is_a_problem(
    tmp_path: Path, status: int, words: str
) -> None:
    async with TlsServer(tmp_path, saying(answer(status))).running() as server:
        found = await examined(credential(server.port, server.key.hash))

    assert found[names.FLOOR_SERVER].verdict is Verdict.PROBLEM
    assert words in found[names.FLOOR_SERVER].sentence


@pytest.mark.parametrize(
    "serve", [say_nothing, saying(b"rubbish\r\n\r\n"), saying(b"HTTP/1.1 200 OK\r\n\r\n")]
)
async def test_a_server_that_does_not_tell_its_state_or_time_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, serve: Callable[..., object]
) -> None:
    monkeypatch.setattr(reach, "ANSWER_WITHIN", 0.05)
    async with TlsServer(tmp_path, serve).running() as server:  # type: ignore[arg-type]
        found = await examined(credential(server.port, server.key.hash))

    assert found[names.CLOCK].verdict is Verdict.SKIPPED
