"""S4: what was recorded is worth nothing again: not now, not later, not after a restart."""

from contextlib import ExitStack

import pytest
import trio

from ptt.errors import AuthenticationError
from ptt.security.srtp import VoiceReceiver, VoiceSender, new_key
from ptt.wire import trunk
from ptt.wire.floor import FloorRequest
from ptt.wire.link import Probe
from ptt.wire.rtp import RtpPacket, encode_rtp
from tests.support.fake_client import FakeClient, FakeSwitchboard, floor_server

pytestmark = pytest.mark.slow

CHANNEL = 1
RECORDED = 1000  # packets
ROUND = 100  # datagrams that a socket's buffer holds for sure


async def two_members(board: FakeSwitchboard) -> tuple[FakeClient, FakeClient]:
    await board.add_channel(CHANNEL)
    return await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)


async def send_all(board: FakeSwitchboard, client: FakeClient, datagrams: list[bytes]) -> int:
    """As the client would, by its own socket; returns how many were relayed to the second."""
    relayed = 0
    for start in range(0, len(datagrams), ROUND):
        for datagram in datagrams[start : start + ROUND]:
            client.udp.send(datagram)
        await board.settle()
        relayed += len(heard_by(board.clients[1]))
    return relayed


def heard_by(client: FakeClient) -> list[RtpPacket]:
    return [each for each in client.drain() if isinstance(each, RtpPacket)]


async def record(board: FakeSwitchboard, anna: FakeClient) -> tuple[int, list[bytes]]:
    """A burst of hers, every datagram of it, and the request and a probe in front."""
    request = anna.seal(Probe(anna.ssrc, b"recorded"), FloorRequest(anna.ssrcs[CHANNEL]))
    burst = await anna.take_floor(CHANNEL)
    voice = [anna.seal_voice(burst) for _ in range(RECORDED - 1)]
    return burst, [request, *voice]


async def test_a_thousand_packets_replayed_in_the_same_burst_are_not_relayed() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        _, recorded = await record(board, anna)
        genuine = 0
        for start in range(0, RECORDED, ROUND):
            genuine += await send_all(board, anna, recorded[start : start + ROUND])
            await trio.sleep(0.5)  # no encoder is faster, so no faster voice is relayed

        replayed = await send_all(board, anna, 2 * recorded)

        counters = await board.counters()
        assert (genuine, replayed) == (RECORDED - 1, 0)
        assert counters["dropped_forged"] == 2 * RECORDED


async def test_a_former_burst_replayed_in_the_next_one_is_not_relayed() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        burst, recorded = await record(board, anna)
        await send_all(board, anna, recorded[: RECORDED // 2])  # the rest was held back
        anna.release(CHANNEL, burst)
        await board.until(trunk.TalkEnded)
        await anna.take_floor(CHANNEL)

        replayed = await send_all(board, anna, recorded)

        assert replayed == 0
        assert len(board.reported(trunk.TalkStarted)) == 2


async def test_a_session_replayed_after_a_reconnect_is_not_relayed() -> None:
    async with floor_server() as board:
        anna, bert = await two_members(board)
        _, recorded = await record(board, anna)
        await send_all(board, anna, recorded)
        await board.tell(trunk.RemoveClient(client=anna.number))
        again = await board.add_bound(CHANNEL)  # new keys and SSRCs, as for each connection
        await again.take_floor(CHANNEL)
        bert.drain()
        before = await board.counters()

        anna.drain()
        by_old_way = await send_all(board, anna, recorded)
        by_new_way = await send_all(board, again, recorded)
        after = await board.counters()

        assert (by_old_way, by_new_way) == (0, 0)
        assert after["control_received"] == before["control_received"]
        assert anna.drain() == []


async def test_a_session_replayed_after_a_restart_of_the_server_is_not_relayed() -> None:
    async with floor_server() as board:
        anna, _ = await two_members(board)
        _, recorded = await record(board, anna)
        await send_all(board, anna, recorded)
        with ExitStack() as stack:
            async with floor_server() as restarted:
                restarted.ssrc = board.ssrc  # as if it had gone on, with other numbers
                new, _ = await two_members(restarted)
                await new.take_floor(CHANNEL)
                stack.enter_context(new.move())

                replayed = await send_all(restarted, new, recorded)
                counters = await restarted.counters()

                assert replayed == 0
                assert counters["dropped_unknown"] == RECORDED


async def test_even_the_same_numbers_after_a_restart_do_not_make_a_replay_work() -> None:
    """New keys alone suffice: here SSRCs of clients and channel come again."""
    async with floor_server() as board:
        anna, _ = await two_members(board)
        burst, recorded = await record(board, anna)
    async with floor_server() as restarted:
        await restarted.add_channel(CHANNEL)
        restarted.ssrc = anna.ssrc - 1
        new = FakeClient(1, anna.ssrc, restarted.port)
        restarted.clients.append(new)
        await restarted.tell(
            trunk.AddClient(
                client=1, ssrc=new.ssrc, uplink_key=new.uplink_key, control_key=new.control_key
            )
        )
        await restarted.add_bound(CHANNEL)

        replayed = await send_all(restarted, new, recorded)
        counters = await restarted.counters()

        assert replayed == 0
        assert counters["dropped_forged"] == 1  # the request; no burst has that SSRC
        assert counters["dropped_unknown"] == RECORDED - 1
        assert burst not in {each.burst for each in restarted.reported(trunk.TalkStarted)}


def test_a_listener_does_not_open_a_recorded_burst_twice() -> None:
    key = new_key()
    sender, listener = VoiceSender(key, 7), VoiceReceiver(key, 7)
    recorded = [
        sender.protect(encode_rtp(RtpPacket(111, 100 + at, at, 0xB000_0001, bytes(60))))
        for at in range(RECORDED)
    ]
    opened = [listener.unprotect(datagram) for datagram in recorded]

    for datagram in recorded:
        with pytest.raises(AuthenticationError):
            listener.unprotect(datagram)

    assert len(opened) == RECORDED
