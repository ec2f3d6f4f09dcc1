"""A floor server with bound members, on a network that remembers who was sent what."""

from itertools import count
from typing import cast

from ptt.floor_server.server import FloorServer
from ptt.net.bulk_send import BulkSender, BulkStatistics
from ptt.net.datagrams import Address, Datagram, DatagramSocket
from ptt.security.srtp import ControlReceiver, UplinkSender, new_key
from ptt.wire import trunk
from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.floor import FloorGranted, FloorIndicator, FloorRequest
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
