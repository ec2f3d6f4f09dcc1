"""Levels, sums and tones."""

import itertools

import numpy as np
import numpy.typing as npt
import pytest

from ptt.client import audio_ports
from ptt.media import frames
from ptt.media.gain import Gain, amplified
from ptt.media.level import SILENCE_DBFS, level_dbfs
from ptt.media.mixer import mix
from ptt.media.tones import Tone, frames_of, tone_frames


def flat(value: int) -> bytes:
    return np.full(960, value, dtype=np.int16).tobytes()


def test_a_frame_is_the_same_for_the_sound_card_and_for_the_codec() -> None:
    assert frames.SAMPLE_RATE == audio_ports.SAMPLE_RATE
    assert frames.FRAME_OCTETS == audio_ports.FRAME_OCTETS


def test_full_scale_is_zero_decibel_and_half_of_it_minus_six() -> None:
    assert level_dbfs(flat(-32768)) == pytest.approx(0.0)
    assert level_dbfs(flat(16384)) == pytest.approx(-6.02, abs=0.01)


def test_silence_and_nothing_have_a_finite_level() -> None:
    assert level_dbfs(bytes(1920)) == level_dbfs(b"") == SILENCE_DBFS


def test_nothing_mixed_is_silence_and_one_is_itself() -> None:
    assert mix([]) == bytes(1920)
    assert mix([flat(5)]) == flat(5)


def test_mixed_frames_add_up_and_stay_at_full_scale() -> None:
    assert mix([flat(5), flat(7), flat(-2)]) == flat(10)
    assert mix([flat(30_000), flat(30_000)]) == flat(32_767)
    assert mix([flat(-30_000), flat(-30_000)]) == flat(-32_768)


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_is_whole_frames_that_begin_and_end_softly(tone: Tone) -> None:
    sound = np.frombuffer(b"".join(tone_frames(tone)), dtype=np.int16).astype(int)

    assert {len(frame) for frame in tone_frames(tone)} == {1920}
    assert 0.05 < len(sound) / 48_000 < 0.5
    assert abs(sound[0]) < 50
    assert abs(sound[-1]) < 50
    assert np.abs(np.diff(sound)).max() < 1200  # no click
    assert -24 < level_dbfs(tone_frames(tone)[0]) < -12


def contour(tone: Tone) -> tuple[float, ...]:
    """Where the pitch goes from note to note: -1, 0 or 1."""
    pitches = [pitch for pitch, _ in tone.value if pitch]
    return tuple(float(np.sign(after - before)) for before, after in itertools.pairwise(pitches))


def rests(tone: Tone) -> int:
    return sum(not pitch for pitch, _ in tone.value)


def test_no_two_tones_have_the_same_contour_or_the_same_length() -> None:
    assert len({(contour(tone), rests(tone)) for tone in Tone}) == len(Tone)
    assert len({len(tone_frames(tone)) for tone in Tone}) == len(Tone)


@pytest.mark.parametrize(
    ("tone", "end"),
    [
        (Tone.GRANTED, "higher"),
        (Tone.YOUR_TURN, "higher"),
        (Tone.BACK, "higher"),
        (Tone.DENIED, "lower"),
        (Tone.ENDED, "lower"),
        (Tone.LOST, "lower"),
    ],
)
def test_good_news_ends_higher_and_bad_news_lower_than_it_began(tone: Tone, end: str) -> None:
    sound = np.frombuffer(b"".join(tone_frames(tone)), dtype=np.int16)
    first, last = pitch_of(sound[:2400]), pitch_of(np.trim_zeros(sound)[-2400:])

    assert (last > first) == (end == "higher")


def pitch_of(sound: npt.NDArray[np.int16]) -> float:
    """The strongest frequency, Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 16))
    return float(np.argmax(spectrum) * 48_000 / (1 << 16))


def test_a_sound_of_any_length_becomes_whole_frames() -> None:
    sound = np.full(1000, 9, dtype=np.int16)

    first, second = frames_of(sound)

    assert first == flat(9)
    assert second == sound[960:].tobytes() + bytes(1840)


def test_no_gain_leaves_the_very_same_octets() -> None:
    frame = flat(1000)

    assert amplified(frame, 0.0) is frame
    assert Gain().apply(frame, 0.0) is frame


@pytest.mark.parametrize(
    ("decibels", "value", "expected"),
    [
        (6.0206, 1000, 2000),
        (-6.0206, 1000, 500),
        (-40.0, 10_000, 100),
        (-90.0, 10_000, 100),  # held to the least
        (12.0, 30_000, 32_767),  # saturates
        (12.0, -30_000, -32_768),
        (90.0, 1000, 3981),  # held to the most
    ],
)
def test_decibels_make_samples_larger_or_smaller(
    decibels: float, value: int, expected: int
) -> None:
    assert amplified(flat(value), decibels) == flat(expected)


def test_a_gain_that_changes_glides_within_one_frame() -> None:
    gain = Gain()
    gain.apply(flat(10_000), 0.0)

    glide = np.frombuffer(gain.apply(flat(10_000), -20.0), dtype=np.int16).astype(int)

    assert (glide[0], glide[-1]) == (10_000, 1000)
    assert np.abs(np.diff(glide)).max() < 12
    assert gain.apply(flat(10_000), -20.0) == flat(1000)
