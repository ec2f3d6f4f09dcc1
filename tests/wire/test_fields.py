"""Fields of floor messages (TS 24.380, 8.1.3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.fields import encode_field, encode_fields, parse_fields_untrusted

fields = st.dictionaries(st.integers(0, 255), st.binary(max_size=255), max_size=8)


@pytest.mark.parametrize(
    ("field_id", "value", "octets"),
    [
        (13, b"\x80\x00", "0d028000"),
        (14, b"\x00\x00\x00\x01\x00\x00", "0e06000000010000"),
        (4, b"ptt:7", "04057074743a3700"),
        (4, b"", "04000000"),
        (191, b"a", "bf016100"),
        (192, b"a", "c0000161"),
        (200, b"ab", "c800026162000000"),
    ],
)
def test_a_field_is_padded_with_zeros_to_whole_words(
    field_id: int, value: bytes, octets: str
) -> None:
    assert encode_field(field_id, value).hex() == octets
    assert parse_fields_untrusted(bytes.fromhex(octets)) == {field_id: value}


@given(fields)
def test_all_fields_of_any_ids_survive_the_wire(written: dict[int, bytes]) -> None:
    assert parse_fields_untrusted(encode_fields(*written.items())) == written


def test_a_field_of_16_bit_length_may_be_longer_than_255_octets() -> None:
    body = encode_field(255, bytes(1000))

    assert parse_fields_untrusted(body) == {255: bytes(1000)}


def test_of_a_field_that_comes_twice_the_first_counts() -> None:
    body = encode_fields((14, b"granted"), (14, b"waiting"))

    assert parse_fields_untrusted(body) == {14: b"granted"}


@pytest.mark.parametrize(
    "body",
    [
        "0d038000",  # one octet more than there is
        "0dff8000",
        "04026162 63",  # a field without room for its length
        "c0000261",  # 16-bit length, one octet more than there is
        "c000",
        "c0",
        "04016100 ff",
        "040161",  # the padding is missing
        "04016101",  # padding that is not zero
        "c8000261 62000100",
    ],
)
def test_a_length_that_lies_is_malformed(body: str) -> None:
    with pytest.raises(MalformedPacketError):
        parse_fields_untrusted(bytes.fromhex(body))


@pytest.mark.parametrize(("field_id", "length"), [(191, 256), (192, 65536), (256, 1), (-1, 1)])
def test_what_no_field_can_hold_is_a_bug_here(field_id: int, length: int) -> None:
    with pytest.raises(LocalProtocolError):
        encode_field(field_id, bytes(length))
