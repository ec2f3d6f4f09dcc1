"""Floor control messages as octets: RTCP APP packets named MCPT (3GPP TS 24.380, 8.2).

    subtype: | ack wanted | message type (4 bits) |     body: fields, see fields.py

Follows TS 24.380 as cited clause by clause in these docstrings. Fields are sent in the order of
the standard's tables and read in any order; unknown fields are skipped, unknown subtypes become
UnknownFloorMessage. Fields for off-network operation, several talkers and other servers are
neither sent nor read.
"""

import struct
from collections.abc import Callable
from struct import Struct

from ptt.errors import LocalProtocolError, MalformedPacketError
from ptt.wire.fields import encode_fields, parse_fields_untrusted
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
from ptt.wire.rtcp import AppPacket, encode_rtcp

# Specification
FLOOR_NAME = b"MCPT"

# Subtypes, table 8.2.2.1-1
REQUEST = 0
GRANTED = 1
TAKEN = 2
DENY = 3
RELEASE = 4
IDLE = 5
REVOKE = 6
QUEUE_POSITION_REQUEST = 8
QUEUE_POSITION_INFO = 9
ACK = 10
ACK_REQUIRED = 0x10  # the top bit of the subtype
_MAY_WANT_ACK = frozenset({GRANTED, TAKEN, DENY, RELEASE, IDLE, QUEUE_POSITION_INFO})

# Fields, table 8.2.3.1-2
PRIORITY = 0
DURATION = 1
REJECT_CAUSE = 2
QUEUE_INFO = 3
GRANTED_PARTY = 4
PERMISSION = 5
MESSAGE_SEQUENCE = 8
SOURCE = 10
MESSAGE_TYPE = 12
INDICATOR = 13
BURST_SSRC = 14

_uint16 = Struct("!H")
_two_octets = Struct("!BB")
_ssrc_and_spare = Struct("!IH")
_Field = tuple[int, bytes]


def encode_floor(message: FloorMessage) -> bytes:
    """The message as one RTCP packet; raises LocalProtocolError if it cannot be sent."""
    try:
        subtype, fields = _subtype_and_fields(message)
        body = encode_fields(*fields)
    except (struct.error, UnicodeEncodeError) as error:
        raise LocalProtocolError(f"A floor message cannot hold this: {error}.") from error
    return encode_rtcp(AppPacket(subtype, message.ssrc, FLOOR_NAME, body))


def _subtype_and_fields(message: FloorMessage) -> tuple[int, list[_Field]]:
    """Table 8.2.2.1-1, and the tables of clauses 8.2.4 to 8.2.13."""
    match message:
        case FloorRequest():
            return REQUEST, [_priority(message.priority), _indicator(message.indicator)]
        case FloorGranted():
            return GRANTED | _ack(message.ack_required), [
                (DURATION, _uint16.pack(message.duration)),
                *_burst(message.burst),
                _priority(message.priority),
                _indicator(message.indicator),
            ]
        case FloorTaken():
            return TAKEN | _ack(message.ack_required), _taken_fields(message)
        case FloorDeny():
            return DENY | _ack(message.ack_required), _rejection_fields(message)
        case FloorRelease():
            return RELEASE | _ack(message.ack_required), [
                _indicator(message.indicator),
                *_burst(message.burst),
            ]
        case FloorIdle():
            return IDLE | _ack(message.ack_required), [
                (MESSAGE_SEQUENCE, _uint16.pack(message.sequence)),
                _indicator(message.indicator),
            ]
        case FloorRevoke():
            return REVOKE, _rejection_fields(message)
        case FloorQueuePositionRequest():
            return QUEUE_POSITION_REQUEST, []
        case FloorQueuePositionInfo():
            return QUEUE_POSITION_INFO | _ack(message.ack_required), [
                (QUEUE_INFO, _two_octets.pack(message.position, message.priority)),
                _indicator(message.indicator),
            ]
        case FloorAck():
            return ACK, [
                (SOURCE, _uint16.pack(message.source)),
                (MESSAGE_TYPE, _two_octets.pack(message.message_type, 0)),
            ]
        case UnknownFloorMessage():
            raise LocalProtocolError(f"Floor message {message.subtype} is not spoken here.")


def _taken_fields(message: FloorTaken) -> list[_Field]:
    talker = [] if message.talker is None else [(GRANTED_PARTY, message.talker.encode())]
    return [
        *talker,
        (PERMISSION, _uint16.pack(message.may_request)),
        (MESSAGE_SEQUENCE, _uint16.pack(message.sequence)),
        _indicator(message.indicator),
        *_burst(message.burst),
    ]


def _rejection_fields(message: FloorDeny | FloorRevoke) -> list[_Field]:
    value = _uint16.pack(message.cause) + message.phrase.encode()
    return [(REJECT_CAUSE, value), _indicator(message.indicator)]


def _ack(required: bool) -> int:
    return ACK_REQUIRED if required else 0


def _priority(priority: int) -> _Field:
    return PRIORITY, _two_octets.pack(priority, 0)


def _indicator(indicator: FloorIndicator) -> _Field:
    return INDICATOR, _uint16.pack(indicator)


def _burst(burst: int | None) -> list[_Field]:
    return [] if burst is None else [(BURST_SSRC, _ssrc_and_spare.pack(burst, 0))]


def floor_from_app(packet: AppPacket) -> FloorMessage:
    """The floor message in an MCPT packet; raises only MalformedPacketError."""
    if packet.name != FLOOR_NAME:
        raise MalformedPacketError(f"{packet.name!r} is not floor control")
    message_type = packet.subtype & ~ACK_REQUIRED
    ack = packet.subtype != message_type
    parser = _PARSERS.get(message_type)
    if parser is None or (ack and message_type not in _MAY_WANT_ACK):
        return UnknownFloorMessage(packet.ssrc, packet.subtype)
    return parser(packet.ssrc, _Fields(packet.body), ack)


class _Fields:
    """The fields of one message, by meaning; each raises only MalformedPacketError."""

    def __init__(self, body: bytes) -> None:
        self._values = parse_fields_untrusted(body)

    def value(self, field_id: int, length: int) -> bytes | None:
        """The octets of a field of fixed length, or None if it is absent."""
        value = self._values.get(field_id)
        if value is not None and len(value) != length:
            raise MalformedPacketError(f"field {field_id} with {len(value)} octets")
        return value

    def pair(self, field_id: int) -> tuple[int, int]:
        """The two octets of a field that must be there."""
        value = self.value(field_id, 2)
        if value is None:
            raise MalformedPacketError(f"no field {field_id}")
        return value[0], value[1]

    def uint16(self, field_id: int) -> int:
        """The number in a field of two octets that must be there."""
        high, low = self.pair(field_id)
        return high << 8 | low

    def text(self, field_id: int, skip: int = 0) -> str | None:
        """The text of a field behind `skip` octets, or None if the field is absent."""
        value = self._values.get(field_id)
        if value is None:
            return None
        try:
            return value[skip:].decode()
        except UnicodeDecodeError as error:
            raise MalformedPacketError(f"field {field_id} is not UTF-8") from error

    def priority(self) -> int:
        """Clause 8.2.3.2: absent means 0, the lowest."""
        value = self.value(PRIORITY, 2)
        return value[0] if value is not None else 0

    def indicator(self) -> FloorIndicator:
        """Clause 8.2.3.15: absent means a normal call."""
        value = self.value(INDICATOR, 2)
        return FloorIndicator.NORMAL_CALL if value is None else FloorIndicator(_number(value))

    def burst(self) -> int | None:
        """Clause 8.2.3.16: the SSRC of the voice; the last two octets are spare."""
        value = self.value(BURST_SSRC, 6)
        return None if value is None else _number(value[:4])

    def rejection(self) -> tuple[int, str]:
        """Clause 8.2.3.4: cause and phrase."""
        value = self._values.get(REJECT_CAUSE, b"")
        if len(value) < _uint16.size:
            raise MalformedPacketError("no reject cause")
        return _number(value[:2]), self.text(REJECT_CAUSE, skip=2) or ""


def _number(octets: bytes) -> int:
    return int.from_bytes(octets, "big")


def _parse_request(ssrc: int, fields: _Fields, ack: bool) -> FloorRequest:
    return FloorRequest(ssrc, fields.priority(), fields.indicator())


def _parse_granted(ssrc: int, fields: _Fields, ack: bool) -> FloorGranted:
    duration = fields.uint16(DURATION)
    priority, indicator = fields.priority(), fields.indicator()
    return FloorGranted(ssrc, duration, fields.burst(), priority, indicator, ack)


def _parse_taken(ssrc: int, fields: _Fields, ack: bool) -> FloorTaken:
    """Without Permission to Request, asking is allowed: the server decides anyway."""
    permission = fields.value(PERMISSION, 2)
    return FloorTaken(
        ssrc,
        talker=fields.text(GRANTED_PARTY),
        burst=fields.burst(),
        sequence=fields.uint16(MESSAGE_SEQUENCE),
        may_request=permission is None or any(permission),
        indicator=fields.indicator(),
        ack_required=ack,
    )


def _parse_deny(ssrc: int, fields: _Fields, ack: bool) -> FloorDeny:
    number, phrase = fields.rejection()
    cause = DenyCause(number) if number in _DENY_CAUSES else DenyCause.OTHER
    return FloorDeny(ssrc, cause, phrase, fields.indicator(), ack)


def _parse_release(ssrc: int, fields: _Fields, ack: bool) -> FloorRelease:
    return FloorRelease(ssrc, fields.burst(), fields.indicator(), ack)


def _parse_idle(ssrc: int, fields: _Fields, ack: bool) -> FloorIdle:
    return FloorIdle(ssrc, fields.uint16(MESSAGE_SEQUENCE), fields.indicator(), ack)


def _parse_revoke(ssrc: int, fields: _Fields, ack: bool) -> FloorRevoke:
    number, phrase = fields.rejection()
    cause = RevokeCause(number) if number in _REVOKE_CAUSES else RevokeCause.OTHER
    return FloorRevoke(ssrc, cause, phrase, fields.indicator())


def _parse_position_request(ssrc: int, fields: _Fields, ack: bool) -> FloorQueuePositionRequest:
    return FloorQueuePositionRequest(ssrc)


def _parse_position_info(ssrc: int, fields: _Fields, ack: bool) -> FloorQueuePositionInfo:
    position, priority = fields.pair(QUEUE_INFO)
    return FloorQueuePositionInfo(ssrc, position, priority, fields.indicator(), ack)


def _parse_ack(ssrc: int, fields: _Fields, ack: bool) -> FloorAck:
    source = fields.uint16(SOURCE)
    if source not in _SOURCES:
        raise MalformedPacketError(f"an acknowledgement from source {source}")
    message_type, _ = fields.pair(MESSAGE_TYPE)
    return FloorAck(ssrc, AckSource(source), message_type)


_DENY_CAUSES = frozenset(DenyCause)
_REVOKE_CAUSES = frozenset(RevokeCause)
_SOURCES = frozenset(AckSource)

_PARSERS: dict[int, Callable[[int, _Fields, bool], FloorMessage]] = {
    REQUEST: _parse_request,
    GRANTED: _parse_granted,
    TAKEN: _parse_taken,
    DENY: _parse_deny,
    RELEASE: _parse_release,
    IDLE: _parse_idle,
    REVOKE: _parse_revoke,
    QUEUE_POSITION_REQUEST: _parse_position_request,
    QUEUE_POSITION_INFO: _parse_position_info,
    ACK: _parse_ack,
}
