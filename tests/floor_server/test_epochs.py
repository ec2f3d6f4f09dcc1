"""Keys of a channel's voice change while somebody talks, and nobody misses a word."""

import pytest

from ptt.security.srtp import mki, new_key
from ptt.wire import trunk
from ptt.wire.floor import FloorIdle, FloorTaken
from ptt.wire.rtp import RtpPacket
from tests.support.fake_client import FakeSwitchboard, floor_server

CHANNEL = 1


async def test_an_epoch_changes_under_load_without_an_undecodable_packet() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna = await board.add_bound(CHANNEL)
        listeners = [await board.add_bound(CHANNEL) for _ in range(3)]
        burst = await anna.take_floor(CHANNEL)

        for epoch in range(1001, 1021):
            anna.talk(burst, packets=5)
            await board.add_epoch(CHANNEL, epoch)
            anna.talk(burst, packets=5)
            await board.tell(trunk.UseEpoch(channel=CHANNEL, epoch=epoch))
            await board.settle()

        for listener in listeners:
            listener.drain()
            voice = [each for each in listener.heard if isinstance(each, RtpPacket)]
            sequences = [packet.sequence for packet in voice]
            assert listener.undecodable == 0
            assert sequences == list(range(101, 301))  # runs on over all changes
            assert {packet.ssrc for packet in voice} == {burst}


async def epochs_on_the_wire(board: FakeSwitchboard, *, use: bool) -> list[int]:
    """What datagrams name: before, after AddEpoch, after UseEpoch, in the next burst."""
    await board.add_channel(CHANNEL)
    anna, bert = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
    seen = []

    async def talk(burst: int) -> None:
        anna.talk(burst)
        await board.settle()
        seen.append(mki(bert.udp.recv(2048)))

    burst = await anna.take_floor(CHANNEL)
    await bert.until(FloorTaken)
    await talk(burst)
    await board.add_epoch(CHANNEL, 1001)
    await talk(burst)
    if use:
        await board.tell(trunk.UseEpoch(channel=CHANNEL, epoch=1001))
    await talk(burst)
    anna.release(CHANNEL, burst)
    await bert.until(FloorIdle)
    burst = await anna.take_floor(CHANNEL)
    await bert.until(FloorTaken)
    await talk(burst)
    return seen


@pytest.mark.parametrize(
    ("use", "seen"), [(True, [1000, 1000, 1001, 1001]), (False, [1000, 1000, 1000, 1001])]
)
async def test_a_new_key_is_used_when_told_to_or_from_the_next_burst(
    use: bool, seen: list[int]
) -> None:
    async with floor_server() as board:
        assert await epochs_on_the_wire(board, use=use) == seen


async def test_in_a_strict_channel_no_listener_can_open_what_another_gets() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL, strict=True)
        anna, bert, carl = [await board.add_bound(CHANNEL) for _ in range(3)]
        burst = await anna.take_floor(CHANNEL)
        await bert.until(FloorTaken)
        await carl.until(FloorTaken)

        anna.talk(burst, payload=b"secret")
        await board.settle()
        for_bert, for_carl = bert.udp.recv(2048), carl.udp.recv(2048)
        bert.take(for_bert)
        carl.take(for_carl)

        assert for_bert != for_carl
        for listener in (bert, carl):
            heard = listener.heard[-1]
            assert isinstance(heard, RtpPacket)
            assert heard.payload == b"secret"
        carl.take(for_bert)
        assert carl.undecodable == 1


async def test_a_channel_without_a_key_relays_nothing_and_says_nothing_in_clear() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        await board.tell(
            trunk.SetChannel(
                channel=2, ssrc=0xABC, talk_limit=60, queue_size=16, profile="gcm", strict=False
            )
        )
        anna, bert = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
        for client in (anna, bert):
            client.ssrcs[2] = 0x70000 + client.number
            client.expect_from(0xABC)
            await board.tell(
                trunk.SetMember(
                    channel=2, client=client.number, ssrc=client.ssrcs[2], priority=0, may_talk=True
                )
            )
            client.drain()
        burst = await anna.take_floor(2)
        await bert.until(FloorTaken)

        anna.talk(burst)
        await board.settle()

        assert bert.drain() == []
        assert bert.undecodable == 0


async def test_a_newcomer_with_the_new_key_only_hears_from_the_change_on() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        anna, _ = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
        burst = await anna.take_floor(CHANNEL)
        carl = await board.add_client()
        await carl.bind()
        key = new_key()
        carl.ssrcs[CHANNEL] = 0x70001
        carl.add_key(1001, key)
        await board.tell(
            trunk.SetMember(
                channel=CHANNEL, client=carl.number, ssrc=0x70001, priority=0, may_talk=True
            ),
            trunk.AddEpoch(channel=CHANNEL, epoch=1001, key=key),
        )

        anna.talk(burst, payload=b"before")
        await board.settle()
        await board.tell(trunk.UseEpoch(channel=CHANNEL, epoch=1001))
        anna.talk(burst, payload=b"after")
        packet = await carl.until(RtpPacket)

        assert packet.payload == b"after"
