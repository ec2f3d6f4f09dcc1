"""The one entry for everything that travels as RTCP."""

import pytest

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.floor import FloorIdle, FloorRequest, UnknownFloorMessage
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.rtcp import AppPacket, ReceiverReport, ReportBlock, encode_rtcp

MESSAGES: list[ControlMessage] = [
    FloorRequest(1, priority=9),
    FloorIdle(2, sequence=3),
    Probe(3, b"01234567"),
    ProbeReply(3, b"01234567"),
    Challenge(3, b"01234567"),
    ChallengeReply(3, b"01234567"),
    ReceiverReport(4, (ReportBlock(5, 0.5, 6, 7, 8),)),
]


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: type(message).__name__)
def test_every_kind_of_message_survives_the_wire(message: ControlMessage) -> None:
    assert parse_control_untrusted(encode_control(message)) == [message]


def test_several_messages_may_share_a_datagram() -> None:
    datagram = b"".join(encode_control(message) for message in MESSAGES)

    assert parse_control_untrusted(datagram) == MESSAGES


def test_what_belongs_to_others_is_skipped() -> None:
    datagram = (
        bytes.fromhex("81cb0001 11223344")  # a farewell
        + encode_rtcp(AppPacket(1, 1, b"PoC1", b"else"))
        + encode_rtcp(AppPacket(31, 1, b"PTTL", b"then"))
        + encode_control(MESSAGES[0])
    )

    assert parse_control_untrusted(datagram) == [MESSAGES[0]]


def test_one_broken_message_condemns_the_datagram() -> None:
    broken = encode_rtcp(AppPacket(3, 1, b"MCPT", b""))  # a denial without a cause

    with pytest.raises(MalformedPacketError):
        parse_control_untrusted(encode_control(MESSAGES[0]) + broken)


def test_an_unknown_floor_message_is_reported_but_never_sent() -> None:
    octets = encode_rtcp(AppPacket(15, 1, b"MCPT", b""))

    (message,) = parse_control_untrusted(octets)

    assert message == UnknownFloorMessage(1, 15)
    with pytest.raises(LocalProtocolError):
        encode_control(message)
