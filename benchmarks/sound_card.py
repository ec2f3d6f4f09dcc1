"""One virtual sound card for mouths and ears, and how late an ear hears what a mouth said.

    chirps --paplay--> left: what microphones hear  --+
                       right: what loudspeakers play --+--> one recording of both

Left and right are one device of PulseAudio (tests/support/virtual_sound.py), so sound is in both on
the same clock, to the sample. The recording is there all the time and keeps the device's block at
10 ms for whatever program is measured. Chirps come at random times, so that they meet frames of any
program at any place.
"""

import os
import subprocess
import time
import wave
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from ptt.client.audio_ports import SAMPLE_RATE
from ptt_demo.measure import Sound, find
from tests.support.virtual_sound import VirtualSound, virtual_sound

# Implementation
START_WITHIN = 10.0  # s
CARD, MICROPHONE, LOUDSPEAKER, SILENCE = "card", "mic", "ear", "silence"
BLOCK_MS = 10
CHIRP = 0.080  # s, short beside what a player may leave out or repeat
LOW, HIGH = 400.0, 3400.0  # Hz
LOUDNESS = 0.3
LEAD = 1.0  # s of silence before the first chirp and after the last
PERIOD = 0.5, 0.7  # s from one chirp to the next
LATEST = 0.4  # s after which a chirp is taken for lost; less than the shortest period
LIKE = 0.6  # correlation from which a chirp counts as found


@dataclass(frozen=True, slots=True)
class Heard:
    """Delays in seconds of the chirps that were heard, and how many were not."""

    delays: list[float]
    lost: int


@contextmanager
def sound_card(folder: Path) -> Iterator[VirtualSound]:
    """With MICROPHONE, LOUDSPEAKER, and the microphone SILENCE in which nothing is said."""
    with virtual_sound(folder, microphones=[], loudspeakers=[]) as sound:
        load = ("load-module", "module-null-sink", "norewinds=1", "rate=48000", "format=s16le")
        sound.pactl(*load, f"sink_name={CARD}", "channels=2")
        sound.pactl(*load, "sink_name=nothing", "channels=1")
        one = ("channels=1", "channel_map=mono", "remix=no")
        source, sink = "module-remap-source", "module-remap-sink"
        left, right = "master_channel_map=front-left", "master_channel_map=front-right"
        load_one = ("load-module", source, f"source_name={MICROPHONE}", f"master={CARD}.monitor")
        sound.pactl(*load_one, left, *one)
        sound.pactl("load-module", sink, f"sink_name={LOUDSPEAKER}", f"master={CARD}", right, *one)
        sound.pactl("load-module", source, f"source_name={SILENCE}", "master=nothing.monitor")
        _name_for_alsa(folder, (MICROPHONE, LOUDSPEAKER, SILENCE))
        with _recorder(sound, Path(os.devnull)):
            yield sound


def _name_for_alsa(folder: Path, names: Iterable[str]) -> None:
    """As virtual_sound does for devices of its own."""
    lines = [
        f'pcm.{name} {{ type pulse device {name} hint {{ show on description "{name}" }} }}\n'
        for name in names
    ]
    (folder / ".asoundrc").write_text("".join(lines))


def measure(sound: VirtualSound, folder: Path, chirps: int, rng: Random) -> Heard:
    """Say so many chirps and find them in what was heard. Blocks as long as it takes."""
    said, both = folder / "said.wav", folder / "both.wav"
    _write_stereo(said, _chirps(chirps, rng))
    command = ["paplay", f"--device={CARD}", str(said)]
    with _recorder(sound, both):
        subprocess.run(command, env={**os.environ, **sound.environment}, check=True, timeout=120)
    left, right = _read_stereo(both)
    return _compare(left, right, chirps)


def _compare(left: Sound, right: Sound, chirps: int) -> Heard:
    places = _places(left, chirps)
    latest = round(LATEST * SAMPLE_RATE)
    size = len(_chirp())
    found = [find(left[at : at + size], right[at : at + size + latest]) for at in places]
    delays = [lag / SAMPLE_RATE for lag, likeness in found if likeness > LIKE]
    return Heard(delays, chirps - len(delays))


def _places(left: Sound, chirps: int) -> list[int]:
    """Where chirps begin, in samples; raises SystemExit if the card itself lost one."""
    size, shortest = len(_chirp()), round(PERIOD[0] * SAMPLE_RATE)
    loud = np.flatnonzero(np.abs(left) > LOUDNESS / 4)
    places: list[int] = []
    for at in loud:
        if not places or at - places[-1] > shortest - size:
            places.append(int(at))
    if len(places) != chirps:
        raise SystemExit(f"The sound card played {len(places)} of {chirps} chirps: try again.")
    return places


def _chirps(chirps: int, rng: Random) -> Sound:
    chirp, lead = _chirp(), np.zeros(round(LEAD * SAMPLE_RATE))
    pieces = [lead]
    for _ in range(chirps):
        pause = rng.uniform(*PERIOD) - CHIRP
        pieces += [chirp, np.zeros(round(pause * SAMPLE_RATE))]
    return np.concatenate([*pieces, lead])


def _chirp() -> Sound:
    """From LOW to HIGH, faded in and out."""
    at = np.arange(round(CHIRP * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * (LOW * at + (HIGH - LOW) / (2 * CHIRP) * at**2)
    return np.asarray(LOUDNESS * np.hanning(len(at)) * np.sin(phase))


@contextmanager
def _recorder(sound: VirtualSound, target: Path) -> Iterator[None]:
    """While the block runs; what it says it wants of the device holds for everybody there."""
    options = ("--rate=48000", "--channels=2", "--format=s16le", "--file-format=wav")
    latency = f"--latency-msec={BLOCK_MS}"
    command = ["parec", f"--device={CARD}.monitor", *options, latency, str(target)]
    before = _recordings(sound)
    with subprocess.Popen(command, env={**os.environ, **sound.environment}) as program:
        try:
            _wait_for(lambda: _recordings(sound) > before)
            yield
        finally:
            program.terminate()


def _recordings(sound: VirtualSound) -> int:
    return sound.pactl("list", "short", "source-outputs").count("\n")


def _wait_for(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + START_WITHIN
    while not condition():
        if time.monotonic() > until:
            raise SystemExit("The virtual sound card does not record.")
        time.sleep(0.05)


def _write_stereo(target: Path, left: Sound) -> None:
    both = np.zeros((len(left), 2), dtype=np.int16)
    both[:, 0] = left * 32767
    with wave.open(str(target), "wb") as file:
        file.setparams((2, 2, SAMPLE_RATE, len(left), "NONE", ""))
        file.writeframes(both.tobytes())


def _read_stereo(path: Path) -> tuple[Sound, Sound]:
    with wave.open(str(path), "rb") as file:
        octets = file.readframes(file.getnframes())
    both = np.frombuffer(octets, dtype=np.int16).reshape(-1, 2) / 32768.0
    return both[:, 0], both[:, 1]
