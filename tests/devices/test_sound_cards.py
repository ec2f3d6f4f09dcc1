"""Real PortAudio on virtual sound cards."""

import os
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from statistics import median
from subprocess import PIPE

import numpy as np
import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt_demo.measure import Sound, find
from tests.support.virtual_sound import VirtualSound, virtual_sound

PROBE = Path(__file__).parents[1] / "support" / "sound_probe.py"
SPEECH = Path(__file__).parents[2] / "clients" / "ptt_demo" / "speech" / "clara.wav"
PATIENCE = 30.0  # s
PIECE = 12_000  # samples
FORMATS = ["48000x1", "44100x2", "16000x1"]


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[VirtualSound]:
    with virtual_sound(
        tmp_path / "sound", microphones=["mic", "other-mic"], loudspeakers=["ear"]
    ) as sound:
        yield sound


class Probe:
    """A running sound_probe.py."""

    def __init__(self, process: trio.Process) -> None:
        self.process = process
        self._rest = b""

    async def line(self) -> str:
        """What it says next; raises at its end."""
        assert self.process.stdout is not None
        with trio.fail_after(PATIENCE):
            while b"\n" not in self._rest:
                octets = await self.process.stdout.receive_some()
                assert octets, "the probe ended"
                self._rest += octets
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()


async def probe(nursery: trio.Nursery, sound: VirtualSound, *arguments: str) -> Probe:
    start = partial(
        trio.run_process,
        [sys.executable, str(PROBE), *arguments],
        env={**os.environ, **sound.environment},
        stdout=PIPE,
        check=False,
    )
    return Probe(await nursery.start(start))


def samples(raw: Path) -> Sound:
    return np.frombuffer(raw.read_bytes(), dtype=np.int16) / 32768.0


def likeness(said: Sound, heard: Sound) -> float:
    """Of most pieces: where the virtual card paused on a busy machine, a few fit nowhere."""
    pieces = np.split(said, len(said) // PIECE)
    return median(find(piece, heard)[1] for piece in pieces)


@pytest.mark.slow
@pytest.mark.parametrize("wanted", FORMATS)
async def test_what_is_said_into_a_microphone_is_read(
    sound: VirtualSound, tmp_path: Path, wanted: str
) -> None:
    raw = tmp_path / "heard.raw"
    said = read_wav(SPEECH)[: 2 * 48_000] / 32768.0

    async with trio.open_nursery() as nursery:
        hearing = await probe(nursery, sound, "hear", "mic", "3.5", str(raw), wanted)
        assert await hearing.line() == "open"
        sound.say("mic", SPEECH)

    heard = samples(raw)
    assert len(heard) == 3.5 * 48_000
    assert likeness(said, heard) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize("wanted", FORMATS)
async def test_what_is_written_to_a_loudspeaker_is_played(
    sound: VirtualSound, tmp_path: Path, wanted: str
) -> None:
    raw, recording = tmp_path / "said.raw", tmp_path / "played.wav"
    said = read_wav(SPEECH)[: 2 * 48_000]
    raw.write_bytes(said.tobytes())

    with sound.recorded("ear", recording):
        async with trio.open_nursery() as nursery:
            playing = await probe(nursery, sound, "play", "ear", str(raw), wanted)
            assert await playing.line() == "open"

    played = read_wav(recording) / 32768.0
    assert likeness(said / 32768.0, played) > 0.9


@pytest.mark.slow
@pytest.mark.parametrize(
    ("device", "arguments"),
    [("microphone", ("hear", "mic", "60")), ("loudspeaker", ("play", "ear"))],
)
async def test_a_device_that_is_pulled_out_is_told_at_once(
    sound: VirtualSound, tmp_path: Path, device: str, arguments: tuple[str, ...]
) -> None:
    raw = tmp_path / "sound.raw"
    raw.write_bytes(bytes(60 * 96_000))

    async with trio.open_nursery() as nursery:
        using = await probe(nursery, sound, *arguments, str(raw))
        assert await using.line() == "open"
        sound.pull_out()
        before = trio.current_time()
        sentence = await using.line()
        waited = trio.current_time() - before

    assert sentence.startswith(f"The {device} ")
    assert "gone" in sentence
    assert waited < 1.0
    assert using.process.returncode == 1


@pytest.mark.slow
async def test_a_microphone_that_is_not_there_is_told_with_the_nearest_name(
    sound: VirtualSound,
) -> None:
    async with trio.open_nursery() as nursery:
        asking = await probe(nursery, sound, "hear", "othr-mic", "0.2", "/dev/null")
        assert await asking.line() == "open"
        sentence = await asking.line()

    assert sentence.startswith("There is no microphone othr-mic: did you mean other-mic, or")
    assert sentence.endswith("Until then the system's default is used.")


@pytest.mark.slow
async def test_the_virtual_cards_are_listed(sound: VirtualSound) -> None:
    async with trio.open_nursery() as nursery:
        listing = await probe(nursery, sound, "list")
        listed = [await listing.line() for _ in range(4)]

    assert {"mic", "other-mic", "ear"} <= set(listed)
