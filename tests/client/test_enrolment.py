"""An invite link becomes a credential, or a sentence."""

import msgspec
import pytest

from ptt.client.credentials import Credential
from ptt.client.enrolment import enrol
from ptt.errors import InviteError, ServerUnreachableError
from ptt.net.pinned_tls import HttpAnswer
from ptt.security.invitations import InviteLink, new_token
from ptt.wire.signalling import Enrol, Enrolled, Refused

KEY_HASH = "k" * 43
ENROLLED = Enrolled(device="d1", secret=b"s" * 32, person="Anna", server="Office")


class Office:
    """Answers `answer` to whatever is posted, and keeps that."""

    def __init__(self, status: int, body: bytes) -> None:
        self.answer = HttpAnswer(status, body)
        self.asked: list[tuple[str, int, str, str]] = []
        self.bodies: list[bytes] = []

    async def post_json(
        self, host: str, port: int, expected_hash: str, path: str, body: bytes
    ) -> HttpAnswer:
        self.asked.append((host, port, expected_hash, path))
        self.bodies.append(body)
        return self.answer


def office(monkeypatch: pytest.MonkeyPatch, status: int, value: object) -> Office:
    found = Office(status, value if isinstance(value, bytes) else msgspec.json.encode(value))
    monkeypatch.setattr("ptt.client.enrolment.post_json", found.post_json)
    return found


def link(token: str) -> str:
    return str(InviteLink(host="ptt.example", port=17880, token=token, key_hash=KEY_HASH))


async def test_a_token_becomes_a_credential(monkeypatch: pytest.MonkeyPatch) -> None:
    server = office(monkeypatch, 200, ENROLLED)
    token = new_token()

    credential = await enrol(link(token), "  Anna's desk ")

    assert credential == Credential(
        host="ptt.example",
        port=17880,
        key_hash=KEY_HASH,
        device="d1",
        secret=b"s" * 32,
        person="Anna",
        server="Office",
    )
    assert server.asked == [("ptt.example", 17880, KEY_HASH, "/v1/enrol")]
    assert msgspec.json.decode(server.bodies[0], type=Enrol) == Enrol(
        token=token, device_name="Anna's desk"
    )


@pytest.mark.parametrize(("given", "sent"), [("x" * 200, "x" * 64), (" ", "device")])
async def test_every_device_has_a_name_that_the_server_takes(
    monkeypatch: pytest.MonkeyPatch, given: str, sent: str
) -> None:
    server = office(monkeypatch, 200, ENROLLED)

    await enrol(link(new_token()), given)

    assert msgspec.json.decode(server.bodies[0], type=Enrol).device_name == sent


async def test_a_refusal_is_the_servers_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    office(monkeypatch, 403, Refused(cause="invite", sentence="This invite was used before."))

    with pytest.raises(InviteError, match=r"This invite was used before\."):
        await enrol(link(new_token()), "desk")


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("body", [b"", b"<html>", b"\xff", b"[]"])
async def test_an_answer_that_makes_no_sense_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, status: int, body: bytes
) -> None:
    office(monkeypatch, status, body)

    with pytest.raises(ServerUnreachableError, match="makes no sense"):
        await enrol(link(new_token()), "desk")


async def test_a_link_that_is_none_is_not_even_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    server = office(monkeypatch, 200, ENROLLED)

    with pytest.raises(InviteError):
        await enrol("https://ptt.example/", "desk")

    assert server.asked == []
