"""A process with light clients that talk, come and go for as long as it takes; run by soak_run.py.

stdin: one line of logins as JSON, then any line: talk, then any line: stop.
stdout: `ready` when all are in, at the end one line of JSON: what was counted.

In each channel a burst begins every six seconds: somebody asks, sometimes two at once, sometimes
one talks until the talk limit ends it, sometimes one vanishes in the middle. All the time
connections are cut and made anew, and somebody leaves and joins again. The first two minutes bring
as many connections as days: a process's memory needs hundreds until its holes suffice.
"""

import json
import os
import select
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from benchmarks.channel_witness import ChannelWitness
from benchmarks.light_client import LightClient, Login, client_context
from benchmarks.light_loop import LightLoop
from benchmarks.own_network import enter_loopback
from benchmarks.storm_clients import POLITENESS, parse_logins
from ptt.errors import AuthenticationError
from ptt.security.epochs import MAX_KEYS
from ptt.security.srtp import VoiceReceiver, mki
from ptt.wire.control import ControlMessage
from ptt.wire.floor import (
    FloorDeny,
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorRelease,
    FloorRequest,
    FloorRevoke,
    FloorTaken,
)
from ptt.wire.link import Probe
from ptt.wire.rtp import RtpPacket, encode_rtp
from ptt.wire.signalling import ChannelKey, Join, Joined, Leave, ServerMessage

# Implementation
BURST_EVERY = 6.0  # s in each channel, ten times what people do
BURST = 3.0  # s
BOTH_ASK, TO_THE_LIMIT, VANISHES = 0.1, 0.01, 0.02  # share of bursts
NEVER_ENDS = 30.0  # s, longer than the talk limit
RECONNECT_EVERY, REJOIN_EVERY = 2.0, 3.0  # s
WARM_UP, WARM_UP_EVERY = 120.0, 0.1  # s; a day's coming and going, until memory has its holes
AWAY = 1.5  # s
LONGEST_WAIT = 60.0  # s in the queue
KEEPALIVE = 15.0  # s
ASK_AGAIN = 0.15  # s
FRAME = 0.020  # s
REST = 0.004  # s; what comes meanwhile is taken in one go
NEW = 4.0  # s in the channel until the key of what is said there must be known
TICK = 0.001  # s
LOOK = 0.1  # s
OPENED = 10  # every so many packets are decrypted
PAYLOAD = bytes(60)  # octets, an Opus packet of 20 ms at 24 kbit/s
BUFFER = 1 << 18
LAST_ONES = 5.0  # s until the bursts that run are over

_REQUEST = FloorIndicator.NORMAL_CALL | FloorIndicator.QUEUEING_SUPPORTED


@dataclass(eq=False)
class SoakClient(LightClient):
    """A client that also talks, listens, leaves and joins."""

    witness: ChannelWitness = field(default_factory=ChannelWitness)
    counts: Counter[str] = field(default_factory=Counter)
    burst: int | None = None
    asked_until: float = 0.0
    seconds: float = BURST
    vanishes: bool = False
    back_at: float | None = None  # when to join the channel again
    _keys: dict[int, VoiceReceiver] = field(default_factory=dict)
    _number: int = 0
    _due: float = 0.0
    _ends_at: float = 0.0
    _probe_at: float = 0.0
    _asked_at: float = 0.0
    _came_at: float = 0.0

    @property
    def is_there(self) -> bool:
        """Whether it is in the channel."""
        return self.is_in and self.joined is not None and self.udp is not None

    def may_ask(self, now: float) -> bool:
        """Whether it can ask for the floor."""
        return self.is_there and self.burst is None and now >= self.asked_until

    def ask(self, now: float, seconds: float, *, vanishes: bool) -> None:
        """Ask for the floor, to talk for so long."""
        assert self.joined is not None
        self.asked_until, self.seconds, self.vanishes = now + LONGEST_WAIT, seconds, vanishes
        self.send(FloorRequest(self.joined.ssrc, indicator=_REQUEST))

    def cut(self) -> None:
        """Lose the connection; the loop makes another one."""
        self.counts["connections cut"] += 1
        self._stop_talking(time.monotonic(), whole=False)
        self.witness.leave(self.login.number)
        self.joined = None
        if self.tcp is not None:
            self.tcp.shutdown(socket.SHUT_RDWR)

    def step_out(self, now: float) -> None:
        """Leave the channel for a moment."""
        self.counts["left and joined"] += 1
        self._stop_talking(now, whole=False)
        self.witness.leave(self.login.number)
        self.back_at, self.joined = now + AWAY, None
        self.say(Leave(channel=self.login.channel))

    def go_on(self, now: float) -> None:
        """Send what is due; call it a few hundred times a second."""
        if self.back_at is not None and now >= self.back_at and self.tcp is not None:
            self.back_at = None
            self.say(Join(channel=self.login.channel))
        if self.burst is not None:
            self._talk(self.burst, now)
        if self.is_there and now >= self._probe_at and self.media is not None:
            self._probe_at = now + KEEPALIVE
            self.send(Probe(self.media.ssrc, os.urandom(8)))

    def take(self, now: float) -> None:
        """Take all that has come by UDP."""
        assert self.udp is not None
        while True:
            try:
                octets = self.udp.recv(2048)
            except BlockingIOError:
                return
            if 192 <= octets[1] <= 223:
                for message in self._take_datagram(octets):
                    self._react(message, now)
            elif self.is_there:
                self._hear(octets, now)

    def _begin(self) -> None:
        self._stop_talking(time.monotonic(), whole=False)
        self.witness.leave(self.login.number)
        self.times.joined, self.back_at = None, None
        self._keys.clear()
        super()._begin()

    def _handle(self, message: ServerMessage) -> None:
        super()._handle(message)
        match message:
            case ChannelKey(epoch=epoch, key=key):
                self._keys.setdefault(epoch, VoiceReceiver(key, epoch))
                if len(self._keys) > MAX_KEYS:
                    del self._keys[next(iter(self._keys))]
            case Joined():
                self._came_at = time.monotonic()
            case _:
                pass

    # talking

    def _talk(self, burst: int, now: float) -> None:
        while self._due <= now and self.burst is not None:
            if now >= self._ends_at:
                self._end_burst(burst, now)
                return
            self._due += FRAME
            self._number += 1
            packet = RtpPacket(
                111, self._number, self._number * 960, burst, PAYLOAD, marker=self._number == 1
            )
            self.witness.send(burst)
            assert self.udp is not None
            self.udp.send(self.sender.protect_rtp(encode_rtp(packet)))

    def _end_burst(self, burst: int, now: float) -> None:
        if self.vanishes:
            self.cut()
            return
        assert self.joined is not None
        self._stop_talking(now, whole=True)
        self.send(FloorRelease(self.joined.ssrc, burst))

    def _stop_talking(self, now: float, *, whole: bool) -> None:
        self.asked_until = 0.0
        if self.burst is not None:
            burst, self.burst = self.burst, None
            self.witness.give_back(self.login.number, burst, now, whole=whole)

    # listening

    def _react(self, message: ControlMessage, now: float) -> None:
        if self.joined is None:
            return
        match message:
            case FloorGranted(burst=int(burst)):
                self._take_floor(burst, now)
            case FloorTaken(burst=burst):
                if self.burst is not None:
                    self._stop_talking(now, whole=False)
                self.witness.learn(self.login.number, burst)
            case FloorIdle() if self.burst is None:
                self.witness.learn(self.login.number, None)
            case FloorDeny():
                self.counts["denied"] += 1
                self.asked_until = 0.0
            case FloorRevoke():
                self.counts["revoked"] += 1
                self._stop_talking(now, whole=False)
                self.send(FloorRelease(self.joined.ssrc))
            case _:
                pass

    def _take_floor(self, burst: int, now: float) -> None:
        assert self.joined is not None
        if self.burst == burst:
            return
        if not self.asked_until:
            self.send(FloorRelease(self.joined.ssrc, burst))
            return
        self.asked_until, self.burst, self._number = 0.0, burst, 0
        self._due, self._ends_at = now, now + self.seconds
        self.witness.grant(self.login.number, burst)

    def _hear(self, octets: bytes, now: float) -> None:
        burst = int.from_bytes(octets[8:12], "big")
        if not self.witness.hear(self.login.number, burst, now) and self.joined is not None:
            self.counts["packets before Floor Taken"] += 1
            if now >= self._asked_at + ASK_AGAIN:
                self._asked_at = now
                self.send(FloorRelease(self.joined.ssrc))
        if octets[3] % OPENED == 0 and now >= self._came_at + NEW:
            self._open(octets)

    def _open(self, octets: bytes) -> None:
        self.counts["packets opened"] += 1
        key = self._keys.get(mki(octets))
        try:
            if key is None:
                raise AuthenticationError("an epoch that is not known")
            key.unprotect(octets)
        except AuthenticationError:
            self.counts["packets not opened"] += 1


class Script:
    """What happens when, by chance."""

    def __init__(self, clients: list[SoakClient], rng: Random) -> None:
        self._rng = rng
        self._clients = clients
        self._channels: dict[int, list[SoakClient]] = {}
        for client in clients:
            self._channels.setdefault(client.login.channel, []).append(client)
        now = time.monotonic()
        self._next = {number: now + rng.uniform(0.0, BURST_EVERY) for number in self._channels}
        self._cut_at = self._rejoin_at = now
        self._warm_at = now + WARM_UP
        self._look_at = now
        self.talks = True

    def go_on(self, now: float) -> None:
        """Let everybody do what is due."""
        for client in self._clients:
            client.go_on(now)
        if self.talks:
            self._begin_bursts(now)
            self._disturb(now)
        if now >= self._look_at:
            self._look_at = now + LOOK
            for members in self._channels.values():
                members[0].witness.look(now)

    def _begin_bursts(self, now: float) -> None:
        for number, members in self._channels.items():
            if now < self._next[number]:
                continue
            self._next[number] += BURST_EVERY
            there = [each for each in members if each.may_ask(now)]
            for client in self._rng.sample(there, min(len(there), self._how_many())):
                limit = self._rng.random() < TO_THE_LIMIT
                vanishes = not limit and self._rng.random() < VANISHES
                client.ask(now, NEVER_ENDS if limit else BURST, vanishes=vanishes)

    def _how_many(self) -> int:
        return 2 if self._rng.random() < BOTH_ASK else 1

    def _disturb(self, now: float) -> None:
        if now >= self._cut_at:
            self._cut_at = now + (RECONNECT_EVERY if now >= self._warm_at else WARM_UP_EVERY)
            self._listening_one().cut()
        if now >= self._rejoin_at:
            self._rejoin_at = now + REJOIN_EVERY
            self._listening_one().step_out(now)

    def _listening_one(self) -> SoakClient:
        """Somebody who is in and does not talk; who vanishes while he talks is chosen otherwise."""
        listening = [each for each in self._clients if each.is_there and each.burst is None]
        return self._rng.choice(listening)


def main() -> None:
    enter_loopback()
    os.nice(POLITENESS)
    clients = _make_clients(parse_logins(sys.stdin.readline()))
    loop = LightLoop(clients, reads_voice=True)
    loop.begin()
    loop.run(lambda _now: all(client.is_in and client.times.keyed for client in clients))
    print("ready", flush=True)
    sys.stdin.readline()
    script = Script(clients, Random(1))
    _run(loop, script, lambda _now: bool(select.select([sys.stdin], [], [], 0)[0]))
    script.talks = False
    end = time.monotonic() + LAST_ONES
    _run(loop, script, lambda now: now > end)
    print(json.dumps(_results(clients)), flush=True)


def _make_clients(logins: list[Login]) -> list[SoakClient]:
    tls = client_context()
    witnesses = {login.channel: ChannelWitness() for login in logins}
    counts: Counter[str] = Counter()
    return [
        SoakClient(login, tls, BUFFER, witness=witnesses[login.channel], counts=counts)
        for login in logins
    ]


def _run(loop: LightLoop, script: Script, is_over: Callable[[float], bool]) -> None:
    def until(now: float) -> bool:
        script.go_on(now)
        time.sleep(REST)
        return is_over(now)

    loop.run(until, _take, TICK)


def _take(client: LightClient) -> None:
    assert isinstance(client, SoakClient)
    client.take(time.monotonic())


def _results(clients: list[SoakClient]) -> dict[str, float]:
    witnesses = {client.login.channel: client.witness for client in clients}.values()
    broken = sum((each.broken for each in witnesses), Counter[str]())
    sums = {
        "bursts": sum(each.bursts for each in witnesses),
        "packets expected": sum(each.expected for each in witnesses),
        "packets lost": sum(each.lost for each in witnesses),
    }
    return {**clients[0].counts, **sums, **{f"broken: {k}": n for k, n in broken.items()}}


if __name__ == "__main__":
    main()
