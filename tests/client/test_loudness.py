"""Volume by person, and which channel stays as it is when others are lowered."""

import numpy as np
import pytest

from ptt.client.loudness import Loudness, Source

WORKSHOP, STORE, BOARD = 1, 2, 3
FRAME = np.full(960, 10_000, dtype=np.int16).tobytes()


def loud(frame: bytes) -> int:
    return int(np.frombuffer(frame, dtype=np.int16)[-1])


def heard(loudness: Loudness, *sources: Source) -> list[int]:
    return [loud(frame) for frame in loudness.balance([(source, FRAME) for source in sources])]


def test_by_default_every_voice_is_left_as_it_is() -> None:
    workshop, store = Source(WORKSHOP, "Anna", began=1.0), Source(STORE, "Ben", began=2.0)

    first, second = Loudness().balance([(workshop, FRAME), (store, FRAME)])

    assert first is FRAME
    assert second is FRAME


def test_a_person_has_a_volume_in_every_channel() -> None:
    loudness = Loudness()
    loudness.change({"Anna": -20.0}, ducking=0.0)

    assert heard(loudness, Source(WORKSHOP, "Anna"), Source(STORE, "Ben")) == [1000, 10_000]
    assert heard(loudness, Source(BOARD, "Anna")) == [1000]


def test_a_muted_channel_is_not_heard() -> None:
    loudness = Loudness()
    loudness.muted = frozenset({WORKSHOP})

    assert heard(loudness, Source(WORKSHOP, "Anna"), Source(STORE, "Ben")) == [10_000]


def test_a_volume_that_is_too_much_saturates() -> None:
    loudness = Loudness()
    loudness.change({"Anna": 12.0}, ducking=0.0)

    assert heard(loudness, Source(WORKSHOP, "Anna")) == [32_767]


def test_a_voice_alone_is_never_lowered() -> None:
    loudness = Loudness()
    loudness.chosen = STORE
    loudness.change({}, ducking=20.0)

    assert heard(loudness, Source(WORKSHOP, "Anna")) == [10_000]


@pytest.mark.parametrize(
    ("chosen", "emergency", "expected"),
    [
        (None, None, BOARD),  # began last
        (STORE, None, STORE),
        (STORE, WORKSHOP, WORKSHOP),
    ],
)
def test_one_channel_stays_as_it_is_and_the_others_are_lowered(
    chosen: int | None, emergency: int | None, expected: int
) -> None:
    loudness = Loudness()
    loudness.chosen = chosen
    loudness.change({}, ducking=20.0)
    sources = [
        Source(channel, began=began, emergency=channel == emergency)
        for channel, began in ((WORKSHOP, 1.0), (BOARD, 3.0), (STORE, 2.0))
    ]

    levels = dict(zip((WORKSHOP, BOARD, STORE), heard(loudness, *sources), strict=True))

    assert levels == {n: 10_000 if n == expected else 1000 for n in (WORKSHOP, BOARD, STORE)}


def test_volume_and_ducking_add_up() -> None:
    loudness = Loudness()
    loudness.change({"Anna": -6.0}, ducking=14.0)

    levels = heard(loudness, Source(WORKSHOP, "Anna", 1.0), Source(STORE, "Ben", 2.0))

    assert levels == [1000, 10_000]


def test_two_bursts_of_one_channel_do_not_lower_each_other() -> None:
    loudness = Loudness()
    loudness.change({}, ducking=20.0)

    assert heard(loudness, Source(STORE, began=1.0), Source(STORE, began=2.0)) == [10_000, 10_000]
