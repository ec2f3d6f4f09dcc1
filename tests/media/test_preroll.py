"""What the microphone's memory keeps, and what it must not keep."""

import pytest

from ptt.media.preroll import PreRoll, PreRollLevel


def frame(number: int) -> bytes:
    return number.to_bytes(2, "big") * 960


def fill(preroll: PreRoll, numbers: range) -> None:
    for number in numbers:
        preroll.add(frame(number))


def test_from_key_down_nothing_said_before_is_kept() -> None:
    preroll = PreRoll(PreRollLevel.FROM_KEY_DOWN)
    fill(preroll, range(10))
    preroll.begin()
    fill(preroll, range(10, 13))

    assert preroll.seconds == pytest.approx(0.060)
    assert preroll.take() == [frame(n) for n in (10, 11, 12)]
    assert preroll.take() == []


def test_always_warm_keeps_the_last_400_ms_and_all_that_follows() -> None:
    preroll = PreRoll(PreRollLevel.ALWAYS_WARM)
    fill(preroll, range(50))
    preroll.begin()
    fill(preroll, range(50, 80))

    assert preroll.take() == [frame(n) for n in range(30, 80)]


def test_off_keeps_nothing() -> None:
    preroll = PreRoll(PreRollLevel.OFF)
    preroll.begin()
    fill(preroll, range(5))

    assert preroll.take() == []


def test_a_long_wait_keeps_the_newest_and_no_more_than_the_limit() -> None:
    preroll = PreRoll(PreRollLevel.FROM_KEY_DOWN, limit_seconds=0.1)
    preroll.begin()
    fill(preroll, range(20))

    assert preroll.take() == [frame(n) for n in range(15, 20)]


@pytest.mark.parametrize("level", PreRollLevel)
def test_after_clearing_nothing_is_left(level: PreRollLevel) -> None:
    preroll = PreRoll(level)
    preroll.begin()
    fill(preroll, range(5))

    preroll.clear()

    assert preroll.seconds == 0
    assert preroll.take() == []
