"""Floods of forged, foreign and spoofed datagrams: what they change, and what they get back.

Real UDP and SRTP against a floor server in this process, by loopback.
"""

import socket
import time
from pathlib import Path
from random import Random

import pytest
import trio

from ptt.floor.timers import T1_END_OF_MEDIA
from ptt.floor_server.clients import Clients
from ptt.floor_server.links import MAX_CHALLENGES
from ptt.security.srtp import UplinkReceiver, UplinkSender, new_key
from ptt.wire import trunk
from ptt.wire.control import encode_control
from ptt.wire.floor import FloorGranted, FloorQueuePositionInfo, FloorRequest
from ptt.wire.link import Probe
from ptt.wire.rtp import RtpPacket, encode_rtp
from tests.support.fake_client import FakeClient, FakeSwitchboard, floor_server

pytestmark = pytest.mark.slow

CHANNEL = 1
FORGED = 100_000
FOREIGN = 20_000
SPOOFED = 20_000
ROUND = 100  # datagrams that a socket's buffer holds for sure
GROWTH = 1 << 20  # octets
ASKED_A_SECOND = 1000
ANSWERED_WITHIN = 0.050  # s
TRIES = 20
EVERY = 0.3  # s; what one member may send in a second, Bert keeps to


async def two_members(board: FakeSwitchboard) -> tuple[FakeClient, FakeClient]:
    await board.add_channel(CHANNEL)
    return await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)


async def flood(board: FakeSwitchboard, udp: socket.socket, datagrams: list[bytes]) -> int:
    """Send all of them, no faster than they are taken; returns their octets."""
    for start in range(0, len(datagrams), ROUND):
        for datagram in datagrams[start : start + ROUND]:
            udp.send(datagram)
        await board.settle()
    return sum(map(len, datagrams))


def octets_back(udp: socket.socket) -> int:
    octets = 0
    while True:
        try:
            octets += len(udp.recv(2048))
        except BlockingIOError:
            return octets


def voice_heard_by(client: FakeClient) -> int:
    return sum(isinstance(each, RtpPacket) for each in client.drain())


def resident_octets() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Clients]:
    """Whom each floor server that is started knows."""
    known: list[Clients] = []
    make = Clients.__init__

    def note(made: Clients, *arguments: object) -> None:
        make(made, *arguments)  # type: ignore[arg-type]
        known.append(made)

    monkeypatch.setattr(Clients, "__init__", note)
    return known


async def test_a_hundred_thousand_forgeries_with_a_live_ssrc_change_nothing(
    clients: list[Clients],
) -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        counters = await board.counters()
        burst = await anna.take_floor(CHANNEL)
        anna.talk(burst, packets=3)
        held_back = anna.seal_voice(burst)  # still to come when the flood is over
        [victim] = [one for one in clients[0] if one.number == anna.number]
        address, newest = victim.link.address, dict(victim.link._newest)
        forger, attacker = UplinkSender(new_key()), board.open_socket()
        voice = [
            forger.protect_rtp(encode_rtp(RtpPacket(111, at % 32768, at, burst, bytes(60))))
            for at in range(ROUND, ROUND + 300)
        ]
        request = forger.protect_rtcp(encode_control(FloorRequest(anna.ssrcs[CHANNEL])))
        forged = [*voice, *(ROUND * [request])]

        heard = 0
        for _ in range(0, FORGED, len(forged)):
            await flood(board, attacker, forged)
            anna.talk(burst)
            heard += voice_heard_by(bert)
        anna.udp.send(held_back)
        await board.settle()
        state = (victim.link.address, victim.link._newest, victim.live)
        heard += voice_heard_by(bert)
        after = await board.counters()

        assert after["dropped_forged"] - counters["dropped_forged"] == FORGED
        assert state == (address, newest, 1)
        assert heard == 3 + FORGED // len(forged) + 1
        assert after["rebinds"] == counters["rebinds"]
        assert after["challenges"] == counters["challenges"]
        assert octets_back(attacker) == 0


async def test_forged_voice_does_not_keep_the_floor_for_a_talker_who_is_gone() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        anna.talk(burst)
        forger, attacker = UplinkSender(new_key()), board.open_socket()
        began = trio.current_time()

        while not board.reported(trunk.TalkEnded):
            assert trio.current_time() < began + 2 * T1_END_OF_MEDIA
            forged = RtpPacket(111, anna.sequence + 1, 960, burst, bytes(60))
            attacker.send(forger.protect_rtp(encode_rtp(forged)))
            forger = UplinkSender(new_key())
            await trio.sleep(0.02)

        assert board.reported(trunk.TalkEnded)[0].burst == burst


async def test_twenty_thousand_invented_sources_of_a_member_reach_no_crypto(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opened: list[int] = []
    async with floor_server() as board:
        anna, _ = await two_members(board)
        invented = [
            UplinkSender(anna.uplink_key).protect_rtp(
                encode_rtp(RtpPacket(111, 1, 960, 0xA000_0000 + at, bytes(60)))
            )
            for at in range(FOREIGN)
        ]
        await flood(board, anna.udp, invented[:2000])
        for name in ("unprotect_rtp", "unprotect_rtcp", "add_source"):
            monkeypatch.setattr(UplinkReceiver, name, lambda *_: opened.append(1))
        before, resident = await board.counters(), resident_octets()

        await flood(board, anna.udp, invented[2000:])
        after = await board.counters()

        assert after["dropped_unknown"] - before["dropped_unknown"] == FOREIGN - 2000
        assert opened == []
        assert resident_octets() - resident < GROWTH


async def test_a_spoofed_source_that_proves_nothing_gets_nothing_back() -> None:
    seed = Random().randrange(1 << 32)
    rng = Random(seed)
    async with floor_server() as board:
        anna, _ = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        victims = [board.open_socket() for _ in range(20)]
        kinds = [
            b"\x80\x6f" + rng.randbytes(70),
            b"\x80\xcc\x00\x04" + rng.randbytes(40),
            b"\x80\xcc\x00\x04" + anna.ssrc.to_bytes(4, "big") + rng.randbytes(40),
            b"\x80\x6f\x00\x01\x00\x00\x00\x00" + burst.to_bytes(4, "big") + rng.randbytes(60),
        ]

        spent = [
            await flood(board, victim, SPOOFED // len(victims) // len(kinds) * kinds)
            for victim in victims
        ]

        assert sum(spent) > 1_000_000
        assert sum(map(octets_back, victims)) == 0, f"seed {seed}"


async def test_a_spoofed_source_of_copied_packets_gets_back_less_than_was_sent() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        spent, back = 0, 0

        for number in range(200):
            victim = board.open_socket()
            copies = [bert.seal(Probe(bert.ssrc, number.to_bytes(8, "big"))) for _ in range(5)]
            copies += [anna.seal_voice(burst) for _ in range(5)]
            spent += await flood(board, victim, copies)
            answer = octets_back(victim)
            back += answer
            assert answer <= 2 * MAX_CHALLENGES * len(copies[0])
        counters = await board.counters()

        assert 0 < back <= 0.2 * spent
        assert counters["rebinds"] == 2  # when they came


async def test_each_answer_to_a_new_address_is_no_longer_than_what_it_answers() -> None:
    async with floor_server() as board:
        _, bert = await two_members(board)
        for number in range(100):
            probe, victim = (
                bert.seal(Probe(bert.ssrc, number.to_bytes(8, "big"))),
                board.open_socket(),
            )

            spent = await flood(board, victim, [probe])

            assert 0 < octets_back(victim) <= spent


async def test_a_flood_of_requests_does_not_delay_another() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        waits = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask_forever, anna)
            for _ in range(TRIES):
                await trio.sleep(EVERY)
                bert.drain()
                began = time.perf_counter()
                await until_answered(bert)
                waits.append(time.perf_counter() - began)
            nursery.cancel_scope.cancel()
        counters = await board.counters()

        assert sorted(waits)[-2] < ANSWERED_WITHIN  # one may meet a busy machine
        assert counters["turned_away"] > 0.8 * EVERY * TRIES * ASKED_A_SECOND


async def ask_forever(client: FakeClient) -> None:
    start = trio.current_time()
    sent = 0
    while True:
        while sent < (trio.current_time() - start) * ASKED_A_SECOND:
            client.send(FloorRequest(client.ssrcs[CHANNEL]))
            sent += 1
        client.drain()
        client.heard.clear()
        await trio.sleep(0.005)


async def until_answered(client: FakeClient) -> None:
    """Ask for the floor until there is an answer, and give back what was got."""
    client.request(CHANNEL)
    while True:
        match await client.listen():
            case FloorGranted(burst=burst):
                client.release(CHANNEL, burst)
                return
            case FloorQueuePositionInfo():
                client.release(CHANNEL, None)
                return
            case _:
                pass
