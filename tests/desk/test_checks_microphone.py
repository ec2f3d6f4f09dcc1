"""What is said about a microphone, by a pretended one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import trio
import trio.testing

from ptt.client.audio_ports import FRAME_SECONDS, AudioSource
from ptt.errors import AudioDeviceError
from ptt.media.frames import SILENCE
from ptt_desk.checks.finding import Verdict
from ptt_desk.checks.microphone import check_microphone, judge_microphone
from ptt_desk.checks.sound_figures import SoundFigures, tone

Clock = trio.testing.MockClock
WELL = SoundFigures(level=-45.0, noise=-65.0, peak=-20.0, clipped=0.0, dead=False)


class PretendedMicrophone:
    """Gives one frame again and again, then is gone; `is_open` as a person would see it."""

    def __init__(self, frame: bytes, frames: int = 1000) -> None:
        self.is_open = False
        self._frame, self._left = frame, frames

    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        await trio.lowlevel.checkpoint()
        self.is_open = True
        try:
            yield self
        finally:
            self.is_open = False

    async def read(self) -> bytes:
        await trio.sleep(FRAME_SECONDS)
        self._left -= 1
        if self._left < 0:
            raise AudioDeviceError("The microphone mic is gone: plug it in again.")
        return self._frame


async def test_a_second_is_recorded_and_the_microphone_closed_again(autojump_clock: Clock) -> None:
    microphone = PretendedMicrophone(tone()[10])

    found = await check_microphone(microphone, "mic", lambda: 0)

    assert trio.current_time() == pytest.approx(1.2, abs=0.03)
    assert not microphone.is_open
    assert found.measured["level_dbfs"] == pytest.approx(-29.0, abs=0.1)


async def test_zeros_are_taken_for_muted_or_blocked(autojump_clock: Clock) -> None:
    found = await check_microphone(PretendedMicrophone(SILENCE), "mic", lambda: 0)

    assert found.verdict is Verdict.PROBLEM
    assert "so it is muted or blocked" in found.sentence
    assert "privacy settings" in found.advice


async def test_one_that_is_pulled_out_meanwhile_is_told(autojump_clock: Clock) -> None:
    found = await check_microphone(PretendedMicrophone(tone()[10], 20), "mic", lambda: 0)

    assert found.verdict is Verdict.PROBLEM
    assert str(found) == "The microphone mic is gone: plug it in again."


@pytest.mark.parametrize(
    ("figures", "lost", "verdict", "words"),
    [
        (WELL, 0, Verdict.OK, "level -45 dBFS, noise -65 dBFS, no clipping"),
        (WELL, 2, Verdict.OK, "records"),
        (WELL, 9, Verdict.WARNING, "lost sound 9 times"),
        (SoundFigures(-3.0, -20.0, 0.0, 0.02, dead=False), 0, Verdict.WARNING, "2.0 % of it"),
        (SoundFigures(-30.0, -31.0, -20.0, 0.0, dead=False), 0, Verdict.WARNING, "-31 dBFS of"),
    ],
)
def test_figures_are_judged(figures: SoundFigures, lost: int, verdict: Verdict, words: str) -> None:
    found = judge_microphone(figures, "mic", lost)

    assert found.verdict is verdict
    assert words in found.sentence
    assert bool(found.advice) is (verdict is not Verdict.OK)
