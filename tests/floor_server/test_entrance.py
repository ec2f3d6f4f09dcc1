"""What comes in: never an exception, never an answer to a stranger, floor messages first."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError
from ptt.floor_server.entrance import VOICE_BUDGET
from ptt.floor_server.media_plane import PACKET_BURST, PACKET_RATE
from ptt.wire.floor import FloorRelease, FloorRequest
from ptt.wire.rtp import RtpPacket, encode_rtp
from tests.support.floor_wire import (
    CHANNEL_SSRC,
    STRANGER,
    WORDS,
    Wire,
    address,
    floor_ssrc,
    link_ssrc,
)

SHARED = Wire(2)


@given(octets=st.binary(max_size=1500))
def test_any_octets_from_anybody_are_survived_untrusted_and_unanswered(octets: bytes) -> None:
    wire = SHARED

    wire.take((octets, STRANGER))

    assert wire.network.sent == []


@given(
    subtype=st.integers(0, 31),
    packet_type=st.sampled_from([201, 204]),
    ssrc=st.sampled_from([link_ssrc(1), floor_ssrc(1), floor_ssrc(2), CHANNEL_SSRC]),
    name=st.sampled_from([b"MCPT", b"PTTL", b""]),
    body=st.binary(max_size=600),
)
def test_any_authentic_control_packet_of_a_member_is_survived_untrusted(
    subtype: int, packet_type: int, ssrc: int, name: bytes, body: bytes
) -> None:
    body = name + body + bytes(-len(body) % 4)
    head = bytes([0x80 | subtype, packet_type]) + (1 + len(body) // 4).to_bytes(2, "big")

    SHARED.take((SHARED.senders[1].protect_rtcp(head + ssrc.to_bytes(4, "big") + body), address(1)))

    SHARED.network.sent.clear()


@given(head=st.binary(min_size=2, max_size=2), body=st.binary(max_size=1300))
def test_any_authentic_voice_packet_of_the_talker_is_survived_untrusted(
    head: bytes, body: bytes
) -> None:
    wire = Wire(2)
    burst = wire.grant(1)
    start = bytes([0x80 | head[0] & 0x3F, head[1]]) + bytes([0, 1, 0, 0, 0, 0])
    try:
        datagram = wire.senders[1].protect_rtp(start + burst.to_bytes(4, "big") + body)
    except LocalProtocolError:  # what libsrtp does not send, nobody gets
        return

    wire.take((datagram, address(1)))

    assert set(wire.network.sent) <= {("voice", address(2))}


@pytest.mark.parametrize("payload_type", [0, 13, 110, 113])
def test_only_our_payload_types_are_relayed(payload_type: int) -> None:
    wire = Wire(2)
    burst = wire.grant(1)
    packet = encode_rtp(RtpPacket(payload_type, 1, 0, burst, bytes(60)))

    wire.take((wire.senders[1].protect_rtp(packet), address(1)))

    assert wire.network.sent == []
    assert wire.server.counters.dropped_malformed == 1


def test_a_request_goes_before_voice_that_came_before_it() -> None:
    wire = Wire(3)
    burst = wire.grant(1)
    request = wire.control(3, FloorRequest(floor_ssrc(3), indicator=WORDS))

    wire.take(wire.voice(1, burst, 1), wire.voice(1, burst, 2), request)

    assert wire.network.sent[0] == ("control", address(3))
    assert [kind for kind, _ in wire.network.sent] == ["control"] + ["voice"] * 4


def test_the_talkers_release_stays_behind_his_voice() -> None:
    wire = Wire(2)
    burst = wire.grant(1)
    release = wire.control(1, FloorRelease(floor_ssrc(1), burst))

    wire.take(wire.voice(1, burst, 1), wire.voice(1, burst, 2), release)

    to_listener = [kind for kind, to in wire.network.sent if to == address(2)]
    assert to_listener == ["voice", "voice", "control"]


def test_after_a_portion_of_voice_floor_messages_are_looked_for_again() -> None:
    wire = Wire(3, listeners_count_as=VOICE_BUDGET // 4)
    burst = wire.grant(1)
    request = wire.control(3, FloorRequest(floor_ssrc(3), indicator=WORDS))

    wire.take(*(wire.voice(1, burst, number) for number in range(1, 6)))
    first_portion = len(wire.network.sent)
    has_more = wire.server.has_more
    wire.take(request)

    assert first_portion == 2 * 2  # packets x listeners
    assert has_more
    assert wire.network.sent[first_portion] == ("control", address(3))
    while wire.server.has_more:
        wire.take()
    assert len([kind for kind, _ in wire.network.sent if kind == "voice"]) == 5 * 2


def test_more_packets_than_an_encoder_makes_are_not_relayed() -> None:
    wire = Wire(2)
    burst = wire.grant(1)

    for number in range(PACKET_BURST + 200):
        wire.take(wire.voice(1, burst, number), now=1.0)
    at_once = wire.server.counters.voice_sent
    for number in range(2000, 2000 + PACKET_RATE):
        wire.take(wire.voice(1, burst, number), now=3.7)

    assert at_once == PACKET_BURST
    assert wire.server.counters.dropped_excess == 200
    assert wire.server.counters.voice_sent == PACKET_BURST + PACKET_RATE
