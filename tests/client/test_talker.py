"""The own voice: what leaves, when, and how a press ends."""

from itertools import pairwise
from random import Random

import numpy as np
import pytest

from ptt.client.settings import Settings
from ptt.client.talker import (
    GiveBack,
    Phase,
    SendVoice,
    Talker,
    TalkOrder,
    WarnOfLimit,
    WarnOfSilence,
)
from ptt.media.frames import FRAME_OCTETS, FRAME_SAMPLES, SILENCE
from ptt.media.opus_packet import opus_samples_untrusted
from ptt.media.preroll import PreRollLevel
from ptt.wire.rtp import RtpPacket

LOUD = np.full(FRAME_SAMPLES, 8000, dtype=np.int16).tobytes()
BURST = 0x80000007


def talker(**settings: object) -> Talker:
    return Talker(Settings(**settings), Random(1))  # type: ignore[arg-type]


def packets(orders: list[TalkOrder]) -> list[RtpPacket]:
    return [order.packet for order in orders if isinstance(order, SendVoice)]


def talking(**settings: object) -> Talker:
    machine = talker(**settings)
    machine.key_down()
    machine.granted(BURST, 60.0, now=10.0)
    return machine


def test_what_is_said_before_the_permit_is_sent_at_once_with_it() -> None:
    machine = talker()
    machine.key_down()
    for _ in range(7):
        assert machine.handle_frame(LOUD, now=9.9) == []

    orders = machine.granted(BURST, 60.0, now=10.0)

    sent = packets(orders)
    assert len(sent) == 7
    assert [packet.marker for packet in sent] == [True] + 6 * [False]
    assert {packet.ssrc for packet in sent} == {BURST}


def test_no_more_than_a_second_is_kept_while_the_floor_is_asked_for() -> None:
    machine = talker()
    machine.key_down()
    for _ in range(90):
        machine.handle_frame(LOUD, now=9.0)

    assert len(machine.granted(BURST, 60.0, now=10.0)) == 50


class NearTheEnd(Random):
    """Begins a burst where hardly any sequence numbers are left."""

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        return (1 << 16) - 20


def test_a_burst_that_runs_out_of_numbers_is_given_back_and_does_not_wrap() -> None:
    machine = Talker(Settings(), NearTheEnd())
    machine.key_down()
    machine.granted(BURST, 600.0, now=10.0, copies=(1, 4))

    orders = [order for _ in range(30) for order in machine.handle_frame(LOUD, now=10.02)]

    numbers = [packet.sequence for packet in packets(orders)]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[-1] < 1 << 16
    assert orders.count(GiveBack()) == 1
    assert machine.phase is Phase.IDLE


def test_a_grant_from_the_queue_starts_fresh() -> None:
    machine = talker()
    machine.key_down()
    machine.handle_frame(LOUD, now=1.0)
    machine.queued()
    machine.handle_frame(LOUD, now=1.1)

    assert machine.granted(BURST, 60.0, now=10.0) == []
    assert len(packets(machine.handle_frame(LOUD, now=10.02))) == 1


def test_without_pre_roll_nothing_from_before_the_permit_is_sent() -> None:
    machine = talker(preroll=PreRollLevel.OFF)
    machine.key_down()
    machine.handle_frame(LOUD, now=1.0)

    assert machine.granted(BURST, 60.0, now=1.1) == []


def test_a_warm_microphone_remembers_what_came_before_the_key() -> None:
    machine = talker(preroll=PreRollLevel.ALWAYS_WARM)
    assert machine.wants_microphone
    for _ in range(100):
        machine.handle_frame(LOUD, now=1.0)
    machine.key_down()
    machine.handle_frame(LOUD, now=1.0)

    assert len(machine.granted(BURST, 60.0, now=1.1)) == 21


def test_the_microphone_is_closed_unless_the_key_is_down() -> None:
    machine = talker()
    before = machine.wants_microphone
    machine.key_down()
    during = machine.wants_microphone
    machine.cut()

    assert (before, during, machine.wants_microphone) == (False, True, False)


def test_the_last_frames_are_sent_before_the_floor_goes_back() -> None:
    machine = talking(tail_frames=2)

    assert machine.key_up(now=11.0) == []
    first = machine.handle_frame(LOUD, now=11.01)
    second = machine.handle_frame(LOUD, now=11.03)

    assert [type(order) for order in first + second] == [SendVoice, SendVoice, GiveBack]
    assert machine.phase is Phase.IDLE


def test_a_microphone_that_gives_nothing_does_not_keep_the_floor() -> None:
    machine = talking(tail_frames=2)
    machine.key_up(now=11.0)

    assert machine.deadline == pytest.approx(11.14)
    assert machine.handle_deadline(machine.deadline) == [GiveBack()]


def test_a_key_pressed_again_in_the_tail_goes_on_with_the_same_burst() -> None:
    machine = talking(tail_frames=2)
    machine.key_up(now=11.0)
    machine.key_down()

    orders = [order for _ in range(5) for order in machine.handle_frame(LOUD, now=11.1)]

    assert [type(order) for order in orders] == 5 * [SendVoice]


@pytest.mark.parametrize("queued", [False, True])
def test_a_key_that_goes_up_before_the_permit_takes_the_request_back(queued: bool) -> None:
    machine = talker()
    machine.key_down()
    if queued:
        machine.queued()

    assert machine.key_up(now=1.0) == [GiveBack()]
    assert machine.granted(BURST, 60.0, now=1.1) == []


def test_nothing_is_sent_after_a_cut() -> None:
    machine = talking()
    machine.cut()

    assert machine.level == -100.0
    assert machine.handle_frame(LOUD, now=11.0) == []
    assert machine.key_up(now=11.0) == []
    assert machine.deadline == float("inf")


def test_the_end_of_the_talk_limit_is_announced_five_seconds_before() -> None:
    machine = talking()
    machine.handle_frame(LOUD, now=64.0)

    assert machine.handle_deadline(64.9) == []
    assert machine.handle_deadline(65.0) == [WarnOfLimit(5.0)]
    assert machine.handle_deadline(65.1) == []


def test_a_silent_open_microphone_is_warned_about_and_then_gives_the_floor_back() -> None:
    machine = talking()
    machine.handle_frame(SILENCE, now=19.0)

    assert machine.handle_deadline(20.0) == [WarnOfSilence(2.0)]
    assert machine.handle_deadline(22.0)[-1] == GiveBack()


def test_a_word_after_the_warning_keeps_the_floor() -> None:
    machine = talking()
    machine.handle_deadline(20.0)
    machine.handle_frame(LOUD, now=21.0)

    assert machine.handle_deadline(22.0) == []
    assert machine.deadline == 31.0


def test_longer_packets_hold_several_frames_and_the_last_is_filled_up() -> None:
    machine = talker(tail_frames=2)
    machine.key_down()
    for _ in range(4):
        machine.handle_frame(LOUD, now=1.0)
    begun = packets(machine.granted(BURST, 60.0, now=1.1, frames_per_packet=3))
    machine.key_up(now=1.2)
    machine.handle_frame(LOUD, now=1.21)
    machine.handle_frame(LOUD, now=1.23)
    assert machine.phase is Phase.IDLE

    assert [opus_samples_untrusted(packet.payload) for packet in begun] == [3 * FRAME_SAMPLES]


def test_an_unfinished_packet_leaves_before_the_floor_goes_back() -> None:
    machine = talker(tail_frames=1)
    machine.key_down()
    machine.granted(BURST, 60.0, now=1.1, frames_per_packet=3)
    machine.key_up(now=1.2)

    orders = machine.handle_frame(LOUD, now=1.21)

    assert [type(order) for order in orders] == [SendVoice, GiveBack]


def test_copies_asked_for_by_the_listeners_are_in_the_next_packets() -> None:
    machine = talking()
    machine.set_copies((1,))
    machine.handle_frame(LOUD, now=10.0)

    [packet] = packets(machine.handle_frame(LOUD, now=10.02))

    assert packet.payload_type == 112


def test_bursts_start_where_the_sequence_cannot_wrap() -> None:
    starts = set()
    for _ in range(200):
        machine = talking()
        [packet] = packets(machine.handle_frame(LOUD, now=10.0))
        starts.add(packet.sequence < 1 << 15)

    assert starts == {True}


def test_the_level_is_that_of_the_last_frame() -> None:
    machine = talker()
    machine.handle_frame(LOUD, now=1.0)
    loud = machine.level
    machine.handle_frame(bytes(FRAME_OCTETS), now=1.0)

    assert loud == pytest.approx(-12.2, abs=0.1)
    assert machine.level == -100.0


def test_with_low_delay_half_a_frame_is_sent_at_once() -> None:
    machine = talking(low_delay=True)

    orders = machine.handle_frame(LOUD[: FRAME_OCTETS // 2], now=10.01)

    assert [opus_samples_untrusted(packet.payload) for packet in packets(orders)] == [480]
    assert machine.sends_halves


def test_with_low_delay_what_was_kept_goes_out_in_halves_without_a_gap() -> None:
    machine = talker(low_delay=True)
    machine.key_down()
    for _ in range(3):
        machine.handle_frame(LOUD, now=9.9)

    sent = packets(machine.granted(BURST, 60.0, now=10.0))

    steps = [(b.timestamp - a.timestamp) % (1 << 32) for a, b in pairwise(sent)]
    assert steps == 5 * [480]


def test_longer_packets_of_a_channel_come_before_low_delay() -> None:
    machine = talker(low_delay=True)
    machine.key_down()
    machine.granted(BURST, 60.0, now=10.0, frames_per_packet=2)

    assert not machine.sends_halves


def test_the_tail_is_as_long_in_halves() -> None:
    machine = talking(low_delay=True, tail_frames=2)
    machine.key_up(11.0)
    orders = [machine.handle_frame(LOUD[: FRAME_OCTETS // 2], now=11.0) for _ in range(4)]

    assert [GiveBack() in each for each in orders] == [False, False, False, True]
