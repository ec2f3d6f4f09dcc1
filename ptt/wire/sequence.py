"""Arithmetic with numbers that wrap: RTP sequence numbers and timestamps (RFC 3550, A.1).

Pure. Does not judge sources: a jump of any size is only a number here.
"""

SEQUENCE_BITS = 16
TIMESTAMP_BITS = 32


def ahead(a: int, b: int, bits: int = SEQUENCE_BITS) -> int:
    """How far `a` is ahead of `b` on the shorter way round; negative if it is behind.

    Half the circle, where both ways are equally long, counts as behind.
    """
    half = 1 << (bits - 1)
    return ((a - b + half) & ((1 << bits) - 1)) - half


def extend(number: int, near: int, bits: int = SEQUENCE_BITS) -> int:
    """The number without wrap that ends in `number` and is nearest to `near`.

    `near` is a former result (or the first number seen); the result may be below it, and below
    zero if it is from before the first one.
    """
    return near + ahead(number, near, bits)
