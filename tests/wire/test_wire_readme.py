"""ptt/wire/README.md names everything that travels: somebody writes a second client from it."""

import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

import ptt.wire
from ptt.wire import floor_codec, signalling, trunk
from ptt.wire.link import LinkMessage

README = (Path(next(iter(ptt.wire.__path__))) / "README.md").read_text()

MESSAGES = [
    *get_args(signalling.ClientMessage),
    *get_args(signalling.ServerMessage),
    *get_args(trunk.ToFloorServer),
    *get_args(trunk.ToSwitchboard),
]
OBJECTS = [
    signalling.Member,
    signalling.ChannelDescription,
    signalling.Enrol,
    signalling.Enrolled,
]


def row(name: str, fields: tuple[str, ...]) -> bool:
    """Whether some line begins with the message's name and says all its fields."""
    lines = [line for line in README.splitlines() if f"`{name}`" in line]
    return any(all(f"`{field}`" in line for field in fields) for line in lines)


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message.__name__)
def test_each_message_stands_there_with_all_its_fields(message: type[msgspec.Struct]) -> None:
    assert row(message.__name__.lower(), message.__struct_fields__)


@pytest.mark.parametrize("shape", OBJECTS, ids=lambda shape: shape.__name__)
def test_each_object_stands_there_with_all_its_members(shape: type[msgspec.Struct]) -> None:
    assert [name for name in shape.__struct_fields__ if f'"{name}":' not in README] == []


@pytest.mark.parametrize("message", get_args(LinkMessage), ids=lambda message: message.__name__)
def test_each_link_message_stands_there(message: type) -> None:
    assert re.search(rf"^\| \d \| {message.__name__} \|", README, re.MULTILINE)


def test_each_field_and_subtype_number_of_floor_messages_stands_there() -> None:
    fields = [
        floor_codec.PRIORITY,
        floor_codec.DURATION,
        floor_codec.REJECT_CAUSE,
        floor_codec.QUEUE_INFO,
        floor_codec.GRANTED_PARTY,
        floor_codec.PERMISSION,
        floor_codec.MESSAGE_SEQUENCE,
        floor_codec.SOURCE,
        floor_codec.MESSAGE_TYPE,
        floor_codec.INDICATOR,
        floor_codec.BURST_SSRC,
    ]
    numbers = [int(found) for found in re.findall(r"^\| (\d+) \|", section(7), re.MULTILINE)]

    assert sorted(numbers) == sorted([*fields, *range(7), 8, 9, 10])


def section(number: int) -> str:
    return README.split(f"\n## {number}. ")[1].split("\n## ")[0]
