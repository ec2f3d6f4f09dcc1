"""Relays voice: what happens for every packet, and nothing that could be decided before it.

    datagram --SSRC--> Relay --talker's key--> packet --channel's key--> datagram --> all listeners
                  |
                  not in the table: the SSRC of a burst that has just ended, or nothing of ours

The floor decides (floors.py) and calls `start`, `refresh` and `stop`; the table of relays is
replaced by each of them, never changed. A relay that membership, an address or a key has made
stale is built anew in front of its next packet, so that a storm of joins costs one building per
packet and not one per join. No clock and no Trio: whoever owns the loop passes datagrams and time.

Whose voice it is follows from the key alone: a burst's SSRC is looked up together with the one
session that may send it.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ptt.channel.forwarding import ForwardingTable
from ptt.errors import AuthenticationError, MalformedPacketError
from ptt.floor_server.clients import Client
from ptt.floor_server.statistics import Counters
from ptt.net.bulk_send import AddressList, BulkSender
from ptt.net.datagrams import Address, DatagramSocket
from ptt.security.srtp import VoiceSender

# Specification
_PLAIN_HEADER = 0x80  # RFC 3550: version 2, no padding, no extension, no other sources
_PAYLOAD_TYPES = frozenset({111, 112})  # Opus, and RED that carries it
_PAYLOAD_TYPE = 0x7F

# Implementation
PACKET_RATE = 120  # packets/s of one burst; 10 ms frames are 100
PACKET_BURST = 600  # packets ahead of that: pre-roll that is sent at once
LATE_SECONDS = 0.3  # after the end of a burst: voice that was on its way already
STRAY_SECONDS = 5.0  # afterwards its SSRC means nothing any more


@dataclass(frozen=True, slots=True)
class Listeners:
    """Who gets a burst: `together` the same octets, or `apart` (strict) each octets of its own.

    `voice` is None in strict channels, and as long as the channel has no key.
    """

    voice: VoiceSender | None
    together: AddressList
    apart: tuple[tuple[VoiceSender, Address], ...] | None = None


@dataclass(slots=True, eq=False)
class Burst:
    """A burst that has the floor. `note_media` tells the floor that its talker is there."""

    ssrc: int
    channel: int
    talker: Client
    started: float
    note_media: Callable[[float], None]
    find_listeners: Callable[[], Listeners]
    packets: int = 0
    newest: int = -1  # sequence number

    def is_newest(self, packet: bytes) -> bool:
        """Note a packet; whether none that came before was sent later (bursts never wrap)."""
        sequence = packet[2] << 8 | packet[3]
        if sequence <= self.newest:
            return False
        self.newest = sequence
        return True


@dataclass(frozen=True, slots=True)
class Relay:
    """One line of the table; `listeners` is None if they must be found anew."""

    burst: Burst
    listeners: Listeners | None


@dataclass(frozen=True, slots=True)
class _Ended:
    burst: Burst
    at: float


@dataclass(frozen=True, slots=True)
class Moved:
    """The client's newest packet came from another address than the one it is bound to."""

    client: Client


@dataclass(frozen=True, slots=True)
class Stray:
    """The client still sends voice of a burst that is over in `channel`."""

    client: Client
    channel: int


Notable = Moved | Stray


class MediaPlane:
    """All live bursts of this floor server."""

    def __init__(self, socket: DatagramSocket, bulk: BulkSender, counters: Counters) -> None:
        self._socket = socket
        self._bulk = bulk
        self._counters = counters
        self._table: ForwardingTable[Relay] = ForwardingTable()
        self._ended: dict[int, _Ended] = {}

    def start(self, burst: Burst) -> None:
        """Relay this burst from now on."""
        burst.talker.uplink.add_source(burst.ssrc)
        burst.talker.live += 1
        self._table = self._table.with_entry(burst.ssrc, Relay(burst, None))

    def refresh(self, burst: Burst) -> None:
        """Its listeners, an address or the key have changed: find them anew."""
        self._table = self._table.with_entry(burst.ssrc, Relay(burst, None))

    def stop(self, burst: Burst, now: float) -> None:
        """Relay this burst no more."""
        burst.talker.live -= 1
        self._table = self._table.without(burst.ssrc)
        self._ended[burst.ssrc] = _Ended(burst, now)

    def forget_ended(self, now: float) -> None:
        """Let go of bursts that ended long ago; call it once a second."""
        for ssrc, ended in list(self._ended.items()):
            if now <= ended.at + STRAY_SECONDS:
                break
            ended.burst.talker.uplink.remove_source(ssrc)
            del self._ended[ssrc]

    def relay(self, ssrc: int, datagram: bytes, address: Address, now: float) -> Notable | None:
        """Take one RTP datagram that claims to come from `ssrc`; None if all went as usual."""
        relay = self._table.get(ssrc)
        if relay is None:
            return self._take_stray(ssrc, datagram, now)
        burst = relay.burst
        packet = self._open(burst, datagram)
        if packet is None:
            return None
        burst.packets += 1
        if burst.packets > PACKET_BURST + PACKET_RATE * (now - burst.started):
            self._counters.dropped_excess += 1
            return None
        burst.note_media(now)
        self._send(packet, relay.listeners or self._find_listeners(burst))
        if burst.is_newest(packet) and address != burst.talker.link.address:
            return Moved(burst.talker)
        return None

    def _open(self, burst: Burst, datagram: bytes) -> bytes | None:
        """The talker's packet, None if it is not his or not one that we relay."""
        try:
            packet = burst.talker.uplink.unprotect_rtp(datagram)
        except AuthenticationError:
            self._counters.dropped_forged += 1
            return None
        if packet[0] == _PLAIN_HEADER and packet[1] & _PAYLOAD_TYPE in _PAYLOAD_TYPES:
            return packet
        self._counters.dropped_malformed += 1
        return None

    def _send(self, packet: bytes, listeners: Listeners) -> None:
        self._counters.voice_received += 1
        try:
            if listeners.voice is not None:
                self._send_together(listeners.voice.protect(packet), listeners.together)
            elif listeners.apart is not None:
                self._send_apart(packet, listeners.apart)
            else:
                self._counters.dropped_keyless += 1
        except MalformedPacketError:
            self._counters.dropped_malformed += 1

    def _send_together(self, datagram: bytes, to: AddressList) -> None:
        sent = self._bulk.send(datagram, to)
        self._counters.voice_sent += sent
        self._counters.voice_unsent += len(to) - sent

    def _send_apart(
        self, packet: bytes, listeners: tuple[tuple[VoiceSender, Address], ...]
    ) -> None:
        send = self._socket.send
        sent = sum([send(voice.protect(packet), address) for voice, address in listeners])
        self._counters.voice_sent += sent
        self._counters.voice_unsent += len(listeners) - sent

    def _find_listeners(self, burst: Burst) -> Listeners:
        listeners = burst.find_listeners()
        self._table = self._table.with_entry(burst.ssrc, Relay(burst, listeners))
        return listeners

    def _take_stray(self, ssrc: int, datagram: bytes, now: float) -> Notable | None:
        """Voice of a burst that ended is late at first, then without permission."""
        ended = self._ended.get(ssrc)
        if ended is None:
            self._counters.dropped_unknown += 1
            return None
        self._counters.dropped_stray += 1
        if now <= ended.at + LATE_SECONDS or self._open(ended.burst, datagram) is None:
            return None
        return Stray(ended.burst.talker, ended.burst.channel)
