"""Everything that comes by UDP enters here, and most of what is not ours ends here.

    length, version --> SSRC known? --> right key, not seen before? --> message --> floors, link
          |                  |                      |
          '------------------+----------------------'--> counted, never answered

In each drain floor messages go before voice, and voice is relayed in portions: a request must not
wait for thousands of listeners to be served. Except those of somebody who talks: his release stays
behind the voice that he sent before it, or the end of his burst would be cut off.
"""

from collections import deque

from ptt.errors import AuthenticationError, MalformedPacketError
from ptt.floor_server.clients import Client, Clients, Source
from ptt.floor_server.downlink import Downlink
from ptt.floor_server.floors import Floors
from ptt.floor_server.links import srtcp_index
from ptt.floor_server.media_plane import MediaPlane, Moved, Stray
from ptt.floor_server.statistics import Counters
from ptt.net.datagrams import Address, Datagram
from ptt.wire.control import ControlMessage, parse_control_untrusted
from ptt.wire.datagram import DatagramKind, classify, peek_ssrc
from ptt.wire.link import Challenge, ChallengeReply, LinkMessage, Probe, ProbeReply
from ptt.wire.rtcp import ReceiverReport

# Implementation
VOICE_BUDGET = 500  # datagrams sent, some 2 ms, before floor messages are looked for again
MAX_BEHIND = 512  # datagrams; beyond that the oldest are late anyway


class Entrance:
    """Sorts datagrams, opens control packets, and passes on what they say."""

    def __init__(
        self,
        clients: Clients,
        floors: Floors,
        plane: MediaPlane,
        downlink: Downlink,
        counters: Counters,
    ) -> None:
        self._clients = clients
        self._floors = floors
        self._plane = plane
        self._downlink = downlink
        self._counters = counters
        self._behind: deque[tuple[Source | None, int, bytes, Address]] = deque()

    @property
    def has_more(self) -> bool:
        """Voice waits that was not relayed yet: come again at once, with what has come since."""
        return bool(self._behind)

    def take_untrusted(self, datagrams: list[Datagram], now: float) -> None:
        """React to floor messages, and to as much voice as may be; never raises for its content."""
        for octets, address in datagrams:
            self._sort(octets, address, now)
        budget = self._counters.voice_sent + VOICE_BUDGET
        while self._behind and self._counters.voice_sent < budget:
            source, ssrc, octets, address = self._behind.popleft()
            if source is None:
                self._relay(ssrc, octets, address, now)
            else:
                self._take_control(source.client, ssrc, octets, address, now)

    def _sort(self, octets: bytes, address: Address, now: float) -> None:
        kind = classify(octets)
        if kind is DatagramKind.OTHER:
            self._counters.dropped_malformed += 1
            return
        ssrc = peek_ssrc(octets, kind)
        if kind is DatagramKind.RTP:
            self._put_behind(None, ssrc, octets, address)
            return
        source = self._clients.source(ssrc)
        if source is None:
            self._counters.dropped_unknown += 1
        elif source.client.live:
            self._put_behind(source, ssrc, octets, address)
        else:
            self._take_control(source.client, ssrc, octets, address, now)

    def _put_behind(
        self, source: Source | None, ssrc: int, octets: bytes, address: Address
    ) -> None:
        if len(self._behind) == MAX_BEHIND:
            self._counters.dropped_late += 1
            self._behind.popleft()
        self._behind.append((source, ssrc, octets, address))

    def _relay(self, ssrc: int, octets: bytes, address: Address, now: float) -> None:
        match self._plane.relay(ssrc, octets, address, now):
            case None:
                pass
            case Moved(client=client):
                self._follow(client, address, len(octets), now)
            case Stray(client=client, channel=channel):
                self._floors.handle_stray(client, channel, now)

    def _follow(self, client: Client, address: Address, size: int, now: float) -> None:
        """The client's newest authentic datagram came from another address: ask it for proof."""
        self._send_link(client, client.link.follow(address, size, now), address)

    def _take_control(
        self, client: Client, ssrc: int, octets: bytes, address: Address, now: float
    ) -> None:
        try:
            messages = parse_control_untrusted(client.uplink.unprotect_rtcp(octets))
        except AuthenticationError:
            self._counters.dropped_forged += 1
            return
        except MalformedPacketError:
            self._counters.dropped_malformed += 1
            return
        self._counters.control_received += 1
        is_newest = client.link.is_newest(ssrc, srtcp_index(octets))
        for message in messages:
            match message:
                case Probe() | ProbeReply() | Challenge() | ChallengeReply():
                    if is_newest and message.ssrc == client.ssrc:
                        self._take_link(client, message, address, len(octets), now)
                case _:
                    self._take_message(client, message, now)
        if is_newest and address != client.link.address:
            self._follow(client, address, len(octets), now)

    def _take_link(
        self, client: Client, message: LinkMessage, address: Address, size: int, now: float
    ) -> None:
        former = client.link.address
        answers = client.link.handle(message, address, size, now)
        if client.link.address != former:
            self._counters.rebinds += 1
            self._floors.follow_address(client)
        self._send_link(client, answers, address)

    def _take_message(self, client: Client, message: ControlMessage, now: float) -> None:
        """A floor message or a report: about the channel that its SSRC names."""
        source = self._clients.source(message.ssrc)
        if source is None or source.client is not client or source.channel is None:
            self._counters.dropped_foreign += 1
            return
        match message:
            case ReceiverReport():
                self._floors.note_report(client, source.channel, message, now)
            case Probe() | ProbeReply() | Challenge() | ChallengeReply():
                pass
            case _:
                self._floors.handle(client, source.channel, message, now)

    def _send_link(self, client: Client, messages: list[LinkMessage], address: Address) -> None:
        for message in messages:
            self._counters.challenges += isinstance(message, Challenge)
            self._downlink.send_to(client, address, message)
