"""Floors and voice over real sockets: who gets what, and in which order."""

import pytest
import trio

from ptt.wire import trunk
from ptt.wire.floor import (
    FloorGranted,
    FloorIdle,
    FloorQueuePositionInfo,
    FloorTaken,
)
from ptt.wire.rtp import RtpPacket
from tests.support.fake_client import FakeClient, floor_server

CHANNEL = 1


def voice(client: FakeClient) -> list[bytes]:
    """The payloads that the client has heard."""
    client.drain()
    return [message.payload for message in client.heard if isinstance(message, RtpPacket)]


async def test_everybody_hears_the_talker_except_himself() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna, bert, carl = [await board.add_bound(CHANNEL) for _ in range(3)]

        burst = await anna.take_floor(CHANNEL)
        for word in (b"one", b"two"):
            anna.talk(burst, payload=word)
        await bert.until(RtpPacket)
        await bert.until(RtpPacket)
        await carl.until(RtpPacket)
        await carl.until(RtpPacket)

        assert voice(bert) == voice(carl) == [b"one", b"two"]
        assert voice(anna) == []


async def test_granted_leaves_first_then_taken_then_voice() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna, bert = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)

        burst = await anna.take_floor(CHANNEL)
        anna.talk(burst)
        packet = await bert.until(RtpPacket)

        [taken, first] = bert.heard
        assert isinstance(taken, FloorTaken)
        assert (taken.talker, taken.burst) == (f"ptt:{anna.number}", burst)
        assert first == packet
        assert packet.ssrc == burst
        assert burst >> 31 == 1


async def test_the_voice_of_a_short_press_is_not_cut_off_by_its_release() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna, bert = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
        burst = await anna.take_floor(CHANNEL)

        anna.talk(burst, packets=30)
        anna.release(CHANNEL, burst)
        await bert.until(FloorIdle)
        await board.settle()

        assert len(voice(bert)) == 30
        [ended] = board.reported(trunk.TalkEnded)
        assert isinstance(ended, trunk.TalkEnded)
        assert (ended.client, ended.burst, ended.reason) == (anna.number, burst, "released")
        assert ended.packets == 30


async def test_the_next_in_the_queue_gets_the_floor_at_the_release() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna, bert = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
        burst = await anna.take_floor(CHANNEL)

        bert.request(CHANNEL)
        position = await bert.until(FloorQueuePositionInfo)
        anna.release(CHANNEL, burst)
        granted = await bert.until(FloorGranted)
        await board.settle()

        assert position.position == 1
        assert granted.burst not in (None, burst)
        assert [type(each) for each in board.reports] == [
            trunk.TalkStarted,
            trunk.QueueChanged,
            trunk.TalkEnded,
            trunk.TalkStarted,
            trunk.QueueChanged,
        ]


async def test_a_silent_talker_loses_the_floor_after_t1(autojump_clock: trio.abc.Clock) -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna, _ = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
        burst = await anna.take_floor(CHANNEL)
        await trio.sleep(0.5)
        anna.talk(burst)
        start = trio.current_time()

        ended = await board.until(trunk.TalkEnded)

        assert (ended.reason, ended.packets) == ("silent", 1)
        assert trio.current_time() - start == pytest.approx(1.0)
        assert ended.seconds == pytest.approx(1.5)
