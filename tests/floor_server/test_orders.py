"""What the switchboard orders happens at once, and every start of a burst gets its end."""

import pytest
import trio

from ptt.wire import trunk
from ptt.wire.floor import FloorDeny, FloorIdle, FloorQueuePositionInfo, FloorRevoke, FloorTaken
from ptt.wire.rtcp import ReceiverReport, ReportBlock
from ptt.wire.rtp import RtpPacket
from tests.support.fake_client import FakeClient, FakeSwitchboard, floor_server

CHANNEL = 1


async def talking(board: FakeSwitchboard) -> tuple[FakeClient, FakeClient, int]:
    """Anna talks, Bert listens."""
    await board.add_channel(CHANNEL)
    anna, bert = await board.add_bound(CHANNEL), await board.add_bound(CHANNEL)
    burst = await anna.take_floor(CHANNEL)
    await bert.until(FloorTaken)
    await board.settle()
    return anna, bert, burst


async def test_a_client_that_is_gone_holds_no_floor_and_is_heard_no_more() -> None:
    async with floor_server() as board:
        anna, bert, burst = await talking(board)

        await board.tell(trunk.RemoveClient(client=anna.number))
        anna.talk(burst)
        anna.request(CHANNEL)
        await board.settle()

        [ended] = board.reported(trunk.TalkEnded)
        assert (ended.client, ended.burst, ended.reason) == (anna.number, burst, "left")
        assert [type(message) for message in bert.drain()] == [FloorIdle]
        assert len(board.reported(trunk.TalkStarted)) == 1


async def test_whoever_left_the_channel_hears_nothing_of_the_burst_that_runs() -> None:
    async with floor_server() as board:
        anna, bert, burst = await talking(board)
        carl = await board.add_bound(CHANNEL)
        anna.talk(burst)
        await board.settle()
        bert.drain()

        await board.tell(trunk.RemoveMember(channel=CHANNEL, client=bert.number))
        anna.talk(burst)
        await board.settle()

        assert bert.drain() == []
        assert len([each for each in carl.drain() if isinstance(each, RtpPacket)]) == 2


async def test_a_late_joiner_is_told_who_talks_and_hears_it() -> None:
    async with floor_server() as board:
        anna, _, burst = await talking(board)
        carl = await board.add_client()
        await carl.bind()

        await board.join(carl, CHANNEL)
        taken = await carl.until(FloorTaken)
        anna.talk(burst)
        packet = await carl.until(RtpPacket)

        assert taken.burst == packet.ssrc == burst


async def test_whoever_may_not_talk_is_told_so() -> None:
    async with floor_server() as board:
        await board.add_channel(CHANNEL)
        await board.add_bound(CHANNEL)
        carl = await board.add_client(CHANNEL, may_talk=False)
        await carl.bind()

        carl.request(CHANNEL)

        assert (await carl.until(FloorDeny)).phrase != ""


async def test_losing_the_right_to_talk_ends_the_burst() -> None:
    async with floor_server() as board:
        anna, _, _ = await talking(board)

        order = trunk.SetMember(
            channel=CHANNEL,
            client=anna.number,
            ssrc=anna.ssrcs[CHANNEL],
            priority=0,
            may_talk=False,
        )
        await board.tell(order)
        await anna.until(FloorRevoke)

        assert [each.reason for each in board.reported(trunk.TalkEnded)] == ["revoked"]


async def test_a_channel_that_is_no_more_ends_its_burst() -> None:
    async with floor_server() as board:
        anna, bert, burst = await talking(board)

        await board.tell(trunk.RemoveChannel(channel=CHANNEL))
        anna.talk(burst)
        anna.request(CHANNEL)
        await board.settle()

        assert len(board.reported(trunk.TalkStarted)) == len(board.reported(trunk.TalkEnded)) == 1
        assert not any(isinstance(each, RtpPacket) for each in bert.drain())


async def test_at_the_end_every_start_has_an_end_and_the_talker_is_told() -> None:
    async with floor_server() as board:
        anna, _, _ = await talking(board)
        await board.add_channel(2)
        other = await board.add_bound(2)
        await board.add_bound(2)
        await other.take_floor(2)

        await board.tell(trunk.Stop())

        ends = board.reported(trunk.TalkEnded)
        assert {end.burst for end in ends} == {
            each.burst for each in board.reported(trunk.TalkStarted)
        }
        assert [end.reason for end in ends] == ["stopped", "stopped"]
        assert any(isinstance(message, FloorRevoke) for message in anna.drain())


async def test_the_queue_is_told_to_the_switchboard_as_it_changes() -> None:
    async with floor_server() as board:
        _, bert, _ = await talking(board)
        carl = await board.add_bound(CHANNEL)

        for client in (bert, carl):
            client.request(CHANNEL)
            await client.until(FloorQueuePositionInfo)
        bert.release(CHANNEL, None)
        await board.settle()

        queues = [report.clients for report in board.reported(trunk.QueueChanged)]
        assert queues == [[bert.number], [bert.number, carl.number], [carl.number]]


async def test_orders_about_what_is_not_there_are_passed_over(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        await board.tell(
            trunk.RemoveClient(client=77),
            trunk.RemoveChannel(channel=77),
            trunk.RemoveMember(channel=77, client=77),
            trunk.SetMember(channel=77, client=77, ssrc=1, priority=0, may_talk=True),
            trunk.AddEpoch(channel=77, epoch=1, key=bytes(28)),
            trunk.UseEpoch(channel=77, epoch=1),
        )

        assert (await board.counters())["unknown_orders"] == 5


async def test_the_talker_hears_every_second_how_the_worst_listener_fares(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        anna, bert, burst = await talking(board)
        await trio.sleep(0.5)
        anna.talk(burst)
        block = ReportBlock(burst, 0.25, 3, 101, 48)
        bert.send(ReceiverReport(bert.ssrcs[CHANNEL], (block,)))

        report = await anna.until(ReceiverReport)

        [told] = report.blocks
        assert (told.ssrc, told.fraction_lost) == (burst, 0.25)


async def test_the_next_talker_hears_at_once_how_the_listeners_fared(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        anna, bert, burst = await talking(board)
        carl = await board.add_bound(CHANNEL)
        block = ReportBlock(burst, 0.25, 3, 101, 48)
        carl.send(ReceiverReport(carl.ssrcs[CHANNEL], (block,)))
        anna.release(CHANNEL, burst)
        await bert.until(FloorIdle)
        start = trio.current_time()

        second = await bert.take_floor(CHANNEL)
        report = await bert.until(ReceiverReport)

        assert [told.ssrc for told in report.blocks] == [second]
        assert trio.current_time() - start < 0.5


async def test_a_timer_that_moves_to_an_earlier_time_is_kept(
    autojump_clock: trio.abc.Clock,
) -> None:
    async with floor_server() as board:
        await talking(board)  # T1 in 1 s
        await board.add_channel(2)
        dora, emil = await board.add_bound(2), await board.add_bound(2)
        burst = await dora.take_floor(2)
        emil.request(2)
        await emil.until(FloorQueuePositionInfo)
        start = trio.current_time()

        dora.release(2, burst)
        for _ in range(3):  # T20: a grant from the queue is said again until voice comes
            await emil.listen()

        assert trio.current_time() - start == pytest.approx(0.5, abs=0.01)
