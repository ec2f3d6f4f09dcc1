"""The octets in tests/vectors/ mean what is written beside them.

A second client can be checked against the same files: each entry has `octets` (hexadecimal) and
what they mean, in the names of the classes in ptt/wire/. An entry with `sent: false` is read but
never written by this project.
"""

import json
from dataclasses import fields
from enum import Enum
from pathlib import Path

import pytest

from ptt.wire.control import ControlMessage, encode_control, parse_control_untrusted
from ptt.wire.redundancy import encode_red, parse_red_untrusted
from ptt.wire.rtcp import ReportBlock
from ptt.wire.rtp import RtpPacket, encode_rtp, parse_rtp_untrusted

VECTORS = Path(__file__).parent.parent / "vectors"
Vector = dict[str, object]


def vectors(name: str) -> list[Vector]:
    loaded: list[Vector] = json.loads((VECTORS / f"{name}.json").read_text())["vectors"]
    return loaded


def sent(chosen: list[Vector]) -> list[Vector]:
    return [vector for vector in chosen if vector.get("sent", True)]


def name_of(vector: Vector) -> str:
    return str(vector["name"])


def octets_of(vector: Vector) -> bytes:
    return bytes.fromhex(str(vector["octets"]))


def described(message: ControlMessage | RtpPacket) -> dict[str, object]:
    """The message in the words of the files."""
    values = {field.name: plain(getattr(message, field.name)) for field in fields(message)}
    return {"type": type(message).__name__} | values


def plain(value: object) -> object:
    match value:
        case bytes():
            return value.hex()
        case Enum():
            return value.value
        case tuple():
            return [plain(item) for item in value]
        case ReportBlock():
            return {field.name: getattr(value, field.name) for field in fields(value)}
        case _:
            return value


CONTROL = vectors("floor") + vectors("link")


@pytest.mark.parametrize("vector", CONTROL, ids=name_of)
def test_control_messages_mean_what_is_written_beside_them(vector: Vector) -> None:
    messages = parse_control_untrusted(octets_of(vector))

    assert [described(message) for message in messages] == vector["messages"]


@pytest.mark.parametrize("vector", sent(CONTROL), ids=name_of)
def test_control_messages_are_written_as_in_the_files(vector: Vector) -> None:
    messages = parse_control_untrusted(octets_of(vector))

    written = b"".join(encode_control(message) for message in messages)

    assert written == octets_of(vector)


@pytest.mark.parametrize("vector", vectors("rtp"), ids=name_of)
def test_voice_packets_mean_what_is_written_beside_them(vector: Vector) -> None:
    assert described(parse_rtp_untrusted(octets_of(vector))) == vector["packet"]


@pytest.mark.parametrize("vector", sent(vectors("rtp")), ids=name_of)
def test_voice_packets_are_written_as_in_the_files(vector: Vector) -> None:
    octets = octets_of(vector)

    assert encode_rtp(parse_rtp_untrusted(octets)) == octets


@pytest.mark.parametrize("vector", vectors("red"), ids=name_of)
def test_redundant_payloads_mean_what_is_written_beside_them(vector: Vector) -> None:
    blocks = parse_red_untrusted(octets_of(vector))

    assert vector["blocks"] == [
        {"offset_ticks": block.offset_ticks, "payload": block.payload.hex()} for block in blocks
    ]


@pytest.mark.parametrize("vector", sent(vectors("red")), ids=name_of)
def test_redundant_payloads_are_written_as_in_the_files(vector: Vector) -> None:
    *copies, newest = parse_red_untrusted(octets_of(vector))

    written = encode_red(newest.payload, [(copy.offset_ticks, copy.payload) for copy in copies])

    assert written == octets_of(vector)
