"""Floor messages as octets (TS 24.380, 8.2), first of all the golden ones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.control import parse_control_untrusted
from ptt.wire.fields import encode_field
from ptt.wire.floor import (
    AckSource,
    DenyCause,
    FloorAck,
    FloorDeny,
    FloorGranted,
    FloorIdle,
    FloorIndicator,
    FloorMessage,
    FloorQueuePositionInfo,
    FloorQueuePositionRequest,
    FloorRelease,
    FloorRequest,
    FloorRevoke,
    FloorTaken,
    RevokeCause,
    UnknownFloorMessage,
)
from ptt.wire.floor_codec import encode_floor, floor_from_app
from ptt.wire.rtcp import AppPacket, encode_rtcp

ALICE, BOB, SERVER = 0xA11CE001, 0xB0B00002, 0x53525631
NORMAL = FloorIndicator.NORMAL_CALL
QUEUEING = FloorIndicator.QUEUEING_SUPPORTED

GOLDEN: list[tuple[str, FloorMessage]] = [
    ("80cc0004 a11ce001 4d435054 00020500 0d028400", FloorRequest(ALICE, 5, NORMAL | QUEUEING)),
    (
        "80cc0004 b0b00002 4d435054 0002ff00 0d021000",
        FloorRequest(BOB, 255, FloorIndicator.EMERGENCY_CALL),
    ),
    (
        "81cc0005 53525631 4d435054 0102001e 00020500 0d028000",
        FloorGranted(SERVER, 30, priority=5),
    ),
    (
        "91cc0005 53525631 4d435054 0102001e 00020500 0d028000",
        FloorGranted(SERVER, 30, priority=5, ack_required=True),
    ),
    (
        "81cc0007 53525631 4d435054 0102001e 0e06a11c e0010000 00020500 0d028000",
        FloorGranted(SERVER, 30, burst=ALICE, priority=5),
    ),
    ("8acc0004 a11ce001 4d435054 0a020000 0c020100", FloorAck(ALICE, AckSource.PARTICIPANT, 1)),
    (
        "82cc000c 53525631 4d435054 04117369 703a616c 69636540 7074742e 6c616e00"
        "05020001 08020001 0d028000 0e06a11c e0010000",
        FloorTaken(SERVER, "sip:alice@ptt.lan", ALICE, 1),
    ),
    (
        "83cc0004 53525631 4d435054 02020001 0d028000",
        FloorDeny(SERVER, DenyCause.ANOTHER_CLIENT_HAS_PERMISSION),
    ),
    (
        "83cc0007 53525631 4d435054 020d00ff 6d61696e 74656e61 6e636500 0d028000",
        FloorDeny(SERVER, DenyCause.OTHER, "maintenance"),
    ),
    ("88cc0002 b0b00002 4d435054", FloorQueuePositionRequest(BOB)),
    (
        "89cc0004 53525631 4d435054 03020105 0d028000",
        FloorQueuePositionInfo(SERVER, position=1, priority=5),
    ),
    (
        "86cc0004 53525631 4d435054 02020004 0d028000",
        FloorRevoke(SERVER, RevokeCause.PRE_EMPTED),
    ),
    ("84cc0003 a11ce001 4d435054 0d028000", FloorRelease(ALICE)),
    ("94cc0003 a11ce001 4d435054 0d028000", FloorRelease(ALICE, ack_required=True)),
    (
        "84cc0005 a11ce001 4d435054 0d028000 0e06b0b0 00020000",
        FloorRelease(ALICE, burst=BOB),
    ),
    (
        "8acc0004 53525631 4d435054 0a020002 0c020400",
        FloorAck(SERVER, AckSource.CONTROLLING_FUNCTION, 4),
    ),
    ("85cc0004 53525631 4d435054 08020003 0d028000", FloorIdle(SERVER, sequence=3)),
]

uint8 = st.integers(0, 0xFF)
uint16 = st.integers(0, 0xFFFF)
uint32 = st.integers(0, 0xFFFFFFFF)
phrases = st.text(max_size=60)
indicators = uint16.map(FloorIndicator)
acks = st.booleans()
messages: st.SearchStrategy[FloorMessage] = st.one_of(
    st.builds(FloorRequest, uint32, uint8, indicators),
    st.builds(FloorGranted, uint32, uint16, st.none() | uint32, uint8, indicators, acks),
    st.builds(
        FloorTaken,
        uint32,
        st.none() | st.text(max_size=60),
        st.none() | uint32,
        uint16,
        st.booleans(),
        indicators,
        acks,
    ),
    st.builds(FloorDeny, uint32, st.sampled_from(DenyCause), phrases, indicators, acks),
    st.builds(FloorRelease, uint32, st.none() | uint32, indicators, acks),
    st.builds(FloorIdle, uint32, uint16, indicators, acks),
    st.builds(FloorRevoke, uint32, st.sampled_from(RevokeCause), phrases, indicators),
    st.builds(FloorQueuePositionRequest, uint32),
    st.builds(FloorQueuePositionInfo, uint32, uint8, uint8, indicators, acks),
    st.builds(FloorAck, uint32, st.sampled_from(AckSource), uint8),
)


def app(subtype: int, body: str) -> AppPacket:
    return AppPacket(subtype, SERVER, b"MCPT", bytes.fromhex(body))


@pytest.mark.parametrize(("octets", "message"), GOLDEN)
def test_golden_octets_are_written(octets: str, message: FloorMessage) -> None:
    assert encode_floor(message).hex() == bytes.fromhex(octets).hex()


@pytest.mark.parametrize(("octets", "message"), GOLDEN)
def test_golden_octets_are_read(octets: str, message: FloorMessage) -> None:
    assert parse_control_untrusted(bytes.fromhex(octets)) == [message]


def test_an_off_network_grant_is_read_as_far_as_it_concerns_us() -> None:
    octets = bytes.fromhex(
        "81cc0015 a11ce001 4d435054 0102001e 0e06b0b0 00020000 00020500 060f7369 703a626f 62407074"
        "742e6c61 6e000000 07020001 0e06c0c0 00030000 09117369 703a6361 726f6c40 7074742e 6c616e00"
        "03020103 0d028400"
    )

    granted = FloorGranted(ALICE, 30, burst=BOB, priority=5, indicator=NORMAL | QUEUEING)
    assert parse_control_untrusted(octets) == [granted]


@given(messages)
def test_every_message_survives_the_wire(message: FloorMessage) -> None:
    assert parse_control_untrusted(encode_floor(message)) == [message]


@given(st.lists(messages, min_size=1, max_size=6))
def test_all_messages_of_a_datagram_are_read(sent: list[FloorMessage]) -> None:
    datagram = b"".join(encode_floor(message) for message in sent)

    assert parse_control_untrusted(datagram) == sent


def test_packets_of_other_names_are_not_floor_messages() -> None:
    other = encode_rtcp(AppPacket(0, 1, b"MCV0", b""))

    assert parse_control_untrusted(other + encode_floor(FloorIdle(1, 2))) == [FloorIdle(1, 2)]
    with pytest.raises(MalformedPacketError):
        floor_from_app(AppPacket(0, 1, b"MCV0", b""))


@given(message=messages, field_id=st.integers(25, 255), value=st.binary(max_size=40))
def test_unknown_fields_are_skipped_wherever_they_stand(
    message: FloorMessage, field_id: int, value: bytes
) -> None:
    octets = encode_floor(message)
    unknown = encode_field(field_id, value)
    packet = AppPacket(octets[0] & 31, message.ssrc, b"MCPT", unknown + octets[12:])

    assert floor_from_app(packet) == message


def test_fields_are_read_in_any_order() -> None:
    message = floor_from_app(app(2, "0e060000 00070000 0d028000 08020001 05020000 04016100"))

    assert message == FloorTaken(SERVER, "a", 7, 1, may_request=False)


@pytest.mark.parametrize(
    ("subtype", "body", "message"),
    [
        (17, "0102003c", FloorGranted(SERVER, 60, ack_required=True)),
        (18, "08020001", FloorTaken(SERVER, None, None, 1, ack_required=True)),
        (19, "02020007", FloorDeny(SERVER, DenyCause.QUEUE_FULL, ack_required=True)),
        (20, "", FloorRelease(SERVER, ack_required=True)),
        (21, "08020001", FloorIdle(SERVER, 1, ack_required=True)),
        (25, "03020200", FloorQueuePositionInfo(SERVER, 2, ack_required=True)),
    ],
)
def test_a_message_that_wants_an_answer_is_understood(
    subtype: int, body: str, message: FloorMessage
) -> None:
    assert floor_from_app(app(subtype, body)) == message


@pytest.mark.parametrize("subtype", [7, 11, 12, 13, 14, 15, 16, 22, 23, 24, 26, 27, 30, 31])
def test_subtypes_of_other_releases_are_told_apart_but_not_read(subtype: int) -> None:
    unknown = UnknownFloorMessage(SERVER, subtype)

    assert floor_from_app(app(subtype, "ffffffff")) == unknown


def test_fields_with_their_first_numbers_are_unknown() -> None:
    # Release 13.0 numbered Floor Priority 102 and Floor Indicator 115.
    assert floor_from_app(app(0, "66020900 73021000")) == FloorRequest(SERVER)


@pytest.mark.parametrize("number", [0, 8, 254, 0xFFFF])
def test_a_deny_cause_of_another_release_counts_as_another_cause(number: int) -> None:
    denied = floor_from_app(app(3, f"0202{number:04x}"))

    assert denied == FloorDeny(SERVER, DenyCause.OTHER)


@pytest.mark.parametrize("number", [0, 5, 7, 0xFFFF])
def test_a_revoke_cause_of_another_release_counts_as_another_cause(number: int) -> None:
    revoked = floor_from_app(app(6, f"0202{number:04x}"))

    assert revoked == FloorRevoke(SERVER, RevokeCause.OTHER)


@pytest.mark.parametrize(
    ("subtype", "body"),
    [
        (1, ""),  # granted: no duration
        (1, "01010000"),  # a duration of one octet
        (1, "0102003c 0e04a11c e0010000"),  # an SSRC without its spare octets
        (2, "04016100"),  # taken: no sequence number
        (2, "0401ff00 08020001"),  # a talker who is not UTF-8
        (3, ""),  # denied: no cause
        (3, "02010000"),  # a cause of one octet
        (3, "020300ff ff000000"),  # a phrase that is not UTF-8
        (5, "0d028000"),  # idle: no sequence number
        (6, "0d028000"),  # revoked: no cause
        (8, "04ff0000"),  # the length of a field lies
        (9, "0d028000"),  # queue position: none
        (10, "0a020000"),  # acknowledged: what?
        (10, "0c020100"),  # acknowledged: by whom?
        (10, "0a020004 0c020100"),  # a source that does not exist
        (0, "00030500 00000000"),  # a priority of three octets
        (0, "0d0180ff"),  # padding that is not zero
    ],
)
def test_what_lacks_its_substance_is_malformed(subtype: int, body: str) -> None:
    with pytest.raises(MalformedPacketError):
        floor_from_app(app(subtype, body))


@pytest.mark.parametrize(
    "message",
    [
        FloorRequest(1, priority=256),
        FloorRequest(1 << 32),
        FloorGranted(1, duration=65536),
        FloorGranted(1, duration=-1),
        FloorTaken(1, "x" * 256, None, 1),
        FloorTaken(1, "\ud800", None, 1),
        FloorIdle(1, sequence=65536),
        FloorRelease(1, burst=1 << 32),
        UnknownFloorMessage(1, 15),
    ],
)
def test_what_does_not_fit_is_a_bug_here(message: FloorMessage) -> None:
    with pytest.raises(LocalProtocolError):
        encode_floor(message)
