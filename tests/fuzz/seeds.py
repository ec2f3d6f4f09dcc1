"""True messages of every kind, to begin a search with."""

from ptt.wire import signalling, trunk
from ptt.wire.control import encode_control
from ptt.wire.floor import (
    DenyCause,
    FloorDeny,
    FloorGranted,
    FloorQueuePositionInfo,
    FloorRelease,
    FloorRequest,
    FloorTaken,
)
from ptt.wire.link import Probe
from ptt.wire.redundancy import encode_red
from ptt.wire.rtcp import ReceiverReport, ReportBlock
from ptt.wire.rtp import RtpPacket, encode_rtp

CONTROL = [
    encode_control(FloorGranted(1, 60, burst=7)),
    encode_control(FloorTaken(1, "ptt:12", 7, 3)),
    encode_control(FloorDeny(1, DenyCause.OTHER, "The channel is closed for today.")),
    encode_control(FloorQueuePositionInfo(1, 2)) + encode_control(Probe(2, b"01234567")),
    encode_control(ReceiverReport(1, (ReportBlock(2, 0.5, 3, 4, 5),))),
    encode_control(FloorRequest(2001)),
    encode_control(FloorRelease(2001, 0x8000_0000)),
]
VOICE = [
    encode_rtp(RtpPacket(112, 1, 2, 3, encode_red(b"now", [(960, b"before"), (2880, b"long")]))),
    bytes.fromhex("b2ef1234 56789abc deadbeef 00000001 00000002 bede0001 109e0000 f8fffe 000003"),
]
RED = [encode_red(b"now", [(960, b"before"), (2880, b"long before")])]
FIELDS = [bytes.fromhex("0102001e 0e06b0b0 00020000 c8000261 62000000 04057074 743a3700")]
CLIENT_TEXT = [
    signalling.encode(signalling.Hello(device="d", secret=b"secret")).encode(),
    signalling.encode(signalling.KeyInUse(channel=1, epoch=2)).encode(),
]
SERVER_TEXT = [
    signalling.encode(
        signalling.Joined(
            channel=1,
            ssrc=2,
            channel_ssrc=3,
            members=[signalling.Member(participant=1, name="Ann")],
        )
    ).encode(),
    signalling.encode(signalling.ChannelKey(channel=1, epoch=2, key=bytes(28))).encode(),
]
FLOOR_SERVER_FRAMES = [
    trunk.encode(trunk.AddEpoch(channel=1, epoch=2, key=bytes(28)))[trunk.LENGTH_OCTETS :],
    trunk.encode(trunk.SetMember(channel=1, client=2, ssrc=3, priority=4, may_talk=True))[
        trunk.LENGTH_OCTETS :
    ],
]
SWITCHBOARD_FRAMES = [
    trunk.encode(trunk.Statistics(counters={"a": 1}))[trunk.LENGTH_OCTETS :],
    trunk.encode(trunk.QueueChanged(channel=1, clients=[2, 3]))[trunk.LENGTH_OCTETS :],
]
TRUNK_STREAM = [trunk.encode(trunk.Statistics(counters={"a": 1})) * 2]
OPUS = [
    bytes.fromhex("f8fffe"),
    bytes.fromhex("0801") + bytes(20),
    bytes.fromhex("fb03") + b"a" * 9,
]
