"""Timers and counters of floor control, in seconds.

Values of TS 24.380 clause 11 where nothing is said; what a LAN allows to be shorter is ours.
"""

# Specification (TS 24.380, tables 11.1.3-1 and 11.2.1-1)
MAX_RETRY_PHASE = 6.0  # s, T100 and T101 with all repeats must stay below
REVOKE_LIMIT = 3  # sends of Floor Revoke while nobody obeys
GRANTED_LIMIT = 3  # C20
QUEUE_POSITION_LIMIT = 3  # C104

# Implementation
T100_FLOOR_RELEASE = 0.150  # s, doubles with each repeat
T101_FLOOR_REQUEST = 0.150  # s, doubles with each repeat
T104_QUEUE_POSITION = 0.250  # s, doubles with each repeat
T1_END_OF_MEDIA = 1.0  # s, the standard's 4 keeps a vanished talker too long
T103_END_OF_MEDIA = T1_END_OF_MEDIA  # the same event seen by a listener
FIRST_MEDIA = 2.0  # s, T1 and T103 from the grant on: the third copy of it may be the first to come
T7_FLOOR_IDLE = 1.0  # s
IDLE_LIMIT = 3  # C7
T8_FLOOR_REVOKE = 0.250  # s
T20_FLOOR_GRANTED = 0.250  # s
RETRY_AFTER = 3.0  # s, wait of a person whose floor was taken for talking too long
TALKED_LATELY = 60.0  # s, who talked since then does not overtake an equal who did not


def retries(first: float, limit: float = MAX_RETRY_PHASE) -> list[float]:
    """Waits before each repeat: `first`, doubling, less than `limit` in all."""
    waits: list[float] = []
    while sum(waits) + first < limit:
        waits.append(first)
        first *= 2
    return waits
