"""What is protected opens once, under its own key, and forged octets change nothing.

That others would read it the same way: test_srtp_against_vectors.py and tests/interop.
"""

import gc
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import AuthenticationError, LocalProtocolError, MalformedPacketError
from ptt.security import srtp
from ptt.security.srtp import (
    GCM,
    INTEROP,
    MAX_RETIRED,
    MAX_SOURCES,
    REPLAY_WINDOW,
    ControlReceiver,
    ControlSender,
    UplinkReceiver,
    UplinkSender,
    VoiceReceiver,
    VoiceSender,
    mki,
    new_key,
)
from ptt.wire.rtp import RtpPacket, encode_rtp
from tests.support.srtp_reference import protect_rtp_gcm

BURST = 0x9000_0001
CONTROL = 0x0000_1234
EPOCH = 0x2A5C01F7
KEY = bytes(range(28))
OTHER_KEY = bytes(range(1, 29))
INTEROP_KEY = bytes(range(30))


def voice(sequence: int, ssrc: int = BURST, payload: bytes = b"a frame of opus") -> bytes:
    return encode_rtp(RtpPacket(111, sequence, 960 * sequence, ssrc, payload))


def message(ssrc: int = CONTROL, body: bytes = b"floor control") -> bytes:
    octets = b"MCPT" + body.ljust(16, b"\0")
    words = (8 + len(octets)) // 4 - 1
    return bytes([0x80, 204]) + words.to_bytes(2, "big") + ssrc.to_bytes(4, "big") + octets


def uplink(*sources: int) -> tuple[UplinkSender, UplinkReceiver]:
    receiver = UplinkReceiver(KEY)
    for ssrc in sources:
        receiver.add_source(ssrc)
    return UplinkSender(KEY), receiver


def downlink(profile: str = GCM) -> tuple[VoiceSender, VoiceReceiver]:
    key = KEY if profile == GCM else INTEROP_KEY
    return VoiceSender(key, EPOCH, profile), VoiceReceiver(key, EPOCH, profile)


# the way there and back


def test_voice_and_control_go_up_under_one_key() -> None:
    sender, receiver = uplink(BURST, CONTROL)

    assert receiver.unprotect_rtp(sender.protect_rtp(voice(7))) == voice(7)
    assert receiver.unprotect_rtcp(sender.protect_rtcp(message())) == message()


def test_control_comes_down_under_its_own_key() -> None:
    sender, receiver = ControlSender(KEY), ControlReceiver(KEY)
    receiver.add_source(CONTROL)

    assert receiver.unprotect_rtcp(sender.protect_rtcp(message())) == message()


@pytest.mark.parametrize(("profile", "overhead"), [(GCM, 20), (INTEROP, 10)])
def test_voice_comes_down_with_the_overhead_of_its_profile(profile: str, overhead: int) -> None:
    sender, receiver = downlink(profile)

    datagram = sender.protect(voice(7))

    assert len(datagram) == len(voice(7)) + overhead
    assert receiver.unprotect(datagram) == voice(7)


def test_a_voice_packet_names_its_epoch_behind_the_tag() -> None:
    sender, _ = downlink()

    assert mki(sender.protect(voice(7))) == EPOCH


# what is refused


def test_another_key_opens_nothing() -> None:
    datagram = VoiceSender(OTHER_KEY, EPOCH).protect(voice(1))
    _, receiver = downlink()

    with pytest.raises(AuthenticationError):
        receiver.unprotect(datagram)


def test_another_epoch_is_refused_although_the_key_would_open_it() -> None:
    sender, receiver = downlink()
    datagram = sender.protect(voice(1))

    with pytest.raises(AuthenticationError, match="another epoch"):
        receiver.unprotect(datagram[:-1] + b"\0")

    assert receiver.unprotect(datagram) == voice(1)


def test_a_replayed_packet_is_refused() -> None:
    sender, receiver = uplink(BURST, CONTROL)
    datagram, control = sender.protect_rtp(voice(1)), sender.protect_rtcp(message())
    receiver.unprotect_rtp(datagram)
    receiver.unprotect_rtcp(control)

    with pytest.raises(AuthenticationError, match="replay"):
        receiver.unprotect_rtp(datagram)
    with pytest.raises(AuthenticationError, match="replay"):
        receiver.unprotect_rtcp(control)


def test_a_packet_may_be_a_whole_replay_window_late_and_no_more() -> None:
    sender, receiver = downlink()
    datagrams = [sender.protect(voice(sequence)) for sequence in range(REPLAY_WINDOW + 1)]
    receiver.unprotect(datagrams[-1])

    assert receiver.unprotect(datagrams[1]) == voice(1)
    with pytest.raises(AuthenticationError, match="too old"):
        receiver.unprotect(datagrams[0])


def test_a_relay_protects_packets_that_come_out_of_order() -> None:
    sender, receiver = downlink()
    order = [900, 1, 899, 500, 2]

    opened = [receiver.unprotect(sender.protect(voice(sequence))) for sequence in order]

    assert opened == [voice(sequence) for sequence in order]


def test_the_same_packet_is_never_sent_twice_under_one_key() -> None:
    up, (down, _) = UplinkSender(KEY), downlink()
    up.protect_rtp(voice(1))
    down.protect(voice(1))

    with pytest.raises(LocalProtocolError):
        up.protect_rtp(voice(1, payload=b"other words"))
    with pytest.raises(MalformedPacketError):
        down.protect(voice(1, payload=b"other words"))


def test_a_source_that_was_not_added_is_refused() -> None:
    sender, receiver = uplink(CONTROL)

    with pytest.raises(AuthenticationError):
        receiver.unprotect_rtp(sender.protect_rtp(voice(1)))


def test_a_removed_source_is_refused_and_never_comes_back() -> None:
    sender, receiver = uplink(BURST)
    first, second = sender.protect_rtp(voice(1)), sender.protect_rtp(voice(2))
    receiver.unprotect_rtp(first)

    receiver.remove_source(BURST)

    with pytest.raises(AuthenticationError):
        receiver.unprotect_rtp(second)
    with pytest.raises(LocalProtocolError):
        receiver.add_source(BURST)


def test_adding_a_source_twice_does_not_forget_what_was_seen() -> None:
    sender, receiver = uplink(BURST)
    datagram = sender.protect_rtp(voice(1))
    receiver.unprotect_rtp(datagram)

    receiver.add_source(BURST)

    with pytest.raises(AuthenticationError):
        receiver.unprotect_rtp(datagram)


def test_a_burst_that_is_over_is_not_heard_again() -> None:
    sender, receiver = downlink()
    datagram = sender.protect(voice(1))
    receiver.unprotect(datagram)

    receiver.remove_source(BURST)

    with pytest.raises(AuthenticationError, match="over"):
        receiver.unprotect(datagram)


def test_a_listener_remembers_the_newest_bursts_and_opens_no_older_one_again() -> None:
    sender, receiver = downlink()
    bursts = range(BURST, BURST + MAX_SOURCES + 1)
    datagrams = [sender.protect(voice(1, ssrc)) for ssrc in bursts]
    late = sender.protect(voice(2, BURST + 1))
    for datagram in datagrams:
        receiver.unprotect(datagram)

    assert receiver.unprotect(late) == voice(2, BURST + 1)
    for replay in datagrams:
        with pytest.raises(AuthenticationError):
            receiver.unprotect(replay)


def test_a_burst_that_was_pushed_out_is_over() -> None:
    sender, receiver = downlink()
    for ssrc in range(BURST, BURST + MAX_SOURCES + 1):
        receiver.unprotect(sender.protect(voice(1, ssrc)))

    with pytest.raises(AuthenticationError, match="over"):
        receiver.unprotect(sender.protect(voice(2, BURST)))


def test_a_talker_does_not_go_on_with_a_burst_that_is_long_over() -> None:
    sender = UplinkSender(KEY)
    for ssrc in (BURST, BURST + 1, BURST + 2):
        sender.protect_rtp(voice(1, ssrc))

    sender.protect_rtp(voice(2, BURST + 1))
    with pytest.raises(LocalProtocolError):
        sender.protect_rtp(voice(1, BURST, payload=b"other words"))


def test_packets_of_many_invented_bursts_push_out_nobody() -> None:
    sender, receiver = downlink()
    first, second = sender.protect(voice(1)), sender.protect(voice(2))
    receiver.unprotect(first)
    forged = VoiceSender(OTHER_KEY, EPOCH)

    for ssrc in range(1, 2 * MAX_SOURCES):
        with pytest.raises(AuthenticationError):
            receiver.unprotect(forged.protect(voice(1, ssrc)))

    assert receiver.unprotect(second) == voice(2)
    with pytest.raises(AuthenticationError):
        receiver.unprotect(first)


def test_the_memory_of_former_bursts_is_bounded() -> None:
    receiver = UplinkReceiver(KEY)

    for ssrc in range(MAX_RETIRED + 1):
        receiver.add_source(ssrc)
        receiver.remove_source(ssrc)

    receiver.add_source(0)
    with pytest.raises(LocalProtocolError):
        receiver.add_source(1)


def test_forged_packets_change_nothing() -> None:
    sender, receiver = uplink(BURST)
    genuine = [sender.protect_rtp(voice(sequence)) for sequence in range(50)]
    rng = Random(1)

    for datagram in genuine:
        for _ in range(20):
            forged = bytearray(datagram)
            forged[rng.randrange(2, len(forged))] ^= 1 << rng.randrange(8)
            with pytest.raises(AuthenticationError):
                receiver.unprotect_rtp(bytes(forged))
        receiver.unprotect_rtp(datagram)


@pytest.mark.parametrize("length", [0, 1, 21, 27, 1373, 1500, 9000])
def test_datagrams_of_an_impossible_length_are_refused(length: int) -> None:
    _, receiver = uplink(BURST)

    with pytest.raises(AuthenticationError):
        receiver.unprotect_rtp(bytes([0x80]) * length)
    with pytest.raises(AuthenticationError):
        receiver.unprotect_rtcp(bytes([0x80]) * length)


def test_the_longest_packet_that_comes_up_also_goes_down() -> None:
    sender, receiver = uplink(BURST)
    longest = voice(1, payload=bytes(1344))
    down, listener = downlink()

    relayed = down.protect(receiver.unprotect_rtp(sender.protect_rtp(longest)))

    assert listener.unprotect(relayed) == longest
    with pytest.raises(LocalProtocolError):
        sender.protect_rtp(voice(2, payload=bytes(1345)))


def test_a_genuine_packet_that_is_too_long_to_be_relayed_is_refused() -> None:
    _, receiver = uplink(BURST)
    too_long = protect_rtp_gcm(KEY, voice(2, payload=bytes(1345)))

    with pytest.raises(AuthenticationError, match="1373 octets"):
        receiver.unprotect_rtp(too_long)


# epochs inside a burst, and late listeners


@pytest.mark.parametrize("switch", [1, 50, 99])
def test_a_change_of_key_inside_a_burst_loses_nothing(switch: int) -> None:
    rng = Random(switch)
    epochs = {EPOCH: new_key(), EPOCH + 1: new_key()}
    senders = {epoch: VoiceSender(key, epoch) for epoch, key in epochs.items()}
    receivers = {epoch: VoiceReceiver(key, epoch) for epoch, key in epochs.items()}
    sent = [senders[EPOCH + (n >= switch)].protect(voice(n)) for n in range(100)]
    arriving = sorted(sent, key=lambda datagram: sent.index(datagram) + rng.uniform(0, 10))

    opened = {receivers[mki(datagram)].unprotect(datagram) for datagram in arriving}

    assert opened == {voice(n) for n in range(100)}


@pytest.mark.parametrize("profile", [GCM, INTEROP])
@pytest.mark.parametrize("missed", [1, 1000, 32_767, 32_768, 32_769, 65_535])
def test_whoever_comes_late_opens_any_packet_of_a_burst(profile: str, missed: int) -> None:
    sender, receiver = downlink(profile)
    for sequence in range(missed % 997, missed, 997):
        sender.protect(voice(sequence))

    assert receiver.unprotect(sender.protect(voice(missed))) == voice(missed)


# keys


@pytest.mark.parametrize(("profile", "octets"), [(GCM, 28), (INTEROP, 30)])
def test_a_new_key_is_key_and_salt_and_never_the_same(profile: str, octets: int) -> None:
    assert len(new_key(profile)) == octets
    assert new_key(profile) != new_key(profile)


@pytest.mark.parametrize("octets", [0, 27, 29, 30])
def test_a_key_of_another_length_is_refused(octets: int) -> None:
    with pytest.raises(MalformedPacketError, match="28 octets"):
        UplinkReceiver(bytes(octets))


def test_an_unknown_profile_is_refused() -> None:
    with pytest.raises(MalformedPacketError, match="profile rot13"):
        VoiceSender(KEY, EPOCH, "rot13")
    with pytest.raises(MalformedPacketError, match="profile rot13"):
        new_key("rot13")


@pytest.mark.parametrize(
    "keeper",
    [
        UplinkSender(KEY),
        UplinkReceiver(KEY),
        ControlSender(KEY),
        ControlReceiver(KEY),
        *downlink(),
    ],
    ids=lambda keeper: type(keeper).__name__,
)
def test_no_key_can_be_read_from_what_is_printed(keeper: object) -> None:
    printed = repr(keeper) + str(keeper) + repr(vars(keeper))

    assert KEY.hex() not in printed
    assert repr(KEY)[2:20] not in printed
    assert not any(held == KEY for held in gc.get_referents(keeper))


# rubbish


@given(st.binary(min_size=1, max_size=1500))
def test_untrusted_octets_raise_only_authentication_errors(octets: bytes) -> None:
    _, up = uplink(BURST)
    opened = [up.unprotect_rtp, up.unprotect_rtcp]
    opened += [downlink(profile)[1].unprotect for profile in (GCM, INTEROP)]

    for unprotect in opened:
        with pytest.raises(AuthenticationError):
            unprotect(octets)


@given(st.binary(max_size=1500), st.sampled_from([b"\x80\x6f", b"\xb0\x6f", b"\x90\xef"]))
def test_untrusted_octets_behind_a_good_header_raise_nothing_else(
    octets: bytes, start: bytes
) -> None:
    datagram = start + voice(1)[2:12] + octets + EPOCH.to_bytes(4, "big")
    _, up = uplink(BURST)

    for unprotect in (up.unprotect_rtp, downlink()[1].unprotect, downlink(INTEROP)[1].unprotect):
        with pytest.raises(AuthenticationError):
            unprotect(datagram)


@given(st.binary(max_size=1500))
def test_an_mki_is_read_from_anything(octets: bytes) -> None:
    assert 0 <= mki(octets) < 1 << 32


def test_this_is_the_only_door_to_libsrtp() -> None:
    root = Path(srtp.__file__).parents[2]
    modules = [path for room in ("ptt", "clients") for path in (root / room).rglob("*.py")]

    users = [path.name for path in modules if "import pylibsrtp" in path.read_text("utf-8")]
    users += [path.name for path in modules if "from pylibsrtp" in path.read_text("utf-8")]

    assert users == ["srtp.py"]
