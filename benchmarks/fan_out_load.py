"""The load of fan_out: the same packets at the same pace to every relay, counted the same way.

    Peer (a relay as a process, channels with a talker and listeners) --saturate, pace--> us/packet
                                                                      --last_delays-----> ms

Costs are CPU time of the relay's process between the moment at which the talker may speak and the
one at which nothing is under way any more, divided by the datagrams that listeners received. What
this process spends does not count; listeners sleep until it is their turn to be read, so that no
relay pays for waking them up.
"""

import ipaddress
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Protocol

# Specification
_SO_TIMESTAMPNS = 35  # <asm-generic/socket.h>
_TIMESPEC = struct.Struct("qq")

# Implementation
FRAME = 0.020  # s
WINDOW = 8  # packets under way at once when saturated
MOST_PACKETS = 480  # of one burst; the floor server relays none much faster than speech for longer
DELIVERED = 48_000  # datagrams, of one saturated burst
QUIET = 0.05  # s without a datagram: nothing is under way
PATIENCE = 2.0  # s for what is under way
READ_AFTER = 0.75  # of a frame: when listeners look whether the packet has come
MOST_LOST = 0.01  # of all datagrams; a relay that loses more is not measured
LARGE_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Channel:
    """A talker's socket and listeners' sockets, all connected to the relay.

    `talk` holds the floor and yields the datagrams of a burst, without end.
    """

    talker: socket.socket
    listeners: Sequence[socket.socket]
    talk: Callable[[], AbstractContextManager[Iterator[bytes]]]


class Peer(Protocol):
    """A relay under load."""

    @property
    def name(self) -> str:
        """What the table calls it."""
        ...

    @property
    def frames(self) -> int:
        """How many frames of 20 ms are in a packet."""
        ...

    @property
    def channels(self) -> Sequence[Channel]:
        """All of them, joined."""
        ...

    @property
    def process_id(self) -> int:
        """Whose CPU time and memory count."""
        ...

    def is_voice(self, datagram: bytearray) -> bool:
        """Whether this came from a talker (only so many octets are valid as were received)."""
        ...

    def rest(self) -> None:
        """Read what the relay says on other ways, so that it is never held up."""
        ...


def cpu_seconds(process_id: int) -> float:
    """CPU time of a process so far, of all its threads."""
    tasks = Path(f"/proc/{process_id}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_kilobytes(process_id: int) -> float:
    """Memory of a process that is in use."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0])


def open_udp(port: int) -> socket.socket:
    """A socket connected to a relay's port on loopback, with room for a burst."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, LARGE_BUFFER)
    udp.connect(("127.0.0.1", port))
    return udp


def check_destinations(peer: Peer) -> None:
    """Raises SystemExit if a socket of the load is connected to anything but loopback."""
    for channel in peer.channels:
        for udp in (channel.talker, *channel.listeners):
            host = udp.getpeername()[0]
            if not ipaddress.ip_address(host).is_loopback:
                raise SystemExit(f"This load may not leave the machine, but would go to {host}.")


def saturate(peer: Peer) -> float:
    """CPU us per delivered packet, as fast as the relay goes."""
    (channel,) = peer.channels
    amount = min(MOST_PACKETS, DELIVERED // len(channel.listeners))
    with channel.talk() as packets:
        datagrams = list(islice(packets, amount))
        _settle(peer)
        return _cost(peer, lambda: _pump(peer, channel, datagrams))


def pace(peer: Peer, seconds: float) -> float:
    """CPU us per delivered packet of speech; talkers in turn, so that packets come one by one."""
    between = FRAME * peer.frames
    turns = int(seconds / between) * len(peer.channels)
    with ExitStack() as stack:
        bursts = [stack.enter_context(channel.talk()) for channel in peer.channels]
        datagrams = [next(burst) for burst in islice(cycle(bursts), turns)]
        _settle(peer)
        gap = between / len(peer.channels)
        return _cost(peer, lambda: _send_in_turn(peer, datagrams, gap))


def last_delays(peer: Peer, packets: int) -> list[float]:
    """Milliseconds from each packet's sending until the kernel of its last listener has it."""
    (channel,) = peer.channels
    for listener in channel.listeners:
        listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    with channel.talk() as burst:
        datagrams = list(islice(burst, packets))
        _settle(peer)
        delays = [_last_delay(channel, datagram) for datagram in datagrams]
    for listener in channel.listeners:
        listener.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 0)
    return delays


def _cost(peer: Peer, load: Callable[[], tuple[int, int]]) -> float:
    before = cpu_seconds(peer.process_id)
    delivered, expected = load()
    spent = cpu_seconds(peer.process_id) - before
    if not expected * (1 - MOST_LOST) <= delivered <= expected:
        raise SystemExit(f"{peer.name} delivered {delivered} packets instead of {expected}.")
    return 1e6 * spent / delivered


def _pump(peer: Peer, channel: Channel, datagrams: list[bytes]) -> tuple[int, int]:
    """Keep WINDOW packets under way; return how many were delivered, and should have been."""
    each = len(channel.listeners)
    sent = delivered = 0
    until = time.monotonic() + PATIENCE
    while delivered < len(datagrams) * each and time.monotonic() < until:
        while sent < len(datagrams) and sent * each - delivered < WINDOW * each:
            channel.talker.send(datagrams[sent])
            sent += 1
        delivered += (got := _drain(peer, channel.listeners))
        if got:
            until = time.monotonic() + PATIENCE
    return delivered, sent * each


def _send_in_turn(peer: Peer, datagrams: list[bytes], gap: float) -> tuple[int, int]:
    """One packet every `gap` seconds; a channel is read before it is its turn again."""
    delivered = expected = 0
    start = time.monotonic()
    amount = len(peer.channels)
    for turn, datagram in enumerate(datagrams):
        time.sleep(max(0.0, start + turn * gap - time.monotonic()))
        channel = peer.channels[turn % amount]
        channel.talker.send(datagram)
        expected += len(channel.listeners)
        delivered += _drain(peer, peer.channels[(turn + 1) % amount].listeners)
    return delivered + _settle(peer), expected


def _settle(peer: Peer) -> int:
    """Read until nothing is under way any more; return how many packets of voice came."""
    received, until = 0, time.monotonic() + PATIENCE
    while time.monotonic() < until:
        time.sleep(QUIET)
        peer.rest()
        got = sum(_drain(peer, channel.listeners) for channel in peer.channels)
        if not got:
            break
        received += got
    return received


def _drain(peer: Peer, listeners: Sequence[socket.socket]) -> int:
    """Read what is there, without waiting; return how many packets of voice it was."""
    received = 0
    datagram = bytearray(2048)
    is_voice = peer.is_voice
    for listener in listeners:
        receive = listener.recv_into
        try:
            while receive(datagram, 0, socket.MSG_DONTWAIT):
                received += is_voice(datagram)
        except BlockingIOError:
            continue
    return received


def _last_delay(channel: Channel, datagram: bytes) -> float:
    """Send, sleep while the relay works, then look when each listener's packet came."""
    sent, begun = time.time(), time.monotonic()
    channel.talker.send(datagram)
    time.sleep(FRAME * READ_AFTER)
    latest = max(_arrival(listener) for listener in channel.listeners)
    time.sleep(max(0.0, begun + FRAME - time.monotonic()))
    return 1e3 * (latest - sent)


def _arrival(listener: socket.socket) -> float:
    listener.settimeout(PATIENCE)
    try:
        _, about, _, _ = listener.recvmsg(2048, 64)
    except TimeoutError:
        raise SystemExit("A listener waited in vain for a packet.") from None
    finally:
        listener.settimeout(None)
    seconds, nanoseconds = _TIMESPEC.unpack(about[0][2])
    return float(seconds + nanoseconds / 1e9)
