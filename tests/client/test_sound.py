"""Microphones and loudspeakers that fail and come back, under a virtual clock."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import trio
import trio.testing

from ptt.client.audio_files import SILENCE, SilentLoudspeaker
from ptt.client.audio_ports import FRAME_SECONDS, AudioSink, AudioSource
from ptt.client.settings import Settings
from ptt.client.sound import CLOSED_AFTER, LONGEST_REOPEN, LoudspeakerDriver, MicrophoneDriver
from ptt.client.tone_player import TonePlayer
from ptt.errors import AudioDeviceError
from ptt.media.tones import Tone

Clock = trio.testing.MockClock
FRAME = b"\x01\x00" * 960
SILENT = Settings(tones=frozenset())


class FrailDevice:
    """Microphone and loudspeaker; `missing` cannot be opened, `frames_left` until it fails."""

    def __init__(self, frames_left: int = 10**9, *, missing: bool = False) -> None:
        self.frames_left = frames_left
        self.missing = missing
        self.opened: list[float] = []
        self.is_open = False
        self.written: list[bytes] = []
        self.shortest = 480

    @asynccontextmanager
    async def open(self) -> AsyncIterator["FrailDevice"]:
        self.opened.append(trio.current_time())
        await trio.lowlevel.checkpoint()
        if self.missing:
            raise AudioDeviceError("There is no microphone: plug one in.")
        self.is_open = True
        try:
            yield self
        finally:
            self.is_open = False

    async def read(self) -> bytes:
        await self.wanted()
        return FRAME

    async def rest(self, rests: Callable[[], bool]) -> None:
        pass

    def stir(self) -> None:
        pass

    async def wanted(self) -> None:
        await trio.sleep(FRAME_SECONDS)
        self.frames_left -= 1
        if self.frames_left < 0:
            raise AudioDeviceError("The device was unplugged.")

    def write(self, frame: bytes) -> None:
        self.written.append(frame)


class RestingDevice(FrailDevice):
    """Is silent by itself while nothing is to sound."""

    def __init__(self) -> None:
        super().__init__()
        self.stirred = trio.Event()

    async def rest(self, rests: Callable[[], bool]) -> None:
        while rests():
            await self.stirred.wait()
            self.stirred = trio.Event()

    def stir(self) -> None:
        self.stirred.set()


class Recorder:
    """A driver with everything that it did."""

    def __init__(self, device: FrailDevice) -> None:
        self.wanted = False
        self.frames: list[bytes] = []
        self.failures: list[str] = []
        self.driver = MicrophoneDriver(
            device,
            wanted=lambda: self.wanted,
            frame=self.frames.append,
            failed=self.failures.append,
        )

    def want(self, wanted: bool) -> None:
        self.wanted = wanted
        self.driver.wake()


def test_the_fake_devices_have_the_right_shape() -> None:
    source: AudioSource = FrailDevice()
    sink: AudioSink = FrailDevice()

    assert source is not sink


async def test_the_microphone_is_open_exactly_while_it_is_wanted(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = FrailDevice()
    recorder = Recorder(device)
    nursery.start_soon(recorder.driver.run)
    await trio.sleep(1.0)
    before = device.is_open
    recorder.want(True)
    await trio.sleep(0.205)
    during = device.is_open
    recorder.want(False)
    await trio.sleep(0.021)

    assert (before, during, device.is_open) == (False, True, False)
    assert recorder.frames == 11 * [FRAME]


async def test_an_unplugged_microphone_is_told_once_and_opened_again(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = FrailDevice(frames_left=5)
    recorder = Recorder(device)
    nursery.start_soon(recorder.driver.run)
    recorder.want(True)
    await trio.sleep(5.0)
    device.frames_left = 10**9
    await trio.sleep(LONGEST_REOPEN + 0.1)

    assert recorder.failures == ["The device was unplugged."]
    assert device.is_open
    assert len(recorder.frames) > 5


async def test_a_missing_microphone_is_told_at_every_press(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    recorder = Recorder(FrailDevice(missing=True))
    nursery.start_soon(recorder.driver.run)
    for _ in range(2):
        recorder.want(True)
        await trio.sleep(0.1)
        recorder.want(False)
        await trio.sleep(2.0)

    assert recorder.failures == 2 * ["There is no microphone: plug one in."]


async def test_the_floor_is_given_back_at_every_failure_and_whoever_talked_is_told_again(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    talking = [False, True, False, True]
    recorder = Recorder(FrailDevice(missing=True))
    recorder.driver = MicrophoneDriver(
        FrailDevice(missing=True),
        wanted=lambda: bool(talking),
        frame=recorder.frames.append,
        failed=recorder.failures.append,
        lost=lambda: talking.pop(0),
    )
    nursery.start_soon(recorder.driver.run)
    await trio.sleep(5.0)

    assert talking == []
    assert len(recorder.failures) == 3


async def test_a_device_that_is_away_is_not_opened_in_a_storm(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = FrailDevice(missing=True)
    recorder = Recorder(device)
    nursery.start_soon(recorder.driver.run)
    recorder.want(True)
    await trio.sleep(60.0)

    assert 70 < len(device.opened) < 80


async def test_whoever_presses_again_does_not_wait_for_the_next_try(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    wanted = False

    def lose() -> bool:
        nonlocal wanted
        wanted = False  # the floor is given back
        return True

    device = FrailDevice(missing=True)
    driver = MicrophoneDriver(
        device, wanted=lambda: wanted, frame=print, failed=lambda sentence: None, lost=lose
    )
    nursery.start_soon(driver.run)
    for _ in range(5):
        wanted = True
        driver.wake()
        await trio.sleep(0.01)

    assert len(device.opened) == 5


async def test_another_microphone_takes_over_at_once_and_the_one_before_is_closed(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    former, other = FrailDevice(), FrailDevice()
    recorder = Recorder(former)
    nursery.start_soon(recorder.driver.run)
    recorder.want(True)
    await trio.sleep(0.105)
    recorder.driver.use(other)
    await trio.sleep(0.105)

    assert (former.is_open, other.is_open) == (False, True)
    assert recorder.frames == 10 * [FRAME]
    assert recorder.failures == []


async def test_a_microphone_that_is_not_wanted_is_changed_without_opening_it(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    former, other = FrailDevice(), FrailDevice()
    recorder = Recorder(former)
    recorder.driver.use(other)
    nursery.start_soon(recorder.driver.run)
    await trio.sleep(0.1)
    recorder.want(True)
    await trio.sleep(0.1)

    assert former.opened == []
    assert other.is_open


async def test_another_loudspeaker_takes_over_at_once(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    former, other = FrailDevice(), FrailDevice()
    driver = LoudspeakerDriver(
        former, voices=lambda now: [FRAME], tones=TonePlayer(SILENT), failed=print, played=bytes
    )
    nursery.start_soon(driver.run)
    await trio.sleep(0.105)
    driver.use(other)
    await trio.sleep(0.105)

    assert (former.is_open, other.is_open) == (False, True)
    assert (len(former.written), len(other.written)) == (5, 5)


async def test_a_loudspeaker_that_comes_back_plays_again(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = FrailDevice(frames_left=5)
    failures: list[str] = []
    driver = LoudspeakerDriver(
        device,
        voices=lambda now: [FRAME],
        tones=TonePlayer(SILENT),
        failed=failures.append,
        played=bytes,
    )
    nursery.start_soon(driver.run)
    await trio.sleep(1.0)
    device.frames_left = 10**9
    await trio.sleep(2.0)

    assert failures == ["The device was unplugged."]
    assert len(device.written) > 20
    assert set(device.written) == {FRAME}


async def test_nothing_to_play_is_silence(nursery: trio.Nursery, autojump_clock: Clock) -> None:
    device = FrailDevice()
    driver = LoudspeakerDriver(
        device, voices=lambda now: [], tones=TonePlayer(Settings()), failed=print, played=bytes
    )
    nursery.start_soon(driver.run)
    await trio.sleep(0.1)

    assert set(device.written) == {SILENCE}


async def test_a_client_without_loudspeaker_is_no_busy_loop(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    asked: list[float] = []

    def voices(now: float) -> list[bytes]:
        asked.append(now)
        return []

    driver = LoudspeakerDriver(
        SilentLoudspeaker(), voices=voices, tones=TonePlayer(SILENT), failed=print, played=bytes
    )
    nursery.start_soon(driver.run)
    await trio.sleep(1.0)

    assert len(asked) in (50, 51)


async def test_while_a_voice_is_waited_for_silence_is_played_in_short_pieces(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = FrailDevice()
    voices: list[bytes] = []

    driver = LoudspeakerDriver(
        device,
        voices=lambda now: voices,
        tones=TonePlayer(SILENT),
        failed=print,
        played=bytes,
        waits=lambda now: True,
    )
    nursery.start_soon(driver.run)
    await trio.sleep(0.1)
    before = set(device.written)
    device.written.clear()
    voices.append(FRAME)
    await trio.sleep(0.1)

    assert before == {SILENCE[: device.shortest]}
    assert set(device.written) == {FRAME}


async def test_while_everything_rests_nothing_is_asked_for_until_a_tone_is_to_sound(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = RestingDevice()
    tones = TonePlayer(Settings())
    driver = LoudspeakerDriver(
        device, voices=lambda now: [], tones=tones, failed=print, played=bytes, rests=lambda: True
    )
    nursery.start_soon(driver.run)
    await trio.sleep(1.0)
    before = len(device.written)
    tones.play(Tone.GRANTED)
    driver.wake()
    await trio.sleep(1.0)

    assert before == 0
    assert device.written
    assert SILENCE not in device.written, "it rests again when the tone is over"


async def test_a_loudspeaker_that_is_silent_for_long_is_closed_and_opened_for_the_next_sound(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    device = RestingDevice()
    tones = TonePlayer(Settings())
    driver = LoudspeakerDriver(
        device, voices=lambda now: [], tones=tones, failed=print, played=bytes, rests=lambda: True
    )
    nursery.start_soon(driver.run)
    await trio.sleep(CLOSED_AFTER - 1.0)
    before = device.is_open
    await trio.sleep(2.0)
    after = device.is_open
    tones.play(Tone.GRANTED)
    driver.wake()
    await trio.sleep(0.1)

    assert (before, after, device.is_open) == (True, False, True)
    assert device.written


async def test_another_loudspeaker_is_opened_at_once_to_see_whether_it_works(
    nursery: trio.Nursery, autojump_clock: Clock
) -> None:
    former, other = RestingDevice(), RestingDevice()
    tones = TonePlayer(Settings())
    driver = LoudspeakerDriver(
        former, voices=lambda now: [], tones=tones, failed=print, played=bytes, rests=lambda: True
    )
    nursery.start_soon(driver.run)
    await trio.sleep(2 * CLOSED_AFTER)
    driver.use(other)
    await trio.sleep(0.1)

    assert (former.is_open, other.is_open) == (False, True)
