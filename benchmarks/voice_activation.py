"""What does voice detection lose, and what does it take for speech?

People and espeak-ng speak, with pauses of 1.6 s, in noises (voice_sounds.py) that are 20, 10 and
5 dB softer; each noise is also heard alone. The truth is the clean recording's active frames. What
is sent is what was detected and the 400 ms before, the pre-roll.

    lost        share of active frames that are not sent
    onset       share of active frames that are not sent because nothing of their phrase was yet
    words       phrases (between pauses of 200 ms) of which nothing is sent, percent
    openings    that began when nobody spoke, a minute of silence between the phrases
    alone       openings a minute in the noise alone: five minutes of keyboards, a minute of others
    alone_open  share of the time that it was open in them; babble is voices, after all
    hang-over   from the last active frame of an utterance to the end of detection, seconds

Each figure is the worst of people, espeak-ng and seeds.
The yardstick is webrtcvad(3) with 60 of 100 ms and the same hang-over.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, astuple, dataclass, fields
from itertools import pairwise
from time import perf_counter
from typing import Protocol

import numpy as np
import webrtcvad
from rich.console import Console
from rich.table import Table

from benchmarks.table import OUT, Spread, spread
from benchmarks.voice_sounds import (
    SPEECH_DBFS,
    Active,
    Sound,
    Utterance,
    babble,
    by_espeak,
    by_people,
    frames,
    in_turn,
    keyboard,
    pink,
    spells,
    white,
)
from ptt.media.frames import FRAME_SECONDS, SAMPLE_RATE
from ptt.media.preroll import WARM_SECONDS
from ptt.media.voice_activity import VoiceActivity, VoiceActivitySettings

RATIOS = (20, 10, 5)  # dB
ROOM_DBFS = -70.0
PREROLL_FRAMES = round(WARM_SECONDS / FRAME_SECONDS)
AFTERWARDS_FRAMES = 20  # an opening so soon after speech is a piece of it
ALONE_SECONDS = 60.0
KEYBOARDS = range(5)


class Detection(Protocol):
    """What is measured."""

    def handle_frame(self, frame: bytes) -> bool:
        """Whether somebody speaks."""


class Yardstick:
    """webrtcvad(3), three frames of five, hang-over as by default."""

    def __init__(self) -> None:
        self._vad = webrtcvad.Vad(3)
        self._recent: list[bool] = []
        self._quiet = 0
        self._speaking = False

    def handle_frame(self, frame: bytes) -> bool:
        """Whether somebody speaks."""
        speech = self._vad.is_speech(frame, SAMPLE_RATE)
        self._recent = [*self._recent[-4:], speech]
        self._quiet = 0 if speech else self._quiet + 1
        still = self._quiet * FRAME_SECONDS < VoiceActivitySettings().hang_over
        self._speaking = still if self._speaking else sum(self._recent) >= 3
        return self._speaking


@dataclass(frozen=True, slots=True)
class Scene:
    """What the microphone gives, and who really speaks."""

    noise: str
    frames: list[bytes]
    truth: Active


@dataclass(frozen=True, slots=True)
class Score:
    """How a detection did in one scene, by the words of the module."""

    lost: float
    onset: float
    words: float
    openings: float
    hang_overs: list[float]


@dataclass(frozen=True, slots=True)
class Line:
    """A detector in a noise: the worst of people, espeak-ng and seeds."""

    detector: str
    noise: str
    lost: float
    onset: float
    words: float
    openings: float
    alone: float
    alone_open: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the benchmark found out; hang-over in seconds, cost in microseconds a frame."""

    lines: list[Line]
    hang_over: dict[str, Spread]
    cost: dict[str, Spread]

    def show(self) -> None:
        """Print the tables and write out/bench/voice_activation.json."""
        headings = [field.name for field in fields(Line)]
        table = Table(*headings, title="voice_activation: percent, and openings a minute")
        for line in self.lines:
            figures = (f"{value:.2f}" for value in astuple(line)[2:])
            table.add_row(line.detector, line.noise, *figures)
        console = Console(width=100)
        console.print(table)
        for name in self.cost:
            console.print(f"{name}: hang-over {_told(self.hang_over[name])} s")
            console.print(f"{name}: cost {_told(self.cost[name])} microseconds a frame")
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / "voice_activation.json").write_text(json.dumps(asdict(self), indent=1) + "\n")


def _told(figure: Spread) -> str:
    return f"median {figure.median:.2f}, p95 {figure.p95:.2f}, most {figure.most:.2f}"


def main() -> Comparison:
    """Listen with every detector and return the tables."""
    scenes, alone = list(_scenes()), list(_alone())
    comparison = Comparison([], {}, {})
    for name, detection in detections().items():
        _compare(comparison, name, detection, scenes, alone)
    return comparison


def detections() -> dict[str, Callable[[], Detection]]:
    """Those that can be asked here."""
    return {"yardstick": Yardstick, "default": VoiceActivity}


def _compare(
    comparison: Comparison,
    name: str,
    detection: Callable[[], Detection],
    scenes: list[Scene],
    alone: list[Scene],
) -> None:
    """Add what one detector does."""
    hang_overs: list[float] = []
    for noise in dict.fromkeys(scene.noise for scene in scenes):
        scores = [
            score(listen(detection(), scene.frames), scene.truth)
            for scene in scenes
            if scene.noise == noise
        ]
        hang_overs += [seconds for one in scores for seconds in one.hang_overs]
        heard = [listen(detection(), scene.frames) for scene in alone if scene.noise == noise]
        comparison.lines.append(_line(name, noise, scores, heard))
    comparison.hang_over[name] = spread(hang_overs)
    comparison.cost[name] = spread(_costs(detection(), scenes[0].frames))


def _line(name: str, noise: str, scores: list[Score], alone: list[Active]) -> Line:
    return Line(
        name,
        noise,
        lost=max(one.lost for one in scores),
        onset=max(one.onset for one in scores),
        words=max(one.words for one in scores),
        openings=max(one.openings for one in scores),
        alone=max((openings_a_minute(heard) for heard in alone), default=0.0),
        alone_open=max((100 * float(heard.mean()) for heard in alone), default=0.0),
    )


def listen(detection: Detection, sound: list[bytes]) -> Active:
    """Whether somebody speaks, after each frame."""
    return np.array([detection.handle_frame(frame) for frame in sound])


def score(heard: Active, truth: Active) -> Score:
    """What was lost, and what was taken for speech."""
    sent = heard.copy()
    for first, _ in spells(heard):
        sent[max(0, first - PREROLL_FRAMES) : first] = True
    phrases = spells(truth)
    starts = [int(np.argmax(sent[first:end])) for first, end in phrases if sent[first:end].any()]
    silence = float((~truth).sum() * FRAME_SECONDS / 60)
    return Score(
        lost=100 * float((truth & ~sent).sum() / truth.sum()),
        onset=100 * sum(starts) / float(truth.sum()),
        words=100 * (len(phrases) - len(starts)) / len(phrases),
        openings=sum(_began_in_silence(first, truth) for first, _ in spells(heard)) / silence,
        hang_overs=_hang_overs(heard, phrases),
    )


def openings_a_minute(heard: Active) -> float:
    """How often it began."""
    return len(spells(heard)) / (len(heard) * FRAME_SECONDS / 60)


def _began_in_silence(first: int, truth: Active) -> bool:
    return not truth[max(0, first - AFTERWARDS_FRAMES) : first + 1].any()


def _hang_overs(heard: Active, phrases: list[tuple[int, int]]) -> list[float]:
    """Of those ends of utterances at which somebody was heard, and that ended before the next."""
    found = []
    for (_, end), (following, _) in pairwise([*phrases, (len(heard), 0)]):
        quiet = np.flatnonzero(~heard[end:following])
        if heard[end - 1] and following - end > 1 / FRAME_SECONDS and len(quiet):
            found.append(float(quiet[0]) * FRAME_SECONDS)
    return found


def _scenes() -> Iterator[Scene]:
    speakers = [voices for voices in (by_people(), by_espeak()) if voices]
    everybody = [utterance for voices in speakers for utterance in voices]
    for seed, voices in enumerate(speakers):
        sound, truth = in_turn(voices)
        seconds = len(sound) / SAMPLE_RATE
        yield Scene("quiet", frames(_with_room(sound)), truth)
        for name, noise in _noises(seconds, 11 + seed, everybody):
            for ratio in RATIOS:
                mixed = _with_room(sound + noise[: len(sound)] * _gain(SPEECH_DBFS - ratio))
                yield Scene(f"{name} {ratio} dB", frames(mixed), truth)


def _alone() -> Iterator[Scene]:
    everybody = by_people() + by_espeak()
    noises = list(_noises(ALONE_SECONDS, 3, everybody))[:-1]
    noises += [("keyboard", keyboard(ALONE_SECONDS, seed)) for seed in KEYBOARDS]
    for name, noise in noises:
        for ratio in RATIOS:
            sound = frames(_with_room(noise * _gain(SPEECH_DBFS - ratio)))
            yield Scene(f"{name} {ratio} dB", sound, np.zeros(len(sound), dtype=bool))


def _noises(seconds: float, seed: int, voices: list[Utterance]) -> Iterator[tuple[str, Sound]]:
    yield "white", white(seconds, seed)
    yield "pink", pink(seconds, seed)
    yield "babble", babble(seconds, seed, voices)
    yield "keyboard", keyboard(seconds, seed)


def _with_room(sound: Sound) -> Sound:
    return sound + white(len(sound) / SAMPLE_RATE, 5)[: len(sound)] * _gain(ROOM_DBFS)


def _gain(level: float) -> float:
    return float(10 ** (level / 20))


def _costs(detection: Detection, sound: list[bytes]) -> list[float]:
    def cost(frame: bytes) -> float:
        began = perf_counter()
        detection.handle_frame(frame)
        return (perf_counter() - began) * 1e6

    return [cost(frame) for frame in sound]


if __name__ == "__main__":
    main().show()
