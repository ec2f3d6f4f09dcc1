"""Sound in steps of 10 ms: nothing of it is lost, and it comes earlier."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
import trio
from trio.testing import MockClock

from ptt.client.audio_files import Pcm, WavMicrophone
from ptt.client.audio_ports import FRAME_OCTETS, AudioSource
from ptt.client.settings import Settings
from ptt.client.tone_player import TonePlayer
from ptt.media.tones import Tone, tone_frames
from tests.support.people import people
from tests.support.pretend_server import CHANNEL, PretendServer
from tests.support.speech import voice

LOW = Settings(tones=frozenset(), low_delay=True)
NORMAL = Settings(tones=frozenset())


@pytest.fixture
async def server(nursery: trio.Nursery) -> PretendServer:
    return PretendServer(nursery)


class _Halves:
    """Gives each frame in two pieces, as a device with low delay does."""

    def __init__(self, source: AudioSource) -> None:
        self._source = source
        self._rest = b""

    async def read(self) -> bytes:
        await trio.lowlevel.checkpoint()
        self._rest = self._rest or await self._source.read()
        piece, self._rest = self._rest[: FRAME_OCTETS // 2], self._rest[FRAME_OCTETS // 2 :]
        return piece


class _HalvingMicrophone(WavMicrophone):
    @asynccontextmanager
    async def open(self) -> AsyncIterator[AudioSource]:
        async with super().open() as source:
            yield _Halves(source)


async def _talk(server: PretendServer, folder: Path, settings: Settings) -> tuple[float, float]:
    """How alike what was heard is to what was said, and how much later it came (s)."""
    said = voice(3.0)
    microphone = _HalvingMicrophone(said)
    await trio.Path(folder).mkdir()
    async with people(server, folder, "Anna", "Ben", settings=settings, microphone=microphone) as (
        anna,
        ben,
    ):
        began = trio.current_time()
        anna.client.press(CHANNEL)
        await microphone.say()
        anna.client.release()
        await trio.sleep(1.0)
    assert ben.loudspeaker.started_at is not None
    alike, lag = _likeness(said, ben.heard())
    return alike, lag + ben.loudspeaker.started_at - began


def _likeness(said: Pcm, heard: Pcm) -> tuple[float, float]:
    size = 1 << (len(said) + len(heard)).bit_length()
    a, b = said.astype(np.float64), heard.astype(np.float64)
    products = np.fft.irfft(np.fft.rfft(b, size) * np.conj(np.fft.rfft(a, size)), size)
    lag = int(np.argmax(products[: len(heard)]))
    piece = b[lag : lag + len(a)]
    return float(products[lag] / np.sqrt(np.sum(a**2) * np.sum(piece**2))), lag / 48_000


async def test_with_low_delay_all_is_heard_and_comes_earlier(
    server: PretendServer, tmp_path: Path, autojump_clock: MockClock
) -> None:
    alike, normally = await _talk(server, tmp_path / "normal", NORMAL)
    alike_low, low = await _talk(server, tmp_path / "low", LOW)

    assert min(alike, alike_low) > 0.9
    assert low < normally - 0.005


def test_a_tone_is_the_same_in_halves() -> None:
    player = TonePlayer(Settings(low_delay=True))
    player.play(Tone.QUEUED)
    pieces = []
    while found := player.next_frame():
        pieces += found

    assert b"".join(pieces) == b"".join(tone_frames(Tone.QUEUED))
    assert {len(piece) for piece in pieces} == {FRAME_OCTETS // 2}


async def test_without_a_key_a_voice_is_still_looked_at_in_whole_frames(
    server: PretendServer, tmp_path: Path, autojump_clock: MockClock
) -> None:
    microphone = _HalvingMicrophone()
    seen: list[int] = []
    async with people(server, tmp_path, "Anna", settings=LOW, microphone=microphone) as (anna,):
        anna.client.listen_for_voice(CHANNEL)
        own_voice = anna.client._conversation.own_voice
        assert own_voice.hands_free is not None
        own_voice.hands_free.handle_frame = lambda frame, now: seen.append(len(frame))  # type: ignore[method-assign]
        await trio.sleep(0.2)

    assert set(seen) == {FRAME_OCTETS}
