"""Links that survive a mail program, and sentences for those that do not."""

import hashlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import InviteError
from ptt.security.invitations import (
    MAX_LINK,
    InviteLink,
    hash_secret,
    hash_token,
    is_same_secret,
    new_secret,
    new_token,
)

TOKEN = "dG9rZW4tdG9rZW4tdG9rZQ"
KEY = "c2hhMjU2LW9mLXRoZS1zZXJ2ZXItcHVibGljLWtleS0"
LINK = f"ptt://ptt.example:17880/?invite={TOKEN}&key={KEY}"
INVITE = InviteLink("ptt.example", 17880, TOKEN, KEY)


@pytest.mark.parametrize(
    "host", ["ptt.example", "10.0.0.7", "localhost", "radio_1", "fd00::7", "::1", "fe80::1%eth0"]
)
def test_what_is_written_is_read_again(host: str) -> None:
    link = InviteLink(host, 12, new_token(), KEY)

    assert InviteLink.parse(str(link)) == link


def test_a_link_is_written_as_documented() -> None:
    assert str(INVITE) == LINK
    assert str(InviteLink("::1", 1, TOKEN, KEY)).startswith("ptt://[::1]:1/?")


def test_a_link_without_a_port_means_the_usual_one() -> None:
    assert InviteLink.parse(LINK.replace(":17880", "")) == INVITE


def test_a_link_that_a_mail_program_broke_is_still_one() -> None:
    broken = f"  {LINK[:30]}\r\n {LINK[30:60]}\n{LINK[60:]}\n"

    assert InviteLink.parse(broken) == INVITE


def test_what_a_later_version_adds_to_the_link_is_ignored() -> None:
    assert InviteLink.parse(f"{LINK}&team=blue") == INVITE


@pytest.mark.parametrize(
    ("link", "complaint"),
    [
        ("", "begins with ptt://"),
        ("hello", "begins with ptt://"),
        (LINK.replace("ptt:", "https:", 1), "begins with ptt://"),
        (LINK + "x" * MAX_LINK, "begins with ptt://"),
        (LINK.replace("ptt.example:17880", ""), "names no server"),
        (LINK.replace("ptt.example", ""), "names no server"),
        (LINK.replace("ptt.example", "me@ptt.example"), "name .* is damaged"),
        (LINK.replace("ptt.example", "ptt.ex%00ample"), "name .* is damaged"),
        (LINK.replace("ptt.example", "-oProxy"), "name .* is damaged"),
        (LINK.replace("ptt.example", "a" * 300), "name .* is damaged"),
        (LINK.replace("ptt.example", "[fd00::7"), "name .* is damaged"),
        (LINK.replace("ptt.example", "[fd00::7::8]"), "name .* is damaged"),
        (LINK.replace("17880", "0"), "port"),
        (LINK.replace("17880", "65536"), "port"),
        (LINK.replace("17880", "http"), "port"),
        (LINK.split("?", maxsplit=1)[0], 'no "invite"'),
        (LINK.split("&", maxsplit=1)[0], 'no "key"'),
        (LINK.replace(KEY, ""), 'no "key"'),
        (LINK[:-1], '"key" .* cut off'),
        (LINK + "A", '"key" .* cut off'),
        (LINK.replace(TOKEN, TOKEN[:-1]), '"invite" .* cut off'),
        (LINK.replace(TOKEN, TOKEN[:-1] + "!"), '"invite" .* cut off'),
        (LINK + f"&invite={TOKEN}", '"invite" .* cut off'),
    ],
)
def test_a_damaged_link_is_told_what_is_wrong_and_what_to_do(link: str, complaint: str) -> None:
    with pytest.raises(InviteError, match=complaint) as caught:
        InviteLink.parse(link)

    assert str(caught.value).endswith("; copy the whole link once more, or ask for a new invite.")


@given(st.text() | st.text().map(lambda text: "ptt://" + text) | st.text().map(LINK.__add__))
def test_any_text_is_a_link_or_refused_with_a_sentence(text: str) -> None:
    try:
        link = InviteLink.parse(text)
    except InviteError:
        return

    assert InviteLink.parse(str(link)) == link


@given(st.integers(0, len(LINK) - 1), st.characters())
def test_a_link_with_one_other_character_raises_nothing_else(place: int, character: str) -> None:
    with suppress(InviteError):
        InviteLink.parse(LINK[:place] + character + LINK[place + 1 :])


def test_the_token_does_not_appear_in_logs() -> None:
    assert TOKEN not in repr(INVITE)
    assert "ptt.example" in repr(INVITE)


def test_tokens_have_128_bits_and_secrets_256_and_never_come_twice() -> None:
    assert len(new_token()) == 22
    assert len(new_secret()) == 32
    assert len({new_token() for _ in range(100)}) == 100
    assert len({new_secret() for _ in range(100)}) == 100


def test_the_server_keeps_hashes() -> None:
    assert hash_token(TOKEN) == hashlib.sha256(TOKEN.encode()).digest()
    assert hash_secret(b"s") == hashlib.sha256(b"s").digest()


@given(st.text(st.characters(exclude_categories=[])))
def test_any_text_that_somebody_calls_a_token_has_a_hash(text: str) -> None:
    assert len(hash_token(text)) == 32


def test_a_secret_is_known_by_its_hash() -> None:
    secret = new_secret()

    assert is_same_secret(secret, hash_secret(secret))
    assert not is_same_secret(secret[:-1] + b"x", hash_secret(secret[:-1] + b"y"))
