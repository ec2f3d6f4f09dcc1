"""Attacks against a running floor server; real UDP, real SRTP."""

import socket
from contextlib import ExitStack
from random import Random

import pytest
import trio

from ptt.floor_server.media_plane import STRAY_SECONDS
from ptt.security.srtp import UplinkSender, new_key
from ptt.wire import trunk
from ptt.wire.control import encode_control
from ptt.wire.floor import FloorGranted, FloorRequest, FloorRevoke
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.rtp import RtpPacket, encode_rtp
from tests.support.fake_client import FakeClient, FakeSwitchboard, floor_server

CHANNEL = 1


def received(udp: socket.socket) -> list[bytes]:
    datagrams = []
    while True:
        try:
            datagrams.append(udp.recv(2048))
        except BlockingIOError:
            return datagrams


def mutated(datagram: bytes, rng: Random) -> bytes:
    """Rubbish of six kinds: noise, cut, longer, one bit, other SSRC, other version."""
    octets = bytearray(datagram)
    match rng.randrange(6):
        case 0:
            return rng.randbytes(rng.randrange(1, 1500))
        case 1:
            return bytes(octets[: rng.randrange(1, len(octets))])
        case 2:
            return bytes(octets) + rng.randbytes(rng.randrange(1, 200))
        case 3:
            octets[rng.randrange(len(octets))] ^= 1 << rng.randrange(8)
        case 4:
            octets[8:12] = rng.randbytes(4)
        case _:
            octets[0] = rng.randrange(256)
    return bytes(octets)


async def two_members(board: FakeSwitchboard) -> tuple[FakeClient, FakeClient]:
    await board.add_channel(CHANNEL)
    return await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)


async def heard_by(client: FakeClient, board: FakeSwitchboard) -> list[RtpPacket]:
    await board.settle()
    return [message for message in client.drain() if isinstance(message, RtpPacket)]


async def test_rubbish_gets_no_answer_and_disturbs_nobody() -> None:
    seed = Random().randrange(1 << 32)
    rng = Random(seed)
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        sample = anna.seal_voice(burst)
        anna.udp.send(sample)  # so that rubbish which happens to be the sample is a replay
        attacker = board.open_socket()

        for _ in range(20):
            for _ in range(50):
                attacker.send(mutated(sample, rng))
            anna.talk(burst)
            await board.settle()

        assert received(attacker) == []
        assert len(await heard_by(bert, board)) == 21, f"seed {seed}"


async def test_unknown_sources_are_dropped_before_any_crypto(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        for ssrc in range(0x9000_0000, 0x9000_0100):
            anna.talk(ssrc)  # a member, with a valid key, invents sources

        counters = await board.counters()

        assert counters["dropped_unknown"] == 256
        assert counters["dropped_forged"] == 0


async def test_packets_under_a_wrong_key_change_nothing(autojump_clock: trio.abc.Clock) -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        forger = UplinkSender(new_key())
        attacker = board.open_socket()

        for sequence in range(200):
            forged = RtpPacket(111, sequence, sequence * 960, burst, b"lies")
            attacker.send(forger.protect_rtp(encode_rtp(forged)))
            attacker.send(forger.protect_rtcp(encode_control(FloorRequest(anna.ssrcs[CHANNEL]))))
        await board.settle()
        anna.talk(burst, payload=b"truth")
        heard = await heard_by(bert, board)
        counters = await board.counters()

        assert [packet.payload for packet in heard] == [b"truth"]
        assert counters["dropped_forged"] == 400
        assert received(attacker) == []


async def test_a_member_cannot_speak_in_the_burst_of_another() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)

        bert.talk(burst, payload=b"lies")
        anna.talk(burst, payload=b"truth")
        await board.settle()

        assert [packet.payload for packet in await heard_by(bert, board)] == [b"truth"]
        assert await heard_by(anna, board) == []


async def test_a_member_cannot_ask_in_the_name_of_another(autojump_clock: trio.abc.Clock) -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)

        # The first packet is his own, so that the datagram opens; the second is not.
        bert.send(Probe(bert.ssrc, bytes(8)), FloorRequest(anna.ssrcs[CHANNEL]))
        counters = await board.counters()

        assert counters["dropped_foreign"] == 1
        assert board.reported(trunk.TalkStarted) == []


async def test_replayed_packets_are_not_relayed(autojump_clock: trio.abc.Clock) -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        recorded = [anna.seal_voice(burst) for _ in range(100)]

        for _ in range(3):
            for datagram in recorded:
                anna.udp.send(datagram)
            await board.settle()
        counters = await board.counters()

        assert len(await heard_by(bert, board)) == 100
        assert counters["dropped_forged"] == 200


async def test_a_replayed_request_does_not_take_the_floor_again() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        recorded = anna.seal(FloorRequest(anna.ssrcs[CHANNEL]))
        anna.udp.send(recorded)
        granted = await anna.until(FloorGranted)
        anna.release(CHANNEL, granted.burst)
        await board.until(trunk.TalkEnded)

        anna.udp.send(recorded)
        await board.settle()

        assert len(board.reported(trunk.TalkStarted)) == 1


async def test_voice_of_a_former_burst_is_not_relayed_in_the_next_one() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        former = await anna.take_floor(CHANNEL)
        recorded = anna.seal_voice(former)
        anna.release(CHANNEL, former)
        await board.until(trunk.TalkEnded)
        await anna.take_floor(CHANNEL)

        anna.udp.send(recorded)

        assert await heard_by(bert, board) == []


async def test_whoever_talks_on_after_the_end_is_told_to_stop(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        anna.release(CHANNEL, burst)
        await board.until(trunk.TalkEnded)
        anna.drain()

        anna.talk(burst)  # was on its way already: no reason to complain
        await board.settle()
        at_once = anna.drain()
        await trio.sleep(0.5)
        for _ in range(10):
            anna.talk(burst)
        await board.settle()
        later = anna.drain()

        assert at_once == []
        assert [type(message) for message in later] == [FloorRevoke]
        assert await heard_by(bert, board) == []


async def test_an_attacker_who_copies_and_is_first_does_not_get_the_stream() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        attacker = board.open_socket()
        burst = await anna.take_floor(CHANNEL)

        for number in range(30):
            probe = bert.seal(Probe(bert.ssrc, number.to_bytes(8, "big")))
            attacker.send(probe)  # the copy arrives first, from another address
            bert.udp.send(probe)
            voice = anna.seal_voice(burst)
            attacker.send(voice)
            anna.udp.send(voice)
            await board.settle()

        stolen = received(attacker)
        assert len(await heard_by(bert, board)) == 30
        assert 0 < len(stolen) <= 2 * 3  # challenges that he cannot answer: three for each victim
        assert all(len(datagram) <= len(probe) for datagram in stolen)


async def test_a_probe_that_was_held_back_moves_nothing() -> None:
    async with floor_server() as board:
        _, bert = await two_members(board)
        attacker = board.open_socket()
        held_back = bert.seal(Probe(bert.ssrc, b"first..."))
        bert.send(Probe(bert.ssrc, b"second.."))
        await bert.until(ProbeReply)

        attacker.send(held_back)
        await board.settle()

        assert received(attacker) == []


async def test_a_client_that_is_told_twice_keeps_its_replay_window() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        recorded = anna.seal(Probe(anna.ssrc, b"recorded"))
        anna.udp.send(recorded)
        await anna.until(ProbeReply)

        await board.tell(
            trunk.AddClient(
                client=anna.number,
                ssrc=anna.ssrc,
                uplink_key=anna.uplink_key,
                control_key=anna.control_key,
            )
        )
        anna.udp.send(recorded)
        await board.settle()

        assert received(anna.udp) == []


async def test_a_burst_that_ended_long_ago_means_nothing_any_more(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        anna.release(CHANNEL, burst)
        await trio.sleep(STRAY_SECONDS + 1.5)
        anna.drain()

        anna.talk(burst)
        counters = await board.counters()

        assert (counters["dropped_unknown"], counters["dropped_stray"]) == (1, 0)
        assert not any(isinstance(message, FloorRevoke) for message in anna.drain())


async def test_a_client_that_moves_is_followed_after_a_challenge() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        with ExitStack() as stack:
            former = stack.enter_context(bert.move())

            bert.send(Probe(bert.ssrc, b"moved..."))
            challenge = await bert.until(Challenge)
            anna.talk(burst, payload=b"before")
            await board.settle()
            before = received(former)
            bert.send(ChallengeReply(bert.ssrc, challenge.token))
            proved = await bert.until(ProbeReply)
            anna.talk(burst, payload=b"after")
            await bert.until(RtpPacket)

            assert proved.token == b"moved..."
            assert len(before) == 2  # Taken and the voice of the time before the proof
            assert received(former) == []


async def test_a_talker_who_moves_goes_on_talking_while_he_proves_it() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        burst = await anna.take_floor(CHANNEL)
        anna.talk(burst, packets=3)
        await board.settle()
        with ExitStack() as stack:
            stack.enter_context(anna.move())

            anna.talk(burst, packets=3)
            await anna.until(Challenge)

            assert len(await heard_by(bert, board)) == 6


async def test_a_flood_of_requests_is_not_heard_and_another_gets_the_floor(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        for _ in range(500):
            anna.send(FloorRequest(anna.ssrcs[CHANNEL]))
        granted = await anna.until(FloorGranted)
        anna.release(CHANNEL, granted.burst)
        await board.until(trunk.TalkEnded)

        await bert.take_floor(CHANNEL)
        counters = await board.counters()

        assert counters["turned_away"] >= 480


async def test_who_is_not_bound_is_not_sent_anything() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        stranger = await board.add_client(CHANNEL)
        burst = await anna.take_floor(CHANNEL)

        anna.talk(burst, packets=10)
        await board.settle()

        assert received(stranger.udp) == []


@pytest.mark.parametrize("octets", [0, 1, 11, 27, 1401, 2000])
async def test_datagrams_of_impossible_length_are_dropped(octets: int) -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)

        anna.udp.send(b"\x80" + bytes(max(0, octets - 1)) if octets else b"")
        anna.send(Probe(anna.ssrc, b"alive..."))

        assert (await anna.until(ProbeReply)).token == b"alive..."
