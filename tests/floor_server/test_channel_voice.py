"""Which key protects the voice of a channel, and from when on."""

import pytest

from ptt.errors import MalformedPacketError
from ptt.floor_server.voice import ChannelVoice
from ptt.security.srtp import INTEROP, VoiceReceiver, VoiceSender, mki, new_key
from ptt.wire import trunk
from ptt.wire.floor import FloorTaken
from ptt.wire.rtp import RtpPacket, encode_rtp, parse_rtp_untrusted
from tests.support.fake_client import floor_server

PACKET = encode_rtp(RtpPacket(111, 1, 960, 0x8000_0001, bytes(20)))


def epoch(sender: VoiceSender | None) -> int:
    assert sender is not None
    return mki(sender.protect(PACKET))


def voice_with(*epochs: int, profile: str = "gcm") -> ChannelVoice:
    voice = ChannelVoice(profile, strict=False)
    for number in epochs:
        voice.add_epoch(number, new_key(profile))
    return voice


def test_the_first_key_is_used_at_once() -> None:
    assert epoch(voice_with(7).current) == 7


def test_a_new_key_waits_for_the_next_burst() -> None:
    voice = voice_with(7, 8)

    before = epoch(voice.current)
    voice.begin_burst()

    assert (before, epoch(voice.current)) == (7, 8)


def test_a_new_key_is_used_inside_the_burst_when_the_order_comes() -> None:
    voice = voice_with(7, 8)

    assert voice.use_epoch(8)
    assert epoch(voice.current) == 8


def test_the_newest_of_several_keys_is_used() -> None:
    voice = voice_with(7, 8, 9)

    voice.begin_burst()

    assert epoch(voice.current) == 9


def test_an_order_for_a_key_in_between_leaves_the_newest_for_the_next_burst() -> None:
    voice = voice_with(7, 8, 9, 10)

    voice.use_epoch(9)
    inside = epoch(voice.current)
    voice.begin_burst()

    assert (inside, epoch(voice.current)) == (9, 10)


def test_a_former_key_does_not_come_back() -> None:
    voice = voice_with(7, 8, 9)
    voice.use_epoch(9)

    assert not voice.use_epoch(8)
    voice.begin_burst()
    assert epoch(voice.current) == 9


def test_an_interop_channel_changes_its_key_only_between_bursts() -> None:
    voice = voice_with(7, 8, profile="interop")
    former = voice.current

    assert not voice.use_epoch(8)
    inside = voice.current
    voice.begin_burst()

    assert inside is former
    assert voice.current is not former


def test_an_own_key_told_twice_stays_the_same_sender() -> None:
    voice = ChannelVoice("gcm", strict=True)
    key = new_key()
    voice.set_own(1, 7, key)
    first = voice.own(1)

    voice.set_own(1, 7, key)
    again = voice.own(1)
    voice.set_own(1, 8, new_key())

    assert first is again
    assert epoch(voice.own(1)) == 8
    assert voice.own(2) is None


def test_what_libsrtp_remembers_of_a_burst_is_let_go_at_its_end() -> None:
    voice = voice_with(7, 8)
    sender = voice.current
    assert sender is not None
    sender.protect(PACKET)
    with pytest.raises(MalformedPacketError):
        sender.protect(PACKET)

    voice.end_burst(0x8000_0001)

    sender.protect(PACKET)  # never done: a burst's SSRC does not come back


async def test_a_channel_of_the_interop_profile_can_be_opened_without_mki() -> None:
    async with floor_server() as board:
        await board.add_channel(1, profile=INTEROP)
        anna, bert = await board.add_client(), await board.add_client()
        key = new_key(INTEROP)
        await board.tell(trunk.AddEpoch(channel=1, epoch=1001, key=key))
        for client in (anna, bert):
            await client.bind()
            await board.join(client, 1)
        burst = await anna.take_floor(1)
        await bert.until(FloorTaken)

        anna.talk(burst, payload=b"hello, phone")
        await board.settle()
        datagram = bert.udp.recv(2048)

        packet = parse_rtp_untrusted(VoiceReceiver(key, 1001, INTEROP).unprotect(datagram))
        assert (packet.ssrc, packet.payload) == (burst, b"hello, phone")
