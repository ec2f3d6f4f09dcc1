"""What Wireshark, a foreign implementation, reads in our octets.

tshark gets a capture of messages that our codecs wrote, and must name every field as we meant
it, without a malformed packet and without a complaint. Its own faults (version 4.0) are known:
combined bits of the Floor Indicator have no text, so only the number is compared, and the cause
of a Deny that wants an acknowledgement has a field of its own, without text.
"""

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from ptt.wire.control import ControlMessage, encode_control
from ptt.wire.floor import (
    AckSource,
    DenyCause,
    FloorAck,
    FloorDeny,
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorQueuePositionInfo,
    FloorQueuePositionRequest,
    FloorRelease,
    FloorRequest,
    FloorRevoke,
    FloorTaken,
    RevokeCause,
)
from ptt.wire.link import Challenge, ChallengeReply, Probe, ProbeReply
from ptt.wire.redundancy import encode_red
from ptt.wire.rtcp import ReceiverReport, ReportBlock
from ptt.wire.rtp import RtpPacket, encode_rtp
from tests.support.capture import PORT, write_capture

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("tshark") is None, reason="tshark is not installed; `make test` installs it"
    ),
]

OPUS = bytes.fromhex("78fffe")  # one frame of 20 ms, CELT, silence
SENDER, BURST = 0x2A11CE01, 0xB0B00002
EMERGENCY = FloorIndicator.EMERGENCY_CALL | FloorIndicator.QUEUEING_SUPPORTED


def field(name: str) -> str:
    return f"rtcp.app_data.mcptt.{name}"


SUBTYPE = "rtcp.app.subtype"
DURATION = field("duration")
PRIORITY = field("priority")
INDICATOR = field("floor_ind")
SEQUENCE = field("msg_seq_num")
SSRC = field("rtcp")  # so named there
TALKER = "rtcp.mcptt.granted_partys_id"
PERMISSION = field("perm_to_req_floor")
DENY_CAUSE = field("rej_cause.floor_deny")
REVOKE_CAUSE = field("rej_cause.floor_revoke")
CAUSE = field("rej_cause")
PHRASE = "rtcp.mcptt.rej_phrase"
POSITION = field("queue_pos_inf")
LEVEL = field("queue_pri_lev")
SOURCE = field("source")
MESSAGE_TYPE = field("msg_type")
FLOOR_FIELDS = [
    SUBTYPE,
    DURATION,
    PRIORITY,
    INDICATOR,
    SEQUENCE,
    SSRC,
    TALKER,
    PERMISSION,
    DENY_CAUSE,
    REVOKE_CAUSE,
    CAUSE,
    PHRASE,
    POSITION,
    LEVEL,
    SOURCE,
    MESSAGE_TYPE,
]

NORMAL: dict[str, int | str] = {INDICATOR: 0x8000}
FLOOR_MESSAGES: list[tuple[ControlMessage, Mapping[str, int | str]]] = [
    (
        FloorRequest(SENDER, 200, EMERGENCY),
        {SUBTYPE: 0, PRIORITY: 200, INDICATOR: 0x1400},
    ),
    (
        FloorGranted(SENDER, 60, BURST, 5),
        NORMAL | {SUBTYPE: 1, DURATION: 60, SSRC: BURST, PRIORITY: 5},
    ),
    (FloorGranted(SENDER, 0), NORMAL | {SUBTYPE: 1, DURATION: 0, PRIORITY: 0}),
    (
        FloorGranted(SENDER, 600, BURST, 5, ack_required=True),
        NORMAL | {SUBTYPE: 17, DURATION: 600, SSRC: BURST, PRIORITY: 5},
    ),
    (
        FloorTaken(SENDER, "ptt:12", BURST, 65535),
        NORMAL | {SUBTYPE: 2, TALKER: "ptt:12", SSRC: BURST, SEQUENCE: 65535, PERMISSION: 1},
    ),
    (
        FloorTaken(SENDER, None, BURST, 0, may_request=False, ack_required=True),
        NORMAL | {SUBTYPE: 18, SSRC: BURST, SEQUENCE: 0, PERMISSION: 0},
    ),
    (
        FloorDeny(SENDER, DenyCause.RETRY_AFTER_TIMER_NOT_EXPIRED, "Wait 3 seconds, please."),
        NORMAL | {SUBTYPE: 3, DENY_CAUSE: 4, PHRASE: "Wait 3 seconds, please."},
    ),
    (
        FloorDeny(SENDER, DenyCause.OTHER, ack_required=True),
        NORMAL | {SUBTYPE: 19, CAUSE: 255},
    ),
    (FloorRelease(SENDER), NORMAL | {SUBTYPE: 4}),
    (FloorRelease(SENDER, BURST), NORMAL | {SUBTYPE: 4, SSRC: BURST}),
    (
        FloorRelease(SENDER, BURST, ack_required=True),
        NORMAL | {SUBTYPE: 20, SSRC: BURST},
    ),
    (FloorIdle(SENDER, 3), NORMAL | {SUBTYPE: 5, SEQUENCE: 3}),
    (FloorIdle(SENDER, 3, ack_required=True), NORMAL | {SUBTYPE: 21, SEQUENCE: 3}),
    (
        FloorRevoke(SENDER, RevokeCause.PRE_EMPTED, "Somebody has an emergency."),
        NORMAL | {SUBTYPE: 6, REVOKE_CAUSE: 4, PHRASE: "Somebody has an emergency."},
    ),
    (FloorQueuePositionRequest(SENDER), {SUBTYPE: 8}),
    (
        FloorQueuePositionInfo(SENDER, 2, 9),
        NORMAL | {SUBTYPE: 9, POSITION: 2, LEVEL: 9},
    ),
    (
        FloorQueuePositionInfo(SENDER, 254, 255, ack_required=True),
        NORMAL | {SUBTYPE: 25, POSITION: 254, LEVEL: 255},
    ),
    (FloorAck(SENDER, AckSource.PARTICIPANT, 1), {SUBTYPE: 10, SOURCE: 0, MESSAGE_TYPE: 1}),
]
LINK_MESSAGES: list[ControlMessage] = [
    Probe(SENDER, b"01234567"),
    ProbeReply(SENDER, b"01234567"),
    Challenge(SENDER, b"89abcdef"),
    ChallengeReply(SENDER, b"89abcdef"),
]
REPORT = ReceiverReport(SENDER, (ReportBlock(BURST, 0.25, 7, 0x00011234, 48),))
VOICE = RtpPacket(111, 0x1234, 0x56789ABC, BURST, OPUS, marker=True)
COPIES = RtpPacket(
    112, 0x1235, 0x56789E7C, BURST, encode_red(OPUS, [(960, OPUS), (2880, OPUS * 2)])
)


@dataclass(frozen=True)
class Shark:
    """A capture, and how tshark reads it."""

    path: Path

    def fields(self, names: list[str], *options: str) -> list[dict[str, str]]:
        """The fields that are there, a dictionary for each datagram."""
        wanted = [option for name in names for option in ("-e", name)]
        lines = self._run("-T", "fields", "-E", "separator=|", *wanted, *options).splitlines()
        values = (dict(zip(names, line.split("|"), strict=True)) for line in lines)
        return [{name: value for name, value in row.items() if value} for row in values]

    def complaints(self, *options: str) -> str:
        """Datagrams that tshark finds malformed or only odd."""
        return self._run("-Y", "_ws.malformed || _ws.expert", "-V", *options)

    def _run(self, *options: str) -> str:
        command = ["tshark", "-n", "-r", str(self.path), *options]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def shark(tmp_path: Path) -> Shark:
    return Shark(tmp_path / "talk.pcap")


def test_tshark_reads_every_field_of_every_floor_message(shark: Shark) -> None:
    write_capture(shark.path, [encode_control(message) for message, _ in FLOOR_MESSAGES])

    read = shark.fields(FLOOR_FIELDS)

    assert [{name: number(value) for name, value in row.items()} for row in read] == [
        meaning for _, meaning in FLOOR_MESSAGES
    ]


def number(text: str) -> int | str:
    """What tshark printed, as a number if it is one."""
    return int(text, 0) if text[0].isdigit() else text


def test_tshark_has_nothing_to_complain_about(shark: Shark) -> None:
    control = [encode_control(message) for message, _ in FLOOR_MESSAGES]
    control += [encode_control(message) for message in [*LINK_MESSAGES, REPORT]]
    write_capture(shark.path, [*control, encode_rtp(VOICE), encode_rtp(COPIES)])

    assert shark.complaints() == ""
    assert shark.complaints("-d", f"udp.port=={PORT},rtp") == ""


def test_tshark_does_complain_about_a_length_that_lies(shark: Shark) -> None:
    octets = bytearray(encode_control(FloorIdle(SENDER, 3)))
    octets[13] = 200
    write_capture(shark.path, [bytes(octets)])

    assert "alformed" in shark.complaints()


def test_tshark_walks_several_messages_in_one_datagram(shark: Shark) -> None:
    three: list[ControlMessage] = [
        FloorIdle(SENDER, 3),
        FloorTaken(SENDER, "ptt:1", BURST, 4),
        FloorRelease(SENDER),
    ]
    write_capture(shark.path, [b"".join(encode_control(message) for message in three)])

    assert shark.fields([SUBTYPE, SEQUENCE]) == [{SUBTYPE: "5,2,4", SEQUENCE: "3,4"}]
    assert shark.complaints() == ""


def test_tshark_shows_link_control_as_an_application_of_its_own(shark: Shark) -> None:
    write_capture(shark.path, [encode_control(message) for message in LINK_MESSAGES])

    read = shark.fields(["rtcp.app.name", SUBTYPE])

    assert read == [{"rtcp.app.name": "PTTL", SUBTYPE: str(subtype)} for subtype in range(4)]


def test_tshark_reads_a_listeners_report(shark: Shark) -> None:
    write_capture(shark.path, [encode_control(REPORT)])
    names = ["identifier", "fraction", "cum_nr", "high_seq", "high_cycles", "jitter"]

    (read,) = shark.fields([f"rtcp.ssrc.{name}" for name in names])

    values = [int(read[f"rtcp.ssrc.{name}"], 0) for name in names]
    assert values == [BURST, 64, 7, 0x1234, 1, 48]


def test_tshark_reads_voice_on_the_same_port(shark: Shark) -> None:
    write_capture(shark.path, [encode_rtp(VOICE), encode_control(FloorIdle(SENDER, 3))])
    names = ["rtp.p_type", "rtp.seq", "rtp.timestamp", "rtp.ssrc", "rtp.marker", "rtp.payload"]

    voice, idle = shark.fields([*names, SUBTYPE], "-d", f"udp.port=={PORT},rtp")

    numbers = [int(voice[name], 0) for name in names[:-1]]
    assert numbers == [111, 0x1234, 0x56789ABC, BURST, 1]
    assert voice["rtp.payload"] == OPUS.hex()
    assert idle == {SUBTYPE: "5"}
