"""What comes in: never an exception, never an answer to a stranger, floor messages first."""

from itertools import count
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError
from ptt.floor_server.entrance import VOICE_BUDGET
from ptt.floor_server.media_plane import PACKET_BURST, PACKET_RATE
from ptt.floor_server.server import FloorServer
from ptt.net.bulk_send import BulkSender, BulkStatistics
from ptt.net.datagrams import Address, Datagram, DatagramSocket
from ptt.security.srtp import ControlReceiver, UplinkSender, new_key
from ptt.wire import trunk
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.floor import FloorGranted, FloorIndicator, FloorRelease, FloorRequest
from ptt.wire.link import Challenge, ChallengeReply, Probe
from ptt.wire.rtp import RtpPacket, encode_rtp

CHANNEL, CHANNEL_SSRC = 1, 50
FIRST_BURST = 0x8000_0000
WORDS = FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED
STRANGER: Address = ("198.51.100.1", 1)


class Network:
    """In the place of socket and bulk sender: remembers who was sent what, in which order."""

    def __init__(self, listeners_count_as: int = 1) -> None:
        self.sent: list[tuple[str, Address]] = []
        self.last: dict[Address, bytes] = {}
        self.statistics = BulkStatistics(0, 0, 0)
        self._weight = listeners_count_as

    def send_control(self, octets: bytes, address: Address) -> bool:
        self.sent.append(("control", address))
        self.last[address] = octets
        return True

    def list_addresses(self, addresses: list[Address]) -> list[Address]:
        return addresses

    def send(self, octets: bytes, to: list[Address]) -> int:
        self.sent += [("voice", address) for address in to]
        return len(to) * self._weight


class Wire:
    """A floor server on such a network, with bound members."""

    def __init__(self, members: int, listeners_count_as: int = 1) -> None:
        self.network = Network(listeners_count_as)
        socket = Network()
        socket.send = self.network.send_control  # type: ignore[method-assign, assignment]
        numbers = count(FIRST_BURST)
        self.reports: list[trunk.ToSwitchboard] = []
        self.server = FloorServer(
            cast("DatagramSocket", socket),
            cast("BulkSender", self.network),
            new_nonce=lambda: bytes(8),
            new_burst=lambda: next(numbers),
            report=self.reports.append,
        )
        self.senders: dict[int, UplinkSender] = {}
        self.receivers: dict[int, ControlReceiver] = {}
        settings = trunk.SetChannel(
            channel=CHANNEL,
            ssrc=CHANNEL_SSRC,
            talk_limit=60,
            queue_size=16,
            profile="gcm",
            strict=False,
        )
        self.obey(settings, trunk.AddEpoch(channel=CHANNEL, epoch=7, key=new_key()))
        for member in range(1, members + 1):
            self._add(member)
        self.network.sent.clear()

    def obey(self, *orders: trunk.ToFloorServer) -> None:
        for order in orders:
            self.server.obey(order, now=0.0)

    def take(self, *datagrams: Datagram, now: float = 1.0) -> None:
        self.server.take_untrusted(list(datagrams), now)

    def control(self, member: int, message: ControlMessage) -> Datagram:
        return self.senders[member].protect_rtcp(encode_control(message)), address(member)

    def voice(self, member: int, burst: int, sequence: int) -> Datagram:
        packet = RtpPacket(111, sequence, sequence * 960, burst, bytes(60))
        return self.senders[member].protect_rtp(encode_rtp(packet)), address(member)

    def grant(self, member: int) -> int:
        self.take(self.control(member, FloorRequest(floor_ssrc(member), indicator=WORDS)))
        [granted] = [each for each in self.heard(member) if isinstance(each, FloorGranted)]
        assert granted.burst is not None
        self.network.sent.clear()
        return granted.burst

    def heard(self, member: int) -> list[ControlMessage]:
        """What the last control datagram said."""
        octets = self.network.last[address(member)]
        return parse_control_untrusted(self.receivers[member].unprotect_rtcp(octets))

    def _add(self, member: int) -> None:
        up, down = new_key(), new_key()
        self.senders[member] = UplinkSender(up)
        self.receivers[member] = receiver = ControlReceiver(down)
        receiver.add_source(link_ssrc(member))
        receiver.add_source(CHANNEL_SSRC)
        self.obey(
            trunk.AddClient(client=member, ssrc=link_ssrc(member), uplink_key=up, control_key=down),
            trunk.SetMember(
                channel=CHANNEL, client=member, ssrc=floor_ssrc(member), priority=0, may_talk=True
            ),
        )
        self.take(self.control(member, Probe(link_ssrc(member), bytes(8))))
        assert isinstance(self.heard(member)[0], Challenge)
        self.take(self.control(member, ChallengeReply(link_ssrc(member), bytes(8))))


def address(member: int) -> Address:
    return ("192.0.2.1", member)


def link_ssrc(member: int) -> int:
    return 1000 + member


def floor_ssrc(member: int) -> int:
    return 2000 + member


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
