"""S12: a member has the channel's key and sends in the server's name."""

from random import Random

import pytest

from ptt.client.listener import AskFloor, Doubted, Heard, Listener, ListenOrder
from ptt.client.two_senders import EVIDENCE
from ptt.media.level import level_dbfs
from ptt.media.opus import OpusEncoder
from ptt.media.talk_burst import TalkBurst
from ptt.security.srtp import VoiceSender, new_key
from ptt.wire.rtp import encode_rtp
from tests.support.speech import frames, voice

CHANNEL, EPOCH, BURST, OTHER_BURST = 1, 4000, 0x80000001, 0x80000003
KEY = new_key()
FIRST = 1000  # sequence number of the genuine burst
FRAME = 0.02  # s
ALARM_WITHIN = 1.0  # s
SPOKEN = -40.0  # dBFS


def packets(
    count: int, first: int = FIRST, *, key: bytes = KEY, ssrc: int = BURST, pitch: float = 120.0
) -> list[bytes]:
    """As whoever has the key can send them."""
    sender, burst, encoder = VoiceSender(key, EPOCH), TalkBurst(ssrc, first, 48_000), OpusEncoder()
    sound = frames(voice(count * FRAME, pitch=pitch))
    return [sender.protect(encode_rtp(burst.packet(encoder.encode(frame)))) for frame in sound]


def member(*, announced: bool = True) -> Listener:
    listener = Listener()
    listener.add_key(CHANNEL, EPOCH, KEY, "gcm", 0.0)
    if announced:
        listener.announce(CHANNEL, BURST, 10.0)
    return listener


def loudest(listener: Listener, start: float, seconds: float) -> float:
    steps = [listener.play(start + FRAME * at) for at in range(round(seconds / FRAME))]
    return max([level_dbfs(frame) for step in steps for frame in step], default=-100.0)


def doubted_at(arrivals: list[tuple[float, bytes]], listener: Listener) -> list[float]:
    """When an alarm was raised."""
    found = []
    for at, datagram in sorted(arrivals, key=lambda one: one[0]):
        orders: list[ListenOrder] = listener.receive(datagram, at)
        found += [at for order in orders if isinstance(order, Doubted)]
    return found


def every_frame(datagrams: list[bytes], start: float) -> list[tuple[float, bytes]]:
    return [(start + FRAME * at, datagram) for at, datagram in enumerate(datagrams)]


def test_in_an_idle_channel_nothing_forged_is_ever_played() -> None:
    listener = member(announced=False)
    orders, loud = [], -100.0

    for at, datagram in every_frame(packets(1000), 10.0):
        orders += listener.receive(datagram, at)
        loud = max(loud, loudest(listener, at, FRAME))

    assert set(map(type, orders)) == {AskFloor}
    assert listener.heard == 0
    assert loud == -100.0


def test_who_goes_on_with_a_burst_that_is_over_is_not_heard_for_long() -> None:
    listener = member()
    for at, datagram in every_frame(packets(20), 10.0):
        listener.receive(datagram, at)
        listener.play(at)
    listener.end(CHANNEL, 10.4)
    loud = {}

    for at, datagram in every_frame(packets(500, FIRST + 20), 10.42):
        listener.receive(datagram, at)
        loud[at] = loudest(listener, at, FRAME)

    last = max(at for at, level in loud.items() if level > SPOKEN)
    assert last < 10.4 + 2.5
    assert len(listener._bursts) == 0


@pytest.mark.parametrize("ahead", [0, 1, 10, 39, 40, 41, 60, 400, 1000, 5000, 20_000])
def test_two_senders_in_one_burst_are_noticed_within_a_second(ahead: int) -> None:
    listener = member()
    genuine = every_frame(packets(150), 10.0)
    forged = every_frame(packets(100, FIRST + 25 + ahead, pitch=180.0), 10.501)

    alarms = doubted_at(genuine + forged, listener)

    assert len(alarms) == 1, "said once"
    assert alarms[0] - 10.501 < ALARM_WITHIN
    assert listener.doubted == 1


def test_the_alarm_does_not_silence_the_talker() -> None:
    listener = member()
    doubted_at(every_frame(packets(50), 10.0) + every_frame(packets(50, FIRST + 5), 10.3), listener)

    assert loudest(listener, 11.0, 0.5) > SPOKEN


def test_forged_packets_that_fill_the_same_numbers_first_are_noticed() -> None:
    listener = member()
    genuine = every_frame(packets(50), 10.0)
    forged = every_frame(packets(50, pitch=180.0), 9.999)

    assert len(doubted_at(genuine + forged, listener)) == 1


def test_a_network_that_repeats_and_reorders_raises_no_alarm() -> None:
    seed = Random().randrange(1 << 32)
    rng = Random(seed)
    listener = member()
    arrivals = [(at + rng.uniform(0, 0.5), each) for at, each in every_frame(packets(500), 10.0)]
    twice = [(at + rng.uniform(0, 2.0), each) for at, each in arrivals if rng.random() < 0.3]

    assert doubted_at(arrivals + twice, listener) == [], f"seed {seed}"


def test_an_outage_raises_no_alarm() -> None:
    listener = member()
    arrivals = every_frame(packets(500), 10.0)

    assert doubted_at([one for one in arrivals if not 12.0 < one[0] < 16.0], listener) == []


def test_who_has_no_key_raises_no_alarm_with_new_numbers() -> None:
    listener = member()
    genuine = every_frame(packets(50), 10.0)
    rubbish = every_frame(packets(50, FIRST + 400, key=new_key()), 10.01)

    assert doubted_at(genuine + rubbish, listener) == []
    assert listener.refused == 50


def test_a_few_odd_packets_are_no_evidence() -> None:
    listener = member()
    genuine = every_frame(packets(50), 10.0)
    forged = every_frame(packets(EVIDENCE - 1, FIRST + 5), 10.7)

    assert doubted_at(genuine + forged, listener) == []


def test_in_a_strict_channel_the_key_of_another_member_opens_nothing() -> None:
    listener = member()  # in a strict channel KEY is this member's own

    for at, datagram in every_frame(packets(100, key=new_key()), 10.0):
        assert Heard(CHANNEL) not in listener.receive(datagram, at)

    assert loudest(listener, 10.0, 3.0) == -100.0


def test_a_burst_that_goes_on_after_a_long_outage_is_heard_when_it_is_announced_again() -> None:
    listener = member()
    sent = every_frame(packets(500), 10.0)
    for at, datagram in sent[:50]:
        listener.receive(datagram, at)
    listener.end(CHANNEL, 12.0)  # nothing came for a second

    orders = [order for at, one in sent[300:310] for order in listener.receive(one, at)]
    listener.announce(CHANNEL, BURST, 16.2)

    assert orders == 2 * [AskFloor(CHANNEL)]
    assert loudest(listener, 16.2, 0.5) > SPOKEN
