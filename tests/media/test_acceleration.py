"""One pitch period less or more: the same voice, without a break."""

import numpy as np
import pytest

from ptt.media.acceleration import MAX_PERIOD, WINDOW, find_period, lengthen, shorten
from ptt.media.decoded_sound import DecodedSound
from ptt.media.opus import OpusEncoder
from tests.support import speech


def tone(hertz: float, samples: int = WINDOW) -> speech.Samples:
    wave = 8000 * np.sin(2 * np.pi * hertz * np.arange(samples) / 48_000)
    return np.asarray(wave, dtype=np.int16)


def noise(samples: int = WINDOW) -> speech.Samples:
    return np.asarray(np.random.default_rng(3).standard_normal(samples) * 3000, dtype=np.int16)


def roughness(sound: speech.Samples) -> int:
    """The largest step of the second difference: what a click looks like."""
    return int(np.abs(np.diff(sound.astype(int), 2)).max())


@pytest.mark.parametrize("hertz", [75, 100, 150, 220, 300, 390])
def test_the_period_of_a_voice_is_found(hertz: int) -> None:
    period = find_period(tone(hertz))

    assert period.likeness > 0.99
    cycles = period.samples * hertz / 48_000
    assert cycles == pytest.approx(round(cycles), abs=0.05)


def test_noise_resembles_nothing() -> None:
    assert find_period(noise()).likeness < 0.5


def test_silence_resembles_itself_at_any_distance() -> None:
    period = find_period(np.zeros(WINDOW, dtype=np.int16))

    assert (period.samples, period.likeness) == (MAX_PERIOD, 1.0)


def test_too_little_sound_has_no_period() -> None:
    assert find_period(tone(200)[:200]).likeness < 0


def test_a_period_is_never_longer_than_allowed() -> None:
    assert find_period(tone(75), longest=300).samples <= 300


@pytest.mark.parametrize("hertz", [80, 130, 240])
def test_shorter_and_longer_sound_is_as_smooth_as_before(hertz: int) -> None:
    sound = tone(hertz, 2880)
    period = find_period(sound).samples

    assert len(shorten(sound, period)) == len(sound) - period
    assert len(lengthen(sound, period)) == len(sound) + period
    assert roughness(shorten(sound, period)) <= roughness(sound) + 4
    assert roughness(lengthen(sound, period)) <= roughness(sound) + 4


def test_beginning_and_end_stay_what_they_were() -> None:
    sound = speech.voice(0.1)

    assert np.array_equal(shorten(sound, 400)[400:], sound[800:])
    assert np.array_equal(lengthen(sound, 400)[:400], sound[:400])
    assert np.array_equal(lengthen(sound, 400)[800:], sound[400:])


def pitch_of(sound: speech.Samples) -> float:
    """The strongest line below 300 Hz."""
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound)), 1 << 18))
    return float(np.argmax(spectrum[: round(300 / 48_000 * (1 << 18))]) * 48_000 / (1 << 18))


def test_a_quarter_less_sound_has_the_same_pitch() -> None:
    queue, unhurried, encoder = DecodedSound(), DecodedSound(), OpusEncoder()
    sound = np.tile(tone(150, 960), 50)  # 150 Hz: three periods a frame
    for frame in speech.frames(sound):
        packet = encoder.encode(frame)
        queue.decode(packet)
        unhurried.decode(packet)

    heard = b""
    while len(queue) >= WINDOW:
        queue.shorten(330, 0.8)
        heard += queue.take()

    played = speech.samples(heard)
    assert len(played) < 0.8 * len(sound)
    assert pitch_of(played[2000:]) == pytest.approx(150, abs=1)
    plain = speech.samples(b"".join(unhurried.take() for _ in range(50)))
    assert roughness(played[2000:]) <= 1.5 * roughness(plain[2000:])
