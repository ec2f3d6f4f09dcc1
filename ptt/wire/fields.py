"""Fields of floor messages: id, length, value, zero padding (3GPP TS 24.380, 8.1.3 and 8.2.3).

    | id < 192  | length (8)  | value ...                 | 0 to 3 zero octets |
    | id >= 192 | length (16)               | value ...   | 0 to 3 zero octets |

The length counts the octets of the value alone; id, length, value and padding together fill
whole words. Does not know what a value means: see floor_codec.py.
"""

from ptt.errors import LocalProtocolError, MalformedPacketError

# Specification
FIRST_LONG_ID = 192  # from here on the length has two octets
_MAX_ID = 255


def encode_field(field_id: int, value: bytes) -> bytes:
    """One field with its padding; raises LocalProtocolError if the value is too long."""
    if not 0 <= field_id <= _MAX_ID:
        raise LocalProtocolError(f"There is no floor message field {field_id}.")
    length_octets = _length_octets(field_id)
    if len(value) >= 1 << (8 * length_octets):
        raise LocalProtocolError(f"{len(value)} octets are too many for field {field_id}.")
    field = bytes([field_id]) + len(value).to_bytes(length_octets, "big") + value
    return field + bytes(-len(field) % 4)


def encode_fields(*fields: tuple[int, bytes]) -> bytes:
    """Several fields, in the order given."""
    return b"".join(encode_field(field_id, value) for field_id, value in fields)


def parse_fields_untrusted(body: bytes) -> dict[int, bytes]:
    """All fields by id, unknown ones too; raises only MalformedPacketError.

    If a field comes twice, the first one counts: what repeats (off-network lists of queued
    stations) comes behind what does not. Padding that is not zero is refused, because it shows
    that sender and receiver do not agree on a length.
    """
    fields: dict[int, bytes] = {}
    at = 0
    while at < len(body):
        field_id, value, at = _parse_field(body, at)
        fields.setdefault(field_id, value)
    return fields


def _parse_field(body: bytes, at: int) -> tuple[int, bytes, int]:
    """Id and value of the field that starts at `at`, and where the next one starts."""
    field_id = body[at]
    start = at + 1 + _length_octets(field_id)
    end = start + int.from_bytes(body[at + 1 : start], "big")
    following = end + (at - end) % 4
    if following > len(body):
        raise MalformedPacketError(f"field {field_id} is longer than its message")
    if any(body[end:following]):
        raise MalformedPacketError(f"padding of field {field_id} that is not zero")
    return field_id, body[start:end], following


def _length_octets(field_id: int) -> int:
    return 1 if field_id < FIRST_LONG_ID else 2
