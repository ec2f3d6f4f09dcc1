"""What do noise suppression and gain control give, and what do they cost?

People speak in noises (voice_sounds.py) that are 10 dB softer, or alone at -46 dBFS. Figures in dB
are mean power that comes out against what went in: of active frames, and of the silence between.
Empty where the extra [noise] is not installed.
"""

from importlib.util import find_spec
from time import perf_counter

import numpy as np

from benchmarks.table import Answer, Row, spread
from benchmarks.voice_sounds import (
    SPEECH_DBFS,
    Active,
    Sound,
    by_espeak,
    by_people,
    frame_levels,
    frames,
    in_turn,
    keyboard,
    pink,
    white,
)
from ptt.media.frames import SAMPLE_RATE
from ptt.media.voice_processing import VoiceProcessing

RATIO = 10  # dB
SOFT_DBFS = -46.0
LEARNING_FRAMES = 150


def main() -> Answer:
    """Improve everything once and return the table."""
    rows: list[Row] = []
    if find_spec("livekit"):
        speech, active = in_turn(by_people() or by_espeak())
        seconds = len(speech) / SAMPLE_RATE
        for name, noise in (("white", white), ("pink", pink), ("keyboard", keyboard)):
            mixed = speech + noise(seconds, 3)[: len(speech)] * _gain(SPEECH_DBFS - RATIO)
            rows += _rows(f"noise suppression, {name}", mixed, active, VoiceProcessing(True, False))
        soft = speech * _gain(SOFT_DBFS - SPEECH_DBFS) + white(seconds, 3)[: len(speech)] * 1e-4
        rows += _rows("gain control, soft talker", soft, active, VoiceProcessing(False, True))
    return Answer("voice_improvement", "dB, and microseconds", rows)


def _rows(name: str, sound: Sound, active: Active, processing: VoiceProcessing) -> list[Row]:
    improved, costs = _improved(sound, processing)
    before, after = frame_levels(sound), frame_levels(improved)
    learned = np.arange(len(after)) >= LEARNING_FRAMES
    talk, silence = learned & active[: len(after)], learned & ~active[: len(after)]
    return [
        Row(f"{name}: speech, dB", spread([_mean(after, talk) - _mean(before, talk)])),
        Row(f"{name}: between, dB", spread([_mean(after, silence) - _mean(before, silence)])),
        Row(f"{name}: microseconds a frame", spread(costs)),
    ]


def _mean(levels: Sound, chosen: Active) -> float:
    """The level of the mean power of the chosen frames, dBFS."""
    return float(10 * np.log10((10 ** (levels[chosen] / 10)).mean()))


def _improved(sound: Sound, processing: VoiceProcessing) -> tuple[Sound, list[float]]:
    pieces, costs = [], []
    for frame in frames(sound):
        began = perf_counter()
        pieces.append(processing.process(frame))
        costs.append((perf_counter() - began) * 1e6)
    return np.frombuffer(b"".join(pieces), dtype=np.int16) / 32768, costs


def _gain(level: float) -> float:
    return float(10 ** (level / 20))


if __name__ == "__main__":
    main().show()
