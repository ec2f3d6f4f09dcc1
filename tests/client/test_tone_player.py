"""Tones: in order, at most a second late, as loud as wanted, or replaced, or not at all."""

import numpy as np
import pytest

from ptt.client.settings import Settings
from ptt.client.tone_player import MOST_BEHIND, TonePlayer
from ptt.media.frames import FRAME_SECONDS
from ptt.media.level import level_dbfs
from ptt.media.tones import Tone, tone_frames


def rest(player: TonePlayer) -> list[bytes]:
    frames: list[bytes] = []
    while frame := player.next_frame():
        frames += frame
    return frames


def test_a_tone_is_played_to_its_end_before_the_next() -> None:
    player = TonePlayer(Settings())
    player.play(Tone.QUEUED)
    first = player.next_frame()
    player.play(Tone.GRANTED)

    assert first + rest(player) == [*tone_frames(Tone.QUEUED), *tone_frames(Tone.GRANTED)]


def test_a_tone_that_waits_already_is_not_played_twice() -> None:
    player = TonePlayer(Settings())
    for _ in range(5):
        player.play(Tone.ENDED)

    assert rest(player) == list(tone_frames(Tone.ENDED))


def test_a_tone_may_come_again_once_it_sounds() -> None:
    player = TonePlayer(Settings())
    player.play(Tone.ENDED)
    player.next_frame()
    player.play(Tone.ENDED)

    assert len(rest(player)) == 2 * len(tone_frames(Tone.ENDED)) - 1


def test_no_tone_begins_more_than_a_second_late() -> None:
    long = 8000 * np.ones(2 * 48_000, dtype=np.int16)
    player = TonePlayer(Settings(tone_sounds={Tone.DENIED: long.tobytes()}))
    player.play(Tone.DENIED)
    player.next_frame()
    player.play(Tone.GRANTED)

    faded, *after = rest(player)

    assert after == list(tone_frames(Tone.GRANTED))
    samples = np.frombuffer(faded, dtype=np.int16)
    assert (samples[0], samples[-1]) == (8000, 0)


def test_tones_within_a_second_are_all_heard() -> None:
    player = TonePlayer(Settings())
    tones = [Tone.QUEUED, Tone.YOUR_TURN, Tone.LIMIT_NEAR, Tone.ENDED, Tone.GRANTED]
    for tone in tones:
        player.play(tone)

    frames = rest(player)

    assert frames == [frame for tone in tones for frame in tone_frames(tone)]
    assert len(frames) * FRAME_SECONDS < MOST_BEHIND


@pytest.mark.parametrize("tone", Tone)
def test_a_tone_that_is_switched_off_is_not_played(tone: Tone) -> None:
    player = TonePlayer(Settings(tones=frozenset(Tone) - {tone}))
    player.play(tone)

    assert player.next_frame() == []


def test_tones_have_a_volume_of_their_own() -> None:
    player = TonePlayer(Settings(tone_volume=-12.0))
    player.play(Tone.LOST)

    softer = level_dbfs(b"".join(rest(player)))

    assert softer == pytest.approx(level_dbfs(b"".join(tone_frames(Tone.LOST))) - 12.0, abs=0.1)


def test_a_tone_can_be_replaced_by_a_sound_which_has_the_same_volume() -> None:
    sound = np.full(1000, 4000, dtype=np.int16)
    player = TonePlayer(Settings(tone_sounds={Tone.GRANTED: sound.tobytes()}, tone_volume=-6.0206))
    player.play(Tone.GRANTED)

    played = np.frombuffer(b"".join(rest(player)), dtype=np.int16)

    assert played.tolist() == 1000 * [2000] + 920 * [0]


def test_other_settings_hold_from_the_next_tone_on() -> None:
    player = TonePlayer(Settings())
    player.play(Tone.QUEUED)
    first = player.next_frame()
    player.play(Tone.LOST)
    player.change(Settings(tones=frozenset({Tone.GRANTED})))
    player.play(Tone.GRANTED)

    assert first + rest(player) == [*tone_frames(Tone.QUEUED), *tone_frames(Tone.GRANTED)]
