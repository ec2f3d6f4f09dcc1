"""Speech and the noises of an office, for the benchmarks of voice detection and voice processing.

    speech    espeak-ng says six sentences in five voices; people read aloud: recordings of Debian's
              alsa-utils and pocketsphinx-testdata, where they are installed
    white     equal power at all frequencies
    pink      -3 dB an octave
    babble    eight of those voices at once
    keyboard  Typing, below

Everything is floating point, full scale 1, 48 kHz, and the same for the same seed.
"""

import shutil
import subprocess
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import cycle
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soxr

from ptt.media.frames import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE

Sound = npt.NDArray[np.float64]
Active = npt.NDArray[np.bool_]  # one of each frame of 20 ms

SPEECH_DBFS = -26.0  # active level of every utterance; ITU-T P.800 series use it
BELOW_LOUDEST = 25.0  # dB; about 20 below the active level, ITU-T P.56 counts to 16 below
LEAD, PAUSE = 3.0, 1.6  # s; the noise is learned, and every hang-over ends
CLOSURE_FRAMES = 10  # 200 ms: stops and breaths within a phrase
SHORTEST_FRAMES = 3  # 60 ms: smacks and clicks of the recording

VOICES = ("en-us", "en+f3", "en+m7", "en-gb-scotland+f2", "de+m3")
SENTENCES = (
    "Stop the line, please.",
    "Five boxes went to the second floor.",
    "Can somebody look at the printer?",
    "Yes.",
    "Hello Anna, the visitor from the agency has arrived and is waiting downstairs.",
    "Three, seven, nine, zero.",
)
RECORDINGS = (
    *(Path("/usr/share/sounds/alsa") / f"{name}.wav" for name in (
        "Front_Center", "Front_Left", "Rear_Right", "Side_Left",
    )),
    *(Path("/usr/share/pocketsphinx/test/data") / name for name in (
        "cards/001.wav", "cards/002.wav", "cards/003.wav", "cards/004.wav", "cards/005.wav",
        "goforward.raw", "numbers.raw", "something.raw",
        *(f"librivox/sense_and_sensibility_01_austen_64kb-0{n}.wav" for n in (870, 880, 890, 930)),
    )),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Utterance:
    """What somebody says, at SPEECH_DBFS, and in which frames."""

    sound: Sound
    active: Active


def by_espeak() -> list[Utterance]:
    """Each voice says two sentences; none where espeak-ng is not installed."""
    if not shutil.which("espeak-ng"):
        return []
    texts = cycle(SENTENCES)
    return [_utterance(_say(voice, next(texts))) for voice in VOICES for _ in range(2)]


def by_people() -> list[Utterance]:
    """The recordings that are installed here."""
    return [_utterance(_read(path)) for path in RECORDINGS if path.exists()]


def in_turn(voices: list[Utterance]) -> tuple[Sound, Active]:
    """One after another; what is active is known from before anything is mixed in."""
    lead, pause = round(LEAD / FRAME_SECONDS), round(PAUSE / FRAME_SECONDS)
    sounds, truths = [np.zeros(lead * FRAME_SAMPLES)], [np.zeros(lead, dtype=bool)]
    for voice in voices:
        sounds += [
            voice.sound[: len(voice.active) * FRAME_SAMPLES],
            np.zeros(pause * FRAME_SAMPLES),
        ]
        truths += [voice.active, np.zeros(pause, dtype=bool)]
    return np.concatenate(sounds), np.concatenate(truths)


def white(seconds: float, seed: int) -> Sound:
    """White noise, level 1."""
    return np.random.default_rng(seed).standard_normal(round(seconds * SAMPLE_RATE))


def pink(seconds: float, seed: int) -> Sound:
    """Pink noise from 20 Hz up, level 1."""
    sound = white(seconds, seed)
    frequency = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    spectrum = np.fft.rfft(sound) / np.sqrt(np.maximum(frequency, 20.0))
    return _level_one(np.fft.irfft(spectrum, len(sound)))


def babble(seconds: float, seed: int, talkers: list[Utterance], count: int = 8) -> Sound:
    """`count` of the voices at once, each talking without a pause, level 1."""
    rng = np.random.default_rng(seed)
    length = round(seconds * SAMPLE_RATE)
    total = np.zeros(length)
    for _ in range(count):
        order = rng.permutation(len(talkers))
        voice = np.concatenate([talkers[n].sound for n in order])
        total += np.resize(np.roll(voice, rng.integers(len(voice))), length)
    return _level_one(total)


def keyboard(seconds: float, seed: int) -> Sound:
    """Somebody types words, 3 to 8 keys a second, level 1 over all.

    A stroke is a press (a tap and, 4 to 12 ms later, the bottom) and a release, 60 to 130 ms later
    and 4 to 10 dB softer. Each strike excites a noise burst of 1 to 3 ms and four resonances that
    die out: the desk (120 to 350 Hz, time constant 8 to 25 ms), the case (500 to 900 Hz, 4 to
    10 ms), plate and cap (1.5 to 3 kHz and 3.5 to 7 kHz, 1 to 5 ms). Every seed has a keyboard and
    a pace of its own; keys differ by some dB and some percent. The room answers 18 dB softer for
    0.3 s (-60 dB). After four to nine keys there is a pause of 0.1 to 0.6 s.
    """
    rng = np.random.default_rng(seed)
    sound = np.zeros(round((seconds + 5) * SAMPLE_RATE))
    board = _Board.drawn(rng)
    for at, gain in _strikes(rng, seconds):
        strike = gain * board.strike(rng)
        start = round(at * SAMPLE_RATE)
        sound[start : start + len(strike)] += strike
    return _level_one(_in_room(sound, rng)[: round(seconds * SAMPLE_RATE)])


def active_frames(sound: Sound) -> Active:
    """In which frames of a clean recording somebody speaks.

    Those within BELOW_LOUDEST dB of the loudest twentieth; gaps up to CLOSURE_FRAMES are filled,
    then spells under SHORTEST_FRAMES left out.
    """
    levels = frame_levels(sound)
    loud = levels > np.percentile(levels, 95) - BELOW_LOUDEST
    filled = _without_short_spells(~loud, CLOSURE_FRAMES + 1)
    return _without_short_spells(~filled, SHORTEST_FRAMES)


def frame_levels(sound: Sound) -> Sound:
    """The level of each frame in dB below full scale."""
    whole = sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
    return np.asarray(10 * np.log10((whole**2).mean(axis=1) + 1e-10))


def spells(active: Active) -> list[tuple[int, int]]:
    """First frame and frame after the last of each spell of activity."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], active, [False]]).astype(np.int8)))
    return [(int(first), int(end)) for first, end in edges.reshape(-1, 2)]


def frames(sound: Sound) -> list[bytes]:
    """What a microphone gives."""
    pcm = np.clip(np.rint(sound * 32768), -32768, 32767).astype(np.int16)
    count = len(pcm) // FRAME_SAMPLES
    return [pcm[n * FRAME_SAMPLES :][:FRAME_SAMPLES].tobytes() for n in range(count)]


@dataclass(frozen=True, slots=True)
class _Board:
    """What a keyboard and its desk sound like: Hz, seconds, weight of each resonance."""

    resonances: list[tuple[float, float, float]]
    hiss: float  # s

    @classmethod
    def drawn(cls, rng: np.random.Generator) -> "_Board":
        bands = (  # Hz, ms, weight
            (120, 350, 8, 25, 1.0),
            (500, 900, 4, 10, 0.7),
            (1500, 3000, 2, 5, 0.6),
            (3500, 7000, 1, 3, 0.5),
        )
        return cls(
            [
                (
                    rng.uniform(low, high),
                    rng.uniform(short, long) / 1e3,
                    weight * rng.uniform(0.5, 1),
                )
                for low, high, short, long, weight in bands
            ],
            rng.uniform(0.001, 0.003),
        )

    def strike(self, rng: np.random.Generator) -> Sound:
        time = np.arange(round(0.12 * SAMPLE_RATE)) / SAMPLE_RATE
        sound = np.exp(-time / self.hiss) * rng.standard_normal(len(time))
        for frequency, decay, weight in self.resonances:
            turn = 2 * np.pi * frequency * rng.uniform(0.95, 1.05) * time
            sound += weight * np.exp(-time / decay) * np.sin(turn)
        return sound


def _strikes(rng: np.random.Generator, seconds: float) -> Iterator[tuple[float, float]]:
    """When something strikes the keyboard, and how hard."""
    pace = rng.uniform(3, 8)
    at = 0.5
    while at < seconds:
        for _ in range(rng.integers(4, 10)):
            hard = _db(rng.normal(0, 2.5))
            yield at, 0.5 * hard
            yield at + rng.uniform(0.004, 0.012), hard
            yield at + rng.uniform(0.06, 0.13), hard * _db(-rng.uniform(4, 10))
            at += rng.gamma(9, 1 / (9 * pace))
        at += rng.uniform(0.1, 0.6)


def _in_room(sound: Sound, rng: np.random.Generator) -> Sound:
    time = np.arange(round(0.3 * SAMPLE_RATE)) / SAMPLE_RATE
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / 0.3)
    tail *= _db(-18) / np.sqrt((tail**2).sum())
    tail[0] += 1.0
    size = len(sound) + len(tail)
    return np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)[: len(sound)]


def _say(voice: str, text: str) -> Sound:
    spoken = subprocess.run(
        ["espeak-ng", "-v", voice, "--stdout", text], check=True, capture_output=True
    ).stdout
    with wave.open(BytesIO(spoken), "rb") as file:
        rate = file.getframerate()
    # espeak-ng writes to a pipe before it knows the length: all after the header is sound.
    return _resampled(spoken[44:], rate)


def _read(path: Path) -> Sound:
    if path.suffix == ".raw":
        return _resampled(path.read_bytes(), 16_000)
    with wave.open(str(path), "rb") as file:
        return _resampled(file.readframes(file.getnframes()), file.getframerate())


def _resampled(octets: bytes, rate: int) -> Sound:
    samples = np.frombuffer(octets[: len(octets) // 2 * 2], dtype="<i2") / 32768
    return np.asarray(soxr.resample(samples, rate, SAMPLE_RATE), dtype=np.float64)


def _utterance(sound: Sound) -> Utterance:
    """Brought to SPEECH_DBFS over its active frames."""
    active = active_frames(sound)
    power = 10 ** (frame_levels(sound)[active] / 10)
    return Utterance(sound * _db(SPEECH_DBFS) / np.sqrt(power.mean()), active)


def _without_short_spells(active: Active, least: int) -> Active:
    kept = active.copy()
    for first, end in spells(active):
        if end - first < least and first > 0 and end < len(active):
            kept[first:end] = False
    return kept


def _level_one(sound: Sound) -> Sound:
    return np.asarray(sound / np.sqrt((sound**2).mean()))


def _db(gain: float) -> float:
    return float(10 ** (gain / 20))
