"""Numbers that wrap (RFC 3550, A.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.wire.sequence import TIMESTAMP_BITS, ahead, extend


@pytest.mark.parametrize(
    ("a", "b", "distance"),
    [(5, 3, 2), (3, 5, -2), (7, 7, 0), (0, 65535, 1), (65535, 0, -1), (32767, 0, 32767)],
)
def test_the_distance_goes_the_shorter_way_round(a: int, b: int, distance: int) -> None:
    assert ahead(a, b) == distance


def test_half_the_circle_counts_as_behind() -> None:
    assert ahead(32768, 0) == -32768
    assert ahead(0, 32768) == -32768


def test_timestamps_wrap_at_32_bits() -> None:
    assert ahead(960, (1 << 32) - 960, TIMESTAMP_BITS) == 1920
    assert extend(959, (1 << 32) - 1, TIMESTAMP_BITS) == (1 << 32) + 959


def test_a_number_behind_the_wrap_goes_on_counting() -> None:
    assert extend(2, 65534) == 65538


def test_a_late_number_from_before_the_wrap_is_not_taken_for_a_new_one() -> None:
    assert extend(65535, 65538) == 65535


def test_a_number_before_the_first_one_is_negative() -> None:
    assert extend(65535, 0) == -1


@given(true=st.integers(0, 1 << 40), step=st.integers(-32768, 32767))
def test_any_number_within_half_the_circle_is_found_again(true: int, step: int) -> None:
    assert extend((true + step) % 65536, true) == true + step
