"""Link control: APP packets named PTTL."""

import pytest

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.link import (
    Challenge,
    ChallengeReply,
    LinkMessage,
    Probe,
    ProbeReply,
    encode_link,
    link_from_app,
)
from ptt.wire.rtcp import AppPacket, parse_rtcp_untrusted

TOKEN = b"01234567"


@pytest.mark.parametrize(
    ("message", "first"),
    [
        (Probe(5, TOKEN), 0x80),
        (ProbeReply(5, TOKEN), 0x81),
        (Challenge(5, TOKEN), 0x82),
        (ChallengeReply(5, TOKEN), 0x83),
    ],
)
def test_each_message_has_its_subtype_and_survives_the_wire(
    message: LinkMessage, first: int
) -> None:
    octets = encode_link(message)

    (packet,) = parse_rtcp_untrusted(octets)
    assert octets == bytes([first]) + bytes.fromhex("cc0004 00000005 5054544c") + TOKEN
    assert isinstance(packet, AppPacket)
    assert link_from_app(packet) == message


def test_a_subtype_of_a_later_release_says_nothing() -> None:
    assert link_from_app(AppPacket(4, 5, b"PTTL", b"anything")) is None


@pytest.mark.parametrize(
    "packet",
    [
        AppPacket(0, 5, b"MCPT", TOKEN),
        AppPacket(0, 5, b"PTTL", b""),
        AppPacket(3, 5, b"PTTL", TOKEN + b"more"),
    ],
)
def test_another_name_or_length_is_malformed(packet: AppPacket) -> None:
    with pytest.raises(MalformedPacketError):
        link_from_app(packet)


@pytest.mark.parametrize("token", [b"", TOKEN[:4], TOKEN + TOKEN])
def test_a_token_of_another_length_is_a_bug_here(token: bytes) -> None:
    with pytest.raises(LocalProtocolError):
        encode_link(Probe(5, token))
