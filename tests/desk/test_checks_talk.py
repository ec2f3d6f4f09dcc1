"""Whether a log-in would take away the session of a `ptt talk` that runs."""

import socket
from pathlib import Path

import msgspec
import pytest

from ptt.client.credentials import Credential
from ptt_desk.checks.finding import Verdict
from ptt_desk.checks.talk import check_talk, why_no_log_in
from ptt_desk.remote import open_remote
from ptt_desk.remote_orders import LOOPBACK, Address, Status

STATUS = Status(
    person="Anna",
    server="Office",
    channel="everyone",
    pressed=False,
    microphone_open=False,
    talker=None,
)


def credential(server: str) -> Credential:
    return Credential(
        host="h", port=1, key_hash="k", device="d", secret=b"s", person="Anna", server=server
    )


async def test_without_one_a_log_in_does_no_harm(tmp_path: Path) -> None:
    found, status = await check_talk(tmp_path / "talk.json")

    assert (found.verdict, found.measured) == (Verdict.OK, {"running": False})
    assert why_no_log_in(found, status, credential("Office")) == ""


async def test_one_at_the_same_server_would_lose_its_session(tmp_path: Path) -> None:
    async with open_remote(lambda: STATUS, path=tmp_path / "talk.json"):
        found, status = await check_talk(tmp_path / "talk.json")

    assert "as Anna at Office in everyone" in found.sentence
    assert "would lose it" in why_no_log_in(found, status, credential("Office"))
    assert why_no_log_in(found, status, credential("Depot")) == ""


@pytest.mark.slow
async def test_one_that_is_stuck_may_still_have_it(tmp_path: Path) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        address = Address(silent.getsockname()[1], "token", 1)
        (tmp_path / "talk.json").write_bytes(msgspec.json.encode(address))
        found, status = await check_talk(tmp_path / "talk.json")

    assert found.verdict is Verdict.PROBLEM
    assert "does not answer" in why_no_log_in(found, status, credential("Office"))
