"""What is fed with any octets at all: each parser of bytes from the network, by a name.

A target returns, or raises what its docstring does not allow: then a bug is found. Where there is
an encoder, what was understood must be understood in the same way when it is said again.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from ptt.errors import AuthenticationError, LocalProtocolError, MalformedPacketError
from ptt.media.opus import OpusDecoder
from ptt.media.opus_packet import opus_samples_untrusted
from ptt.media.reception import Reception, blocks_untrusted
from ptt.security.srtp import VoiceReceiver, VoiceSender, new_key
from ptt.wire import signalling, trunk
from ptt.wire.control import encode_control, parse_control_untrusted
from ptt.wire.fields import parse_fields_untrusted
from ptt.wire.redundancy import parse_red_untrusted
from ptt.wire.rtcp import parse_rtcp_untrusted
from ptt.wire.rtp import RtpPacket, encode_rtp, parse_rtp_untrusted
from tests.fuzz import seeds
from tests.support.floor_wire import STRANGER, Wire, address, floor_ssrc

FRAME = 0.020  # s
MOST_PACKETS = 20


@dataclass(frozen=True, slots=True)
class Target:
    """What to feed, and true messages to begin with."""

    feed: Callable[[bytes], None]
    seeds: list[bytes]


def _only_malformed(parse: Callable[[bytes], object]) -> Callable[[bytes], None]:
    def feed(octets: bytes) -> None:
        with suppress(MalformedPacketError):
            parse(octets)

    return feed


def _rtp(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        packet = parse_rtp_untrusted(octets)
        assert parse_rtp_untrusted(encode_rtp(packet)) == packet


def _control(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        for message in parse_control_untrusted(octets):
            with suppress(LocalProtocolError):  # more than we would ever say
                assert parse_control_untrusted(encode_control(message))


def _client_message(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        message = signalling.parse_client_message_untrusted(octets)
        assert signalling.parse_client_message_untrusted(signalling.encode(message)) == message


def _server_message(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        message = signalling.parse_server_message_untrusted(octets)
        assert signalling.parse_server_message_untrusted(signalling.encode(message)) == message


def _to_floor_server(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        trunk.encode(trunk.parse_to_floor_server_untrusted(octets))


def _to_switchboard(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        trunk.encode(trunk.parse_to_switchboard_untrusted(octets))


def _trunk_stream(octets: bytes) -> None:
    """In one piece and octet by octet it must be the same."""
    whole, pieces = trunk.FrameBuffer(), trunk.FrameBuffer()
    with suppress(MalformedPacketError):
        expected = whole.feed_untrusted(octets)
        found = [
            body for at in range(len(octets)) for body in pieces.feed_untrusted(octets[at : at + 1])
        ]
        assert found == expected


def _red_blocks(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        blocks = blocks_untrusted(RtpPacket(112, 1, 960, 1, octets))
        assert sum(len(block.payload) for block in blocks) <= len(octets)


@cache
def _decoder() -> OpusDecoder:
    return OpusDecoder()


def _opus(octets: bytes) -> None:
    with suppress(MalformedPacketError):
        samples = opus_samples_untrusted(octets)
        assert len(_decoder().decode(octets)) == 2 * samples


def _reception(octets: bytes) -> None:
    """The whole listening side: packets of which two octets say length and kind."""
    reception = Reception(1)
    now, rest = 100.0, octets
    for number in range(MOST_PACKETS):
        if len(rest) < 2:
            break
        length, kind, rest = rest[0], rest[1], rest[2:]
        payload, rest = rest[:length], rest[length:]
        timestamp = (number + kind % 8) * 960
        reception.receive(RtpPacket(111 + kind % 2, number, timestamp, 1, payload), now)
        frame = reception.play(now)
        assert frame is None or len(frame) == 1920
        now += FRAME
    reception.end()


@cache
def _wire() -> Wire:
    return Wire(2)


def _strangers(octets: bytes) -> None:
    wire = _wire()
    wire.take((octets, STRANGER))
    assert wire.network.sent == []


def _member_control(octets: bytes) -> None:
    """Authentic, whatever it is: of a member who means harm, in his own name."""
    wire = _wire()
    head = octets[:4].ljust(4, b"\0")
    packet = bytes([0x80 | head[0] & 0x1F, 204 if head[1] & 1 else 201]) + head[2:4]
    words = octets[4:] + bytes(-len(octets[4:]) % 4)
    packet = packet[:2] + (1 + len(words) // 4).to_bytes(2, "big")
    with suppress(LocalProtocolError):  # what libsrtp does not send, nobody gets
        sealed = wire.senders[1].protect_rtcp(packet + floor_ssrc(1).to_bytes(4, "big") + words)
        wire.take((sealed, address(1)))
    wire.network.sent.clear()


def _member_voice(octets: bytes) -> None:
    wire = Wire(2)
    burst = wire.grant(1)
    head = octets[:2].ljust(2, b"\0")
    start = bytes([0x80 | head[0] & 0x3F, head[1], 0, 1, 0, 0, 0, 0]) + burst.to_bytes(4, "big")
    with suppress(LocalProtocolError):
        wire.take((wire.senders[1].protect_rtp(start + octets[2:]), address(1)))


@cache
def _voice_keys() -> tuple[VoiceSender, VoiceReceiver]:
    key = new_key()
    return VoiceSender(key, 7), VoiceReceiver(key, 7)


def _sealed_voice(octets: bytes) -> None:
    """What a listener is sent under his channel's key, or not under it."""
    _, receiver = _voice_keys()
    with suppress(AuthenticationError, MalformedPacketError):
        parse_rtp_untrusted(receiver.unprotect(octets))


TARGETS = {
    "rtp": Target(_rtp, seeds.VOICE),
    "red": Target(_only_malformed(parse_red_untrusted), seeds.RED),
    "red_blocks": Target(_red_blocks, seeds.RED),
    "rtcp": Target(_only_malformed(parse_rtcp_untrusted), seeds.CONTROL),
    "control": Target(_control, seeds.CONTROL),
    "fields": Target(_only_malformed(parse_fields_untrusted), seeds.FIELDS),
    "client_message": Target(_client_message, seeds.CLIENT_TEXT),
    "server_message": Target(_server_message, seeds.SERVER_TEXT),
    "to_floor_server": Target(_to_floor_server, seeds.FLOOR_SERVER_FRAMES),
    "to_switchboard": Target(_to_switchboard, seeds.SWITCHBOARD_FRAMES),
    "trunk_stream": Target(_trunk_stream, seeds.TRUNK_STREAM),
    "opus": Target(_opus, seeds.OPUS),
    "reception": Target(_reception, [bytes([3, 0]) + seeds.OPUS[0], bytes([40, 1]) + seeds.RED[0]]),
    "strangers": Target(_strangers, seeds.CONTROL + seeds.VOICE),
    "member_control": Target(_member_control, [each[8:] for each in seeds.CONTROL]),
    "member_voice": Target(_member_voice, [b"\0\x6f" + seeds.OPUS[0], b"\0\x70" + seeds.RED[0]]),
    "sealed_voice": Target(_sealed_voice, seeds.VOICE),
}
