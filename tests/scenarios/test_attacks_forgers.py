"""S12 with real sockets: a member has the channel's key and can send from the server's address."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt.client.events import FloorGranted, VoiceDoubted
from ptt.media.opus import OpusEncoder
from ptt.media.talk_burst import TalkBurst
from ptt.security.srtp import VoiceReceiver, VoiceSender, new_key
from ptt.wire.datagram import DatagramKind, classify, peek_ssrc
from ptt.wire.rtp import encode_rtp
from ptt_demo.daemon import Daemon
from ptt_demo.office import Worker, office
from tests.scenarios.conftest import CHANNEL
from tests.support.speech import frames, voice
from tests.support.wiretap import TappedDaemon, Way, wiretap
from tests.support.witness import Witness

ALARM_WITHIN = 1.0  # s
FRAME = 0.02  # s
SILENCE = 50  # of 32768: less than any word


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bytes, int]]:
    """The channel's keys, as every member has them."""
    known: list[tuple[bytes, int]] = []
    make = VoiceReceiver.__init__

    def note(made: VoiceReceiver, key: bytes, epoch: int, *profile: str) -> None:
        known.append((key, epoch))
        make(made, key, epoch, *profile)

    monkeypatch.setattr(VoiceReceiver, "__init__", note)
    return known


@dataclass
class Line:
    """Anna and Ben, and a forger on the way to both."""

    ways: list[Way]
    anna: Worker
    ben: Worker
    watch: Witness  # what Ben sees

    async def forge(self, keys: list[tuple[bytes, int]], ssrc: int, first: int) -> None:
        """A second of voice to both, from the server's address."""
        burst, encoder = TalkBurst(ssrc, first, 48_000), OpusEncoder()
        sender = VoiceSender(*keys[-1])
        for frame in frames(voice(1.0, pitch=200.0)):
            datagram = sender.protect(encode_rtp(burst.packet(encoder.encode(frame))))
            for way in self.ways:
                way.add_down(datagram)
            await trio.sleep(FRAME)


@asynccontextmanager
async def line(daemon: Daemon, folder: Path) -> AsyncIterator[Line]:
    async with (
        wiretap(daemon.port) as tap,
        office(TappedDaemon.of(daemon), ["Anna", "Ben"], CHANNEL, folder) as [anna, ben],
        trio.open_nursery() as nursery,
    ):
        watch = Witness(ben.client)
        nursery.start_soon(watch.watch)
        yield Line(list(tap.ways.values()), anna, ben, watch)
        nursery.cancel_scope.cancel()


@pytest.mark.slow
async def test_voice_that_a_member_forges_in_an_idle_channel_is_not_played(
    daemon: Daemon, tmp_path: Path, keys: list[tuple[bytes, int]]
) -> None:
    async with line(daemon, tmp_path) as scene:
        await scene.forge(keys, 0xBAD00001, 1000)
        await trio.sleep(0.5)
        statistics, talker = scene.ben.client.statistics(), scene.ben.client.talker(CHANNEL)

    assert (statistics.heard, statistics.refused, talker) == (0, 0, None)
    assert abs(read_wav(tmp_path / "ben-heard.wav")).max() < SILENCE


@pytest.mark.slow
async def test_voice_that_a_member_forges_in_a_burst_raises_an_alarm(
    daemon: Daemon, tmp_path: Path, keys: list[tuple[bytes, int]]
) -> None:
    async with line(daemon, tmp_path) as scene, trio.open_nursery() as nursery:
        asks = Witness(scene.anna.client)
        nursery.start_soon(asks.watch)
        scene.anna.microphone.start(voice(5.0))
        scene.anna.client.press(CHANNEL)
        await asks.saw(FloorGranted)
        await trio.sleep(0.5)
        last = [
            each for way in scene.ways for each in way.down if classify(each) is DatagramKind.RTP
        ][-1]
        began = trio.current_time()
        sequence = int.from_bytes(last[2:4], "big")
        nursery.start_soon(scene.forge, keys, peek_ssrc(last, DatagramKind.RTP), sequence + 20)
        alarmed_at, alarm = await scene.watch.saw(VoiceDoubted)
        nursery.cancel_scope.cancel()

    assert alarm == VoiceDoubted(CHANNEL, "Anna")
    assert alarmed_at - began < ALARM_WITHIN


@pytest.mark.slow
async def test_in_a_strict_channel_a_member_can_forge_nothing(
    daemon: Daemon, tmp_path: Path, keys: list[tuple[bytes, int]]
) -> None:
    await daemon.command("channels", "set", CHANNEL, "--strict")
    async with line(daemon, tmp_path) as scene:
        known = [(new_key(), epoch) for _, epoch in keys]  # others' numbers, not their keys

        await scene.forge(known, 0xBAD00001, 1000)
        statistics = scene.ben.client.statistics()

    assert len({key for key, _ in keys}) == 2, "one each"
    assert statistics.heard == 0
    assert abs(read_wav(tmp_path / "ben-heard.wav")).max() < SILENCE
