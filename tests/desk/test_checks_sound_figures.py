"""What a second of sound tells about a microphone, and a tone about a loudspeaker."""

import numpy as np
import pytest

from ptt.media.frames import FRAME_SAMPLES, SILENCE
from ptt_desk.checks.sound_figures import (
    TONE_DBFS,
    TONE_SECONDS,
    figures_of,
    tone,
    tone_above_noise,
)

SEED = 20


def noise(frames: int, dbfs: float) -> list[bytes]:
    rng = np.random.default_rng(SEED)
    loud = rng.normal(0, 32768 * 10 ** (dbfs / 20), (frames, FRAME_SAMPLES))
    return [frame.tobytes() for frame in np.clip(loud, -32768, 32767).astype(np.int16)]


def mixed(*sounds: list[bytes]) -> list[bytes]:
    waves = [np.frombuffer(b"".join(sound), np.int16).astype(np.int32) for sound in sounds]
    total = np.clip(sum(waves), -32768, 32767).astype(np.int16)
    return [frame.tobytes() for frame in total.reshape(-1, FRAME_SAMPLES)]


def echo(dbfs: float) -> list[bytes]:
    """The tone as a microphone hears it, 200 ms late, with noise of that level."""
    late = [*[SILENCE] * 10, *tone(), *[SILENCE] * 10]
    quiet = [(np.frombuffer(frame, np.int16) // 10).tobytes() for frame in late]
    return mixed(quiet, noise(len(quiet), dbfs))


def test_a_microphone_that_gives_but_zeros_is_dead() -> None:
    assert figures_of([SILENCE] * 50).dead
    assert not figures_of(noise(50, -90.0)).dead


def test_level_and_noise_floor_are_told_apart() -> None:
    figures = figures_of([*noise(40, -60.0), *noise(10, -20.0)])

    assert figures.noise == pytest.approx(-60.0, abs=1.0)
    assert figures.level == pytest.approx(-27.0, abs=1.0)


def test_samples_at_full_scale_are_counted_as_clipped() -> None:
    assert figures_of(noise(50, 0.0)).clipped > 0.1
    assert figures_of(noise(50, -20.0)).clipped == 0.0


def test_the_tone_is_modest_and_fills_its_frames() -> None:
    figures = figures_of(tone())

    assert figures.peak == pytest.approx(TONE_DBFS, abs=0.1)
    assert len(tone()) == round(TONE_SECONDS / 0.020)


def test_a_tone_that_comes_late_and_quiet_is_heard_in_a_noisy_room() -> None:
    assert tone_above_noise(noise(20, -50.0), echo(-50.0)) > 10.0


def test_a_room_without_the_tone_has_none() -> None:
    assert tone_above_noise(noise(20, -50.0), noise(60, -50.0)) < 6.0


def test_a_knock_on_the_desk_is_no_tone() -> None:
    heard = [*noise(20, -50.0), *noise(5, -6.0), *noise(35, -50.0)]

    assert tone_above_noise(noise(20, -50.0), heard) < 6.0


def test_too_short_a_recording_proves_nothing() -> None:
    assert tone_above_noise(noise(20, -50.0), list(tone())[:5]) == 0.0
