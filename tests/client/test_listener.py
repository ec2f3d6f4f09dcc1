"""Which voice is heard: announced, under a known key, once."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.client.held_voice import HOLD_PACKETS
from ptt.client.listener import (
    BEGINS_WITHIN,
    AskFloor,
    AskKey,
    Heard,
    Listener,
    ListenOrder,
    Report,
)
from ptt.media.level import level_dbfs
from ptt.media.opus import OpusEncoder
from ptt.media.talk_burst import TalkBurst
from ptt.security.epochs import MAX_KEYS
from ptt.security.srtp import GCM, INTEROP, VoiceSender, new_key
from ptt.wire.rtp import encode_rtp
from tests.support.speech import frames, voice

WORKSHOP, STORE = 1, 2
EPOCH = 4000
BURST, OTHER_BURST = 0x80000001, 0x80000003


class Relay:
    """The server's side of one channel's voice."""

    def __init__(self, channel: int = WORKSHOP, epoch: int = EPOCH, profile: str = GCM) -> None:
        self.channel, self.epoch, self.profile = channel, epoch, profile
        self.key = new_key(profile)
        self.sender = VoiceSender(self.key, epoch, profile)

    def tell_key(self, listener: Listener, now: float = 0.0) -> list[ListenOrder]:
        return listener.add_key(self.channel, self.epoch, self.key, self.profile, now)

    def packets(self, ssrc: int = BURST, count: int = 20, first: int = 100) -> list[bytes]:
        burst, encoder = TalkBurst(ssrc, first, 48_000), OpusEncoder()
        return [
            self.sender.protect(encode_rtp(burst.packet(encoder.encode(frame))))
            for frame in frames(voice(count * 0.02))
        ]


def hear(listener: Listener, packets: Iterable[bytes], start: float = 10.0) -> list[ListenOrder]:
    """One packet every 20 ms."""
    orders = []
    for at, packet in enumerate(packets):
        orders += listener.receive(packet, start + 0.02 * at)
    return orders


def loudness(listener: Listener, start: float = 10.0, seconds: float = 2.0) -> float:
    """How loud it is at the loudest, dBFS, when played from `start` on."""
    loudest = -100.0
    for at in range(round(seconds * 50)):
        loudest = max([loudest, *map(level_dbfs, listener.play(start + 0.02 * at))])
    return loudest


SPOKEN = -40.0


def test_an_announced_burst_under_a_known_key_is_heard() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)

    assert hear(listener, relay.packets(count=5)) == 5 * [Heard(WORKSHOP)]
    assert loudness(listener) > SPOKEN


def test_a_burst_that_was_not_announced_is_asked_for_and_not_heard() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)

    orders = hear(listener, relay.packets(count=20))

    assert orders == 3 * [AskFloor(WORKSHOP)]  # 0.4 s, one in 150 ms
    assert listener.play(10.5) == []


def test_a_late_announcement_costs_no_syllable() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    hear(listener, relay.packets(count=20))

    assert listener.announce(WORKSHOP, BURST, 10.4) == []
    assert loudness(listener, 10.4) > SPOKEN


def test_what_came_more_than_a_second_before_its_announcement_is_not_heard() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    hear(listener, relay.packets(count=20))

    listener.announce(WORKSHOP, BURST, 11.5)

    assert loudness(listener, 11.5) == -100.0


def test_voice_of_an_unknown_epoch_is_heard_when_the_key_comes() -> None:
    listener, relay = Listener(), Relay()
    listener.announce(WORKSHOP, BURST, 10.0)
    before = hear(listener, relay.packets(count=20))

    after = relay.tell_key(listener, 10.4)

    assert before == [AskKey(WORKSHOP)]
    assert after == 20 * [Heard(WORKSHOP)]
    assert loudness(listener, 10.4) > SPOKEN


def test_the_key_is_asked_for_once_a_second() -> None:
    listener, relay = Listener(), Relay()
    listener.announce(WORKSHOP, BURST, 10.0)

    assert hear(listener, relay.packets(count=101)) == 3 * [AskKey(WORKSHOP)]


def test_key_and_announcement_may_both_be_late() -> None:
    listener, relay = Listener(), Relay()
    hear(listener, relay.packets(count=10))

    assert listener.announce(WORKSHOP, BURST, 10.25) == [AskKey(WORKSHOP)]
    relay.tell_key(listener, 10.3)
    assert loudness(listener, 10.3) > SPOKEN


def test_no_more_than_64_sealed_packets_are_kept() -> None:
    listener, relay = Listener(), Relay()
    listener.announce(WORKSHOP, BURST, 10.0)
    for packet in relay.packets(count=100):
        listener.receive(packet, 10.0)

    assert relay.tell_key(listener, 10.1) == HOLD_PACKETS * [Heard(WORKSHOP)]


def test_a_member_of_one_channel_cannot_speak_in_another() -> None:
    listener, workshop, store = Listener(), Relay(WORKSHOP, 1), Relay(STORE, 2)
    workshop.tell_key(listener)
    store.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)

    assert hear(listener, store.packets(BURST)) == []
    assert listener.refused == 20
    assert loudness(listener) == -100.0


def test_a_packet_is_heard_once() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    packets = relay.packets(count=10)
    hear(listener, packets)

    assert hear(listener, packets) == []
    assert listener.refused == 10


def test_an_epoch_that_changes_inside_a_burst_loses_nothing() -> None:
    listener, former, fresh = Listener(), Relay(epoch=1), Relay(epoch=2)
    former.tell_key(listener)
    fresh.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    former_half = former.packets(count=10)
    fresh_half = fresh.packets(count=10, first=110)

    orders = hear(listener, former_half[:9] + fresh_half[:5] + former_half[9:] + fresh_half[5:])

    assert orders == 20 * [Heard(WORKSHOP)]


def test_two_channels_are_heard_at_once() -> None:
    listener, workshop, store = Listener(), Relay(WORKSHOP, 1), Relay(STORE, 2)
    for relay, burst in ((workshop, BURST), (store, OTHER_BURST)):
        relay.tell_key(listener)
        listener.announce(relay.channel, burst, 10.0)
        hear(listener, relay.packets(burst))

    assert max(len(listener.play(10.2 + 0.02 * at)) for at in range(10)) == 2


def test_a_burst_is_heard_to_its_last_syllable_after_its_end() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    played = []
    for at, packet in enumerate(relay.packets(count=10)):
        listener.receive(packet, 10.0 + 0.02 * at)
        played += listener.play(10.01 + 0.02 * at)

    [report] = listener.end(WORKSHOP, 10.2)
    played += [frame for at in range(100) for frame in listener.play(10.21 + 0.02 * at)]

    assert isinstance(report, Report)
    assert len(played) == 10


def test_a_left_channel_is_silent_at_once() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    packets = relay.packets(count=20)
    hear(listener, packets[:10])

    listener.drop_channel(WORKSHOP)

    assert hear(listener, packets[10:]) == []
    assert listener.play(10.2) == []


def test_voice_that_goes_on_after_its_supposed_end_is_heard_and_asked_about() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    packets = relay.packets(count=40)
    hear(listener, packets[:20])
    listener.end(WORKSHOP, 11.4)  # nothing came for a second: T103
    loudness(listener, 10.4, 1.6)

    orders = hear(listener, packets[20:], start=12.4)

    assert AskFloor(WORKSHOP) in orders
    assert loudness(listener, 12.8, 0.2) > SPOKEN
    listener.announce(WORKSHOP, BURST, 12.9)
    assert listener.expecting


def test_the_voice_of_the_moment_before_the_end_is_no_reason_to_ask() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    packets = relay.packets(count=10)
    hear(listener, packets[:9])
    listener.end(WORKSHOP, 10.2)

    assert listener.receive(packets[9], 10.21) == []


def test_the_server_hears_every_second_how_a_burst_arrives() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    packets = relay.packets(count=40)
    hear(listener, [packet for at, packet in enumerate(packets) if at % 4 != 2])

    assert listener.deadline == 11.0
    [order] = listener.handle_deadline(11.0)
    assert isinstance(order, Report)
    assert order.channel == WORKSHOP
    assert order.block.ssrc == BURST
    assert order.block.fraction_lost == pytest.approx(0.25, abs=0.01)
    assert listener.hearing(WORKSHOP).loss == order.block.fraction_lost
    assert listener.deadline == 12.0


def test_nothing_is_reported_of_a_burst_that_nobody_heard() -> None:
    listener = Listener()
    listener.announce(WORKSHOP, BURST, 10.0)

    assert listener.handle_deadline(11.0) == []
    assert listener.end(WORKSHOP, 12.0) == []


def test_an_interop_channel_is_heard_without_an_mki() -> None:
    listener, relay = Listener(), Relay(profile=INTEROP)
    relay.tell_key(listener)
    before = hear(listener, relay.packets(count=5))

    listener.announce(WORKSHOP, BURST, 10.1)

    assert before == [AskFloor(WORKSHOP)]
    assert loudness(listener, 10.1) > SPOKEN


def test_after_sleep_nothing_old_is_played() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    hear(listener, relay.packets(count=20))

    listener.forget_sound()

    assert loudness(listener, 40.0) == -100.0


def test_a_former_key_is_forgotten_two_seconds_after_the_next_is_used() -> None:
    listener, former, fresh = Listener(), Relay(epoch=1), Relay(epoch=2)
    former.tell_key(listener)
    fresh.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    old = former.packets(count=3)
    hear(listener, old[:1], 10.0)
    hear(listener, fresh.packets(count=1, first=110), 10.5)
    in_time = hear(listener, old[1:2], 12.4)

    listener.handle_deadline(12.5)

    assert in_time == [Heard(WORKSHOP)]
    assert hear(listener, old[2:], 12.6) == [AskKey(WORKSHOP)]


def test_only_the_newest_epochs_of_a_channel_are_kept() -> None:
    listener = Listener()
    relays = [Relay(epoch=epoch) for epoch in range(MAX_KEYS + 2)]
    for relay in relays:
        relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)

    heard = [Heard(WORKSHOP) in hear(listener, relay.packets(count=1)) for relay in relays]

    assert heard == 2 * [False] + MAX_KEYS * [True]


def test_a_key_that_is_told_twice_does_not_let_old_packets_in_again() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    packets = relay.packets(count=10)
    hear(listener, packets)

    relay.tell_key(listener)

    assert hear(listener, packets) == []


def delay_of_next_burst(*, jitter: float, next_talker: str) -> float:
    """How long voice is held back after a burst of Anna's with that jitter, in seconds."""
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    for calm in range(2):  # two calm bursts first, so that the jitter is hers and not ours
        calm_burst = BURST + 100 + calm
        listener.announce(WORKSHOP, calm_burst, 8.0 + calm, talker="ptt:carl")
        hear(listener, relay.packets(calm_burst, count=10), 8.0 + calm)
        listener.end(WORKSHOP, 8.5 + calm)
    listener.announce(WORKSHOP, BURST + 50, 10.0, talker="ptt:anna")
    for at, packet in enumerate(relay.packets(BURST + 50, count=60)):
        listener.receive(packet, 10.0 + 0.02 * at + jitter * (at % 3 == 0))
        listener.play(10.01 + 0.02 * at)
    listener.end(WORKSHOP, 12.0)
    listener.announce(WORKSHOP, OTHER_BURST, 12.0, talker=next_talker)
    for at, packet in enumerate(relay.packets(OTHER_BURST, count=50)):
        listener.receive(packet, 12.0 + 0.02 * at)
        listener.play(12.01 + 0.02 * at)
    listener.handle_deadline(13.0)
    return listener.hearing(WORKSHOP).playout_delay


def test_what_a_talkers_burst_taught_about_the_network_serves_his_next() -> None:
    taught = delay_of_next_burst(jitter=0.12, next_talker="ptt:anna")
    calm = delay_of_next_burst(jitter=0.0, next_talker="ptt:anna")

    assert taught > calm + 0.05


def test_the_delay_of_one_bad_talker_does_not_stay_for_the_next() -> None:
    after_bad = delay_of_next_burst(jitter=0.12, next_talker="ptt:ben")
    calm = delay_of_next_burst(jitter=0.0, next_talker="ptt:ben")

    assert after_bad == pytest.approx(calm, abs=0.001)


@pytest.mark.slow
@given(st.lists(st.binary(max_size=200)))
def test_random_octets_never_raise(datagrams: list[bytes]) -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    listener.announce(WORKSHOP, BURST, 10.0)
    real = relay.packets(count=2)

    for datagram in [
        *datagrams,
        real[0][:-4] + b"bent",
        *(real[1][:-9] + octets for octets in datagrams),
    ]:
        assert Heard(WORKSHOP) not in listener.receive(datagram, 10.0)


def test_what_came_before_its_key_is_counted() -> None:
    listener, relay = Listener(), Relay()
    listener.announce(WORKSHOP, BURST, 10.0)

    hear(listener, relay.packets(count=3))
    relay.tell_key(listener, 10.1)

    assert (listener.early, listener.heard, listener.refused, listener.epochs) == (3, 3, 0, 1)


def test_a_burst_is_about_to_sound_from_its_announcement_to_its_first_sound() -> None:
    listener, relay = Listener(), Relay()
    relay.tell_key(listener)
    before = listener.is_about_to_sound(10.0)
    listener.announce(WORKSHOP, BURST, 10.0)
    announced = listener.is_about_to_sound(10.0)
    hear(listener, relay.packets(count=4), start=10.0)
    loudness(listener, 10.02, 0.06)

    assert (before, announced, listener.is_about_to_sound(10.08)) == (False, True, False)


def test_a_voice_that_does_not_come_is_not_waited_for_in_short_steps() -> None:
    listener = Listener()
    listener.announce(WORKSHOP, BURST, 10.0)

    assert not listener.is_about_to_sound(10.0 + BEGINS_WITHIN)
