"""Copies of former voice (RFC 2198)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.redundancy import (
    MAX_COPY_OCTETS,
    MAX_OFFSET_TICKS,
    RedBlock,
    encode_red,
    parse_red_untrusted,
)

copies = st.lists(
    st.tuples(st.integers(1, MAX_OFFSET_TICKS), st.binary(min_size=1, max_size=MAX_COPY_OCTETS)),
    max_size=4,
    unique_by=lambda copy: copy[0],
)


def test_copies_come_first_the_oldest_before_the_others() -> None:
    octets = encode_red(b"now", [(960, b"1"), (2880, b"three")])

    # 2880 << 10 | 5 and 960 << 10 | 1, each behind its 111 with the top bit
    assert octets == bytes.fromhex("ef2d0005 ef0f0001 6f") + b"three" + b"1" + b"now"


def test_without_copies_one_octet_stands_before_the_voice() -> None:
    assert encode_red(b"now", []) == b"\x6fnow"


@given(primary=st.binary(max_size=1200), copies=copies)
def test_all_blocks_survive_the_wire_the_newest_last(
    primary: bytes, copies: list[tuple[int, bytes]]
) -> None:
    blocks = parse_red_untrusted(encode_red(primary, copies))

    oldest_first = [RedBlock(*copy) for copy in sorted(copies, reverse=True)]
    assert blocks == [*oldest_first, RedBlock(0, primary)]


def test_empty_copies_and_copies_of_another_type_are_left_out() -> None:
    octets = bytes.fromhex("ef0f0000 e00f0002 ef0f0001 6f") + b"xx" + b"1" + b"now"

    assert parse_red_untrusted(octets) == [RedBlock(960, b"1"), RedBlock(0, b"now")]


@pytest.mark.parametrize(
    "octets",
    [
        "",
        "ef0f0001",  # no newest block
        "ef0f",  # cut header
        "ef0f0003 6f 6162",  # a copy longer than the packet
        "60 6162",  # the newest block is of another payload type
    ],
)
def test_what_contradicts_itself_is_malformed(octets: str) -> None:
    with pytest.raises(MalformedPacketError):
        parse_red_untrusted(bytes.fromhex(octets))


@pytest.mark.parametrize(
    "copy",
    [(MAX_OFFSET_TICKS + 1, b"1"), (-1, b"1"), (960, bytes(MAX_COPY_OCTETS + 1))],
    ids=["too long ago", "from the future", "too large"],
)
def test_a_copy_that_does_not_fit_is_a_bug_here(copy: tuple[int, bytes]) -> None:
    with pytest.raises(LocalProtocolError):
        encode_red(b"now", [copy])
