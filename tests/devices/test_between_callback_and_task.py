"""What stands between the sound library's thread and the engine: queue and ring."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import cast

import pytest
import trio
from trio.testing import MockClock

from ptt.client.audio_ports import FRAME_OCTETS
from ptt.errors import AudioDeviceError
from ptt_devices.conversion import NATIVE, StreamFormat
from ptt_devices.devices import Direction
from ptt_devices.loudspeaker import LARGEST_RING, PortAudioLoudspeaker
from ptt_devices.microphone import LONGEST, PortAudioMicrophone
from ptt_devices.portaudio import Line, SoundSystem

BLOCK = NATIVE.block_octets
STEREO = StreamFormat(48_000, 2)


class Hand:
    """In place of the sound system: a hand that calls back."""

    def __init__(self, stream_format: StreamFormat = NATIVE) -> None:
        self.closed = 0
        self._format = stream_format
        self._line: Line | None = None

    def open(
        self,
        direction: Direction,
        name: str | None,
        line: Line,
        formats: Sequence[StreamFormat] | None,
    ) -> SimpleNamespace:
        self._line = line
        line.begin(self._format)
        return SimpleNamespace(close=self._close)

    def hear(self, block: bytes, *, faulty: bool = False) -> None:
        buffer = bytearray(block)
        self.line.exchange(memoryview(buffer), faulty=faulty)
        buffer[:] = bytes(len(buffer))  # the library uses it again

    def play(self) -> bytes:
        buffer = bytearray(b"\xff" * self._format.block_octets)
        self.line.exchange(memoryview(buffer), faulty=False)
        return bytes(buffer)

    @property
    def line(self) -> Line:
        assert self._line is not None
        return self._line

    @property
    def system(self) -> SoundSystem:
        return cast("SoundSystem", self)

    def _close(self) -> None:
        self.closed += 1


def numbered(number: int, octets: int = BLOCK) -> bytes:
    return bytes([number]) * octets


async def test_two_blocks_are_a_frame() -> None:
    hand = Hand()
    async with PortAudioMicrophone(system=hand.system).open() as source:
        for number in range(1, 5):
            hand.hear(numbered(number))

        frames = [await source.read(), await source.read()]

    assert frames == [numbered(1) + numbered(2), numbered(3) + numbered(4)]


async def test_a_task_that_sleeps_too_long_misses_the_oldest_and_it_is_counted() -> None:
    hand = Hand()
    microphone = PortAudioMicrophone(system=hand.system)
    async with microphone.open() as source:
        for number in range(LONGEST + 2):
            hand.hear(numbered(number), faulty=number == 0)

        frame = await source.read()

    assert frame == numbered(2) + numbered(3)
    assert microphone.statistics().dropped == 2
    assert microphone.statistics().overflows == 1


async def test_what_came_before_the_end_is_read_before_it_is_told() -> None:
    hand = Hand()
    async with PortAudioMicrophone("Headset", system=hand.system).open() as source:
        hand.hear(numbered(1))
        hand.hear(numbered(2))
        hand.line.end()

        assert len(await source.read()) == FRAME_OCTETS
        with pytest.raises(AudioDeviceError, match="The microphone Headset is gone"):
            await source.read()


async def test_a_microphone_that_falls_silent_is_told(autojump_clock: MockClock) -> None:
    async with PortAudioMicrophone(system=Hand().system).open() as source:
        with pytest.raises(AudioDeviceError, match="The microphone delivers no sound"):
            await source.read()


async def test_the_microphone_is_closed_also_when_its_user_is_cancelled() -> None:
    hand = Hand()

    with trio.CancelScope() as scope:
        async with PortAudioMicrophone(system=hand.system).open() as source:
            scope.cancel()
            await source.read()

    assert hand.closed == 1


async def test_frames_are_played_in_order_and_silence_when_there_is_none() -> None:
    hand = Hand()
    async with PortAudioLoudspeaker(system=hand.system).open() as sink:
        await sink.wanted()
        sink.write(numbered(1) + numbered(2))

        played = [hand.play() for _ in range(3)]

    assert played == [numbered(1), numbered(2), numbered(0)]


async def test_the_next_frame_is_wanted_when_one_block_is_left() -> None:
    hand = Hand()
    async with PortAudioLoudspeaker(system=hand.system).open() as sink:
        await sink.wanted()
        sink.write(numbered(1, FRAME_OCTETS))
        with trio.move_on_after(0.02) as full:
            await sink.wanted()

        hand.play()
        with trio.fail_after(1):
            await sink.wanted()

    assert full.cancelled_caught


async def test_a_ring_that_runs_dry_grows_up_to_a_limit() -> None:
    hand = Hand()
    loudspeaker = PortAudioLoudspeaker(system=hand.system)
    async with loudspeaker.open() as sink:
        hand.play()
        before = loudspeaker.statistics()
        sink.write(numbered(1, FRAME_OCTETS))

        for _ in range(2 + 20):
            hand.play()

    assert (before.dry, before.ring) == (0, 1)  # nothing was written yet: no gap
    assert loudspeaker.statistics().dry == 20
    assert loudspeaker.statistics().ring == LARGEST_RING


async def test_a_device_with_two_channels_gets_both() -> None:
    hand = Hand(STEREO)
    async with PortAudioLoudspeaker(system=hand.system).open() as sink:
        sink.write(numbered(3, FRAME_OCTETS))

        played = hand.play()

    assert played == numbered(3, STEREO.block_octets)


async def test_a_loudspeaker_that_goes_away_is_told() -> None:
    hand = Hand()
    async with PortAudioLoudspeaker("Headset", system=hand.system).open() as sink:
        hand.line.end()

        with pytest.raises(AudioDeviceError, match="The loudspeaker Headset is gone"):
            await sink.wanted()


async def test_a_loudspeaker_that_stands_still_is_told(autojump_clock: MockClock) -> None:
    async with PortAudioLoudspeaker(system=Hand().system).open() as sink:
        sink.write(numbered(1, FRAME_OCTETS))

        with pytest.raises(AudioDeviceError, match="The loudspeaker takes no sound"):
            await sink.wanted()


async def test_with_low_delay_a_block_is_enough() -> None:
    hand = Hand()
    async with PortAudioMicrophone(system=hand.system, low_delay=True).open() as source:
        hand.hear(numbered(1))
        piece = await source.read()

    assert piece == numbered(1)


async def test_a_loudspeaker_at_rest_is_silent_and_wakes_nobody_until_it_is_stirred(
    nursery: trio.Nursery,
) -> None:
    hand = Hand()
    loudspeaker = PortAudioLoudspeaker(system=hand.system)
    silent, asked = [True], 0

    def rests() -> bool:
        nonlocal asked
        asked += 1
        return silent[0]

    async with loudspeaker.open() as sink:
        nursery.start_soon(sink.rest, rests)
        await trio.testing.wait_all_tasks_blocked()
        blocks = {hand.play() for _ in range(50)}
        await trio.testing.wait_all_tasks_blocked()
        before, silent[0] = asked, False
        sink.stir()
        await trio.testing.wait_all_tasks_blocked()
        await sink.wanted()
        sink.write(numbered(1, FRAME_OCTETS))
        first, second = hand.play(), hand.play()

    assert blocks == {bytes(BLOCK)}
    assert before <= 2, "nothing happened, so nobody should have looked"
    assert first == bytes(BLOCK), "the ring begins with a block"
    assert second == numbered(1)
    assert loudspeaker.statistics().dry == 0


async def test_a_loudspeaker_at_rest_that_takes_no_sound_any_more_is_told(
    autojump_clock: MockClock,
) -> None:
    async with PortAudioLoudspeaker(system=Hand().system).open() as sink:
        with pytest.raises(AudioDeviceError, match="The loudspeaker takes no sound"):
            await sink.rest(lambda: True)


async def test_a_loudspeaker_that_ends_at_rest_is_told() -> None:
    hand = Hand()
    async with PortAudioLoudspeaker("Headset", system=hand.system).open() as sink:
        hand.line.end()

        with pytest.raises(AudioDeviceError, match="The loudspeaker Headset is gone"):
            await sink.rest(lambda: True)
