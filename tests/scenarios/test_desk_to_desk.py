"""From a key, a mouth and a sound card to another's ear, through everything that is shipped.

paplay -> microphone A -> `ptt talk` A -> pttd -> `ptt talk` B -> loudspeaker B -> parec
             F9 by xdotool ^
"""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import numpy as np
import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt_demo.daemon import Daemon
from ptt_demo.measure import SPEECH_RMS, Sound, find
from tests.support.desk import Desk, desk
from tests.support.virtual_display import VirtualDisplay, virtual_display
from tests.support.virtual_sound import VirtualSound, virtual_sound

SPEECH = Path(__file__).parents[2] / "clients" / "ptt_demo" / "speech"
ANNA, BEN = SPEECH / "anna.wav", SPEECH / "ben.wav"
RATE = 48_000
SYLLABLE = round(0.2 * RATE)  # samples


@pytest.fixture
def display() -> Iterator[VirtualDisplay]:
    with virtual_display() as display:
        yield display


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[VirtualSound]:
    microphones, loudspeakers = ["mic-a", "mic-b", "mic-c"], ["ear-a", "ear-b", "ear-c"]
    with virtual_sound(
        tmp_path / "sound", microphones=microphones, loudspeakers=loudspeakers
    ) as sound:
        yield sound


def speech(wav: Path) -> Sound:
    """What the file says at 48 kHz, from the first sound to the last."""
    samples = at_48_khz(wav)
    loud = np.flatnonzero(np.abs(samples) > 3 * SPEECH_RMS)
    return samples[loud[0] : loud[-1]]


def at_48_khz(wav: Path) -> Sound:
    return read_wav(wav) / 32768.0


def desk_of(
    environment: dict[str, str], folder: Path, letter: str, link: str, key: str
) -> AbstractAsyncContextManager[Desk]:
    devices = ("--microphone", f"mic-{letter}", "--loudspeaker", f"ear-{letter}")
    return desk(environment, folder / letter, link, *devices, "--key", key)


async def press(display: VirtualDisplay, key: str) -> None:
    await trio.to_thread.run_sync(display.key_down, key)


async def release(display: VirtualDisplay, key: str) -> None:
    await trio.to_thread.run_sync(display.key_up, key)


async def converse(anna: Desk, clara: Desk, display: VirtualDisplay, sound: VirtualSound) -> None:
    """Anna speaks while she holds F9; Clara presses F11 meanwhile, speaks, and lets go."""
    await press(display, "F9")
    said = sound.say("mic-a", ANNA)
    await anna.reads("Talk now")
    await press(display, "F11")
    sound.say("mic-c", BEN)
    await clara.reads("Queued at place 1, behind nobody")
    await trio.sleep(1.0)  # long enough that a repeating key repeats
    await release(display, "F11")
    await clara.reads("Released")
    await trio.to_thread.run_sync(said.wait)
    await release(display, "F9")
    await anna.reads("Released")
    await clara.reads("Nobody talks")


@pytest.mark.slow
async def test_what_is_said_at_one_desk_is_heard_at_another(
    daemon: Daemon, display: VirtualDisplay, sound: VirtualSound, tmp_path: Path
) -> None:
    environment = {**sound.environment, **display.environment}
    links = [await daemon.invite(name) for name in ("Anna", "Ben", "Clara")]
    recording = tmp_path / "heard.wav"

    async with (
        desk_of(environment, tmp_path, "a", links[0], "f9") as anna,
        desk_of(environment, tmp_path, "b", links[1], "f10") as ben,
        desk_of(environment, tmp_path, "c", links[2], "f11") as clara,
    ):
        await anna.reads("In everyone: Anna, Ben, Clara")
        with sound.recorded("ear-b", recording):
            await trio.sleep(0.3)
            await converse(anna, clara, display, sound)
            await trio.sleep(1.0)

    heard, said = at_48_khz(recording), speech(ANNA)
    start, likeness = find(said, heard)
    assert likeness > 0.8, "what was said"
    first = heard[max(start - SYLLABLE, 0) : start + 2 * SYLLABLE]
    assert find(said[:SYLLABLE], first)[1] > 0.8, "the first syllable"
    last = heard[start + len(said) - 2 * SYLLABLE : start + len(said) + SYLLABLE]
    assert find(said[-SYLLABLE:], last)[1] > 0.8, "the last syllable"
    assert find(speech(BEN)[: 5 * SYLLABLE], heard)[1] < 0.3, "nobody heard Clara"
    assert loudest(heard[: start - RATE // 4]) < SPEECH_RMS, "silence before"
    assert loudest(heard[start + len(said) + RATE // 2 :]) < SPEECH_RMS, "silence after"
    assert not [line for line in clara.lines if "Talk now" in line]
    talkers = [line for line in ben.lines if "talks in" in line and "Nobody" not in line]
    assert talkers == ["Anna talks in everyone."]


def loudest(piece: Sound) -> float:
    return float(np.max(np.abs(piece), initial=0.0))
