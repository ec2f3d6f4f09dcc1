"""S22: a talker sends what no encoder makes. It is authentic, so it reaches the decoder."""

from random import Random

import pytest

from ptt.errors import MalformedPacketError
from ptt.media.opus import OpusDecoder
from ptt.media.reception import Reception
from ptt.media.talk_burst import OPUS_PAYLOAD_TYPE, RED_PAYLOAD_TYPE
from ptt.wire.rtp import RtpPacket

PAYLOADS = 100_000
PACKETS = 5_000
LONGEST = 400  # octets
FRAME = 960  # samples
MOST_SOUND = 2 * 5760  # octets: 120 ms, the longest Opus packet


def payload(rng: Random) -> bytes:
    """Mostly short: each is decoded as whatever its first octet says."""
    return rng.randbytes(rng.randrange(1, LONGEST if rng.random() < 0.1 else 40))


@pytest.mark.slow
def test_a_hundred_thousand_random_payloads_do_not_break_the_decoder() -> None:
    seed = Random().randrange(1 << 32)
    rng, decoder = Random(seed), OpusDecoder()
    malformed = 0

    for _ in range(PAYLOADS):
        try:
            heard = decoder.decode(payload(rng))
        except MalformedPacketError:
            malformed += 1
        else:
            assert 0 < len(heard) <= MOST_SOUND, f"seed {seed}"

    assert 0 < malformed < PAYLOADS, f"seed {seed}"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [OPUS_PAYLOAD_TYPE, RED_PAYLOAD_TYPE])
def test_random_voice_is_played_or_dropped_and_nothing_raises(kind: int) -> None:
    seed = Random().randrange(1 << 32)
    rng = Random(seed)
    reception = Reception(1)

    for number in range(PACKETS):
        at = number + rng.randrange(-5, 50)
        timestamp = rng.choice([FRAME * at, rng.randrange(1 << 32)]) % (1 << 32)
        packet = RtpPacket(kind, at % (1 << 16), timestamp, 1, payload(rng))
        reception.receive(packet, 0.02 * number)
        frame = reception.play(0.02 * number)
        assert frame is None or len(frame) == 2 * FRAME, f"seed {seed}"

    assert reception.statistics(0.02 * PACKETS).malformed > 0
