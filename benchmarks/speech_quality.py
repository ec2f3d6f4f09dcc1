"""How good is speech that came over a bad network?

    sentences --> Opus --> RTP with copies --> loss, seeded --> reception --> PESQ-WB, STOI

Whole client code between encoder and loudspeaker, in virtual time, at 24 kbit/s, with the copies
that the redundancy policy sends at that loss, to a listener who has heard the talker before. In the
rows "first burst" he has not; in the rows "by reports" he has not, and copies begin only when the
talker hears of the loss, each second. PESQ-WB (ITU-T P.862.2) and STOI compare with the original
at 16 kHz; "concealed" is the share of frames that were invented. A figure is the mean over the
sentences of one seed; the spread is over the seeds.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean

import numpy as np
import soxr

from benchmarks.table import Answer, Row, spread
from benchmarks.voice_sounds import Sound, Utterance, by_espeak, by_people
from ptt.media.frames import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE
from ptt.media.opus import OpusEncoder
from ptt.media.reception import Reception
from ptt.media.redundancy_policy import RedundancyPolicy
from ptt_demo.measure import find
from tests.support.netem import Impairment, Profile
from tests.support.voice_path import (
    SSRC,
    START,
    Delays,
    Heard,
    carry,
    in_spells,
    on_time,
    reported,
    talk,
)

SEEDS = 5
FORMER = 50  # added to the seed of the burst before
RATE = 16_000  # of PESQ-WB
SECONDS = 9.0  # of each piece; PESQ aligns pieces of this length best
LEAD = 0.3  # s of silence before and after: PESQ wants to see where speech begins


@dataclass(frozen=True, slots=True)
class Loss:
    """One row: which packets are lost, and the goals for PESQ-WB and the concealed share."""

    name: str
    share: float
    length: int = 1
    quality: float = 0.0
    concealed: float = 1.0

    def delays(self, seed: int) -> Delays:
        """What becomes of each packet."""
        if self.length > 1:
            return in_spells(self.share, self.length, seed)
        return impaired(Profile(loss_good=self.share), seed)


LOSSES = (
    Loss("no loss", 0.0, 1, 4.0, 0.0),
    Loss("5 % random", 0.05, 1, 4.0, 0.001),
    Loss("10 % random", 0.10, 1, 3.8, 0.001),
    Loss("20 % random", 0.20, 1, 3.8, 0.003),
    Loss("30 % random", 0.30, 1, 3.7, 0.005),
    Loss("5 % in threes", 0.05, 3, 3.4, 0.012),
    Loss("10 % in threes", 0.10, 3, 3.1, 0.015),
    Loss("20 % in threes", 0.20, 3, 3.0, 0.027),
    Loss("30 % in threes", 0.30, 3, 2.5, 0.045),
)
BARE = (LOSSES[1], LOSSES[3], LOSSES[6])  # also in other ways, to compare


@dataclass(frozen=True, slots=True)
class Judged:
    """The three figures of what was heard."""

    quality: float
    intelligibility: float
    concealed: float


def impaired(profile: Profile, seed: int) -> Delays:
    """The fates of netem.py for packets at their time."""
    network = Impairment(profile, seed)
    return lambda n: [arrival - n * 0.020 for arrival in network.pass_on(150, n * 0.020)]


def pieces(utterances: Sequence[Utterance]) -> list[Sound]:
    """Utterances put together to pieces of about SECONDS."""
    silence = np.zeros(round(LEAD * SAMPLE_RATE))
    made, piece = [], [silence]
    for utterance in utterances:
        piece += [utterance.sound, silence]
        if sum(map(len, piece)) > SECONDS * SAMPLE_RATE:
            made.append(np.concatenate(piece))
            piece = [silence]
    if not made:
        made.append(np.concatenate(piece))
    return [sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES] for sound in made]


def encoded(sound: Sound) -> list[bytes]:
    """As a client encodes it."""
    encoder = OpusEncoder()
    pcm = np.asarray(np.clip(sound, -1, 1) * 32767, dtype=np.int16)
    return [
        encoder.encode(pcm[n : n + FRAME_SAMPLES].tobytes())
        for n in range(0, len(pcm), FRAME_SAMPLES)
    ]


def copies_at(share: float) -> tuple[int, ...]:
    """Those that are sent when that much was reported for a while."""
    return RedundancyPolicy().handle_loss(share, 0.0)


def judge(said: Sound, heard: Heard) -> Judged:
    """PESQ-WB, STOI and the concealed share."""
    from pesq import pesq  # only `make bench` installs them
    from pystoi import stoi

    sound = np.frombuffer(heard.pcm, dtype=np.int16) / 32768
    original, degraded = (soxr.resample(each, SAMPLE_RATE, RATE) for each in (said, sound))
    return Judged(
        float(pesq(RATE, original, degraded, "wb")),
        float(stoi(*in_step(original, degraded), RATE)),
        heard.reception.statistics(0.0).concealed_share,
    )


def in_step(original: Sound, degraded: Sound) -> tuple[Sound, Sound]:
    """Both in windows of a second, each shifted to where it fits: playout delay may change.

    PESQ does so by itself, STOI does not.
    """
    size, margin = RATE, RATE // 4
    ahead = np.pad(degraded, (0, max(0, len(original) + margin - len(degraded))))
    fitting = []
    for start in range(0, len(original), size):
        piece = original[start : start + size]
        lag, _ = find(piece, ahead[start : start + len(piece) + margin])
        fitting.append(ahead[start + lag :][: len(piece)])
    return original, np.concatenate(fitting)


def at_first(opus: list[bytes], loss: Loss, seed: int) -> Heard:
    """The first burst that is heard of somebody, with the copies that belong to this loss."""
    return carry(on_time(talk(opus, copies_at(loss.share))), loss.delays(seed))


def steadily(opus: list[bytes], loss: Loss, seed: int) -> Heard:
    """A later one: the delay that copies need was learned in the one before."""
    former = at_first(opus, loss, seed + FORMER).reception
    learned = former.learned(START + len(opus) * FRAME_SECONDS)
    sent = on_time(talk(opus, copies_at(loss.share)))
    return carry(sent, loss.delays(seed), reception=Reception(SSRC, learned))


def without_copies(opus: list[bytes], loss: Loss, seed: int) -> Heard:
    """What other programs do at best: the decoder invents."""
    return carry(on_time(talk(opus)), loss.delays(seed))


def by_reports(opus: list[bytes], loss: Loss, seed: int) -> Heard:
    """Heard with the copies that the listener's reports bring about, beginning with none."""
    return reported(opus, loss.delays(seed), RedundancyPolicy())


def rows(who: str, sounds: list[Sound], seeds: int) -> Iterator[Row]:
    """All rows for these sentences."""
    coded = [encoded(sound) for sound in sounds]
    cases = [
        *((loss.name, loss, steadily) for loss in LOSSES),
        *((f"{loss.name}, by reports", loss, by_reports) for loss in BARE),
        *((f"{loss.name}, first burst", loss, at_first) for loss in BARE),
        *((f"{loss.name}, no copies", loss, without_copies) for loss in BARE),
    ]
    for name, loss, way in cases:
        means = []
        for seed in range(1, seeds + 1):
            judged = [
                judge(sound, way(opus, loss, 100 * seed + n))
                for n, (sound, opus) in enumerate(zip(sounds, coded, strict=True))
            ]
            means.append(judged)
        for figure, of in FIGURES:
            yield Row(f"{who}, {name}: {figure}", spread([fmean(map(of, each)) for each in means]))


FIGURES = (
    ("PESQ-WB", lambda judged: judged.quality),
    ("STOI", lambda judged: judged.intelligibility),
    ("concealed %", lambda judged: 100 * judged.concealed),
)


def main(arguments: Sequence[str] = ()) -> Answer:
    """Judge all of it."""
    parser = argparse.ArgumentParser(prog="speech_quality")
    parser.add_argument("--seeds", type=int, default=SEEDS)
    seeds = parser.parse_args(arguments).seeds
    voices = {"people": by_people(), "espeak": by_espeak()}
    answered = [
        row
        for who, utterances in voices.items()
        if utterances
        for row in rows(who, pieces(utterances), seeds)
    ]
    return Answer("speech_quality", "PESQ-WB 1 to 4.64, STOI 0 to 1, share in %", answered)
