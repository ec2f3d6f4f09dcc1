"""A process with one talker and some listeners, to witness a channel's voice; run by join_storm.py.

stdin: one line of logins as JSON, the talker's first, then its end: stop.
stdout: `talking`, at the end one line of JSON: for each packet when it was sent (time.monotonic)
and after how many milliseconds each listener's system had it (the kernel's own time stamps, so
that it does not count when this process is woken up).
"""

import json
import select
import socket
import struct
import sys
import time
from collections.abc import Iterator
from itertools import count

from benchmarks.light_client import LightClient, client_context
from benchmarks.light_loop import LightLoop
from benchmarks.own_network import enter_loopback
from benchmarks.storm_clients import parse_logins
from ptt.wire.floor import FloorGranted, FloorRequest
from ptt.wire.rtp import RtpPacket, encode_rtp

# Specification
_SO_TIMESTAMPNS = 35  # <asm-generic/socket.h>
_TIMESPEC = struct.Struct("qq")

# Implementation
FRAME = 0.020  # s
TICK = 0.005  # s
PAYLOAD = bytes(60)  # octets, an Opus packet of 20 ms at 24 kbit/s
LARGE_BUFFER = 1 << 20
LAST_ONES = 0.5  # s for packets that are on their way
ASK_AGAIN = 0.25  # s


class Voice:
    """The burst: sends what is due, notes what arrives."""

    def __init__(self, talker: LightClient) -> None:
        self._talker = talker
        self._asked_at = 0.0
        self._packets: Iterator[bytes] | None = None
        self._due = 0.0
        self.sent: list[tuple[float, float]] = []  # monotonic, wall clock
        self.delays: list[list[float]] = []

    @property
    def runs(self) -> bool:
        """Whether the floor is granted."""
        return self._packets is not None

    def ask(self, now: float) -> None:
        """Ask for the floor, from time to time."""
        if now > self._asked_at + ASK_AGAIN:
            self._asked_at = now
            assert self._talker.joined is not None
            self._talker.send(FloorRequest(self._talker.joined.ssrc))

    def send_due(self, now: float) -> None:
        """Send a packet if it is time."""
        if self._packets is None or now < self._due or self._talker.udp is None:
            return
        datagram = next(self._packets)
        self._due = max(self._due + FRAME, now - FRAME)
        self.sent.append((time.monotonic(), time.time()))
        self.delays.append([])
        self._talker.udp.send(datagram)

    def take(self, client: LightClient) -> None:
        """Read what has come to a client that is in."""
        if client is not self._talker:
            _take_voice(client, self)
            return
        for message in client.take_datagrams():
            if isinstance(message, FloorGranted) and not self.runs and message.burst is not None:
                self._packets = self._make_packets(message.burst)
                self._due = time.monotonic()

    def _make_packets(self, burst: int) -> Iterator[bytes]:
        for number in count():
            packet = RtpPacket(111, number, number * 960, burst, PAYLOAD, marker=number == 0)
            yield self._talker.sender.protect_rtp(encode_rtp(packet))


def _take_voice(client: LightClient, voice: Voice) -> None:
    assert client.udp is not None
    while True:
        try:
            octets, about, _, _ = client.udp.recvmsg(2048, 64)
        except BlockingIOError:
            return
        if 192 <= octets[1] <= 223 or not about:
            continue
        seconds, nanoseconds = _TIMESPEC.unpack(about[0][2])
        number = octets[2] << 8 | octets[3]
        delay = seconds + nanoseconds * 1e-9 - voice.sent[number][1]
        voice.delays[number].append(round(delay * 1e3, 3))


def main() -> None:
    enter_loopback()
    tls = client_context()
    logins = parse_logins(sys.stdin.readline())
    loop = LightLoop([LightClient(each, tls, LARGE_BUFFER) for each in logins], reads_voice=True)
    loop.begin()
    loop.run(lambda _now: all(each.is_in and each.times.keyed for each in loop.clients))
    voice = _begin_burst(loop)
    print("talking", flush=True)

    def is_over(now: float) -> bool:
        voice.send_due(now)
        return bool(select.select([sys.stdin], [], [], 0)[0])

    loop.run(is_over, voice.take, TICK)
    end = time.monotonic() + LAST_ONES
    loop.run(lambda now: now > end, voice.take, TICK)
    times = [moment for moment, _ in voice.sent]
    print(json.dumps(list(zip(times, voice.delays, strict=True))), flush=True)


def _begin_burst(loop: LightLoop) -> Voice:
    for client in loop.clients:
        assert client.udp is not None
        client.udp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    voice = Voice(loop.clients[0])

    def is_granted(now: float) -> bool:
        voice.ask(now)
        return voice.runs

    loop.run(is_granted, voice.take, TICK)
    return voice


if __name__ == "__main__":
    main()
