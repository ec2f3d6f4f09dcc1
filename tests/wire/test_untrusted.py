"""Every parser of network bytes, fed with chance: it may only raise MalformedPacketError.

Octets without any order seldom get past a header, so most of these are true messages with some
octets changed, cut or doubled. `make fuzz` searches further (tests/fuzz).
"""

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ptt.errors import MalformedPacketError
from ptt.wire import signalling, trunk
from ptt.wire.control import parse_control_untrusted
from ptt.wire.datagram import DatagramKind, classify, peek_ssrc
from ptt.wire.fields import parse_fields_untrusted
from ptt.wire.redundancy import parse_red_untrusted
from ptt.wire.rtcp import parse_rtcp_untrusted
from ptt.wire.rtp import parse_rtp_untrusted
from tests.fuzz.seeds import (
    CLIENT_TEXT,
    CONTROL,
    FIELDS,
    FLOOR_SERVER_FRAMES,
    RED,
    SERVER_TEXT,
    SWITCHBOARD_FRAMES,
    VOICE,
)


@st.composite
def damaged(draw: st.DrawFn, originals: list[bytes]) -> bytes:
    """One of the originals, with up to six octets changed and its end cut off or repeated."""
    octets = bytearray(draw(st.sampled_from(originals)))
    for _ in range(draw(st.integers(0, 6))):
        octets[draw(st.integers(0, len(octets) - 1))] = draw(st.integers(0, 255))
    end = draw(st.integers(0, len(octets)))
    return bytes(draw(st.sampled_from([octets, octets[:end], octets + octets[end:]])))


def anything(originals: list[bytes]) -> st.SearchStrategy[bytes]:
    return damaged(originals) | st.binary(max_size=1500)


def read(parse: Callable[[bytes], object], octets: bytes) -> None:
    with suppress(MalformedPacketError):
        parse(octets)


@given(anything(VOICE))
@example(b"")
def test_rtp_untrusted(octets: bytes) -> None:
    read(parse_rtp_untrusted, octets)


@given(anything(RED))
@example(b"")
def test_red_untrusted(octets: bytes) -> None:
    read(parse_red_untrusted, octets)


@given(anything(CONTROL))
@example(b"")
def test_rtcp_untrusted(octets: bytes) -> None:
    read(parse_rtcp_untrusted, octets)


@given(anything(CONTROL))
@example(b"")
def test_control_untrusted(octets: bytes) -> None:
    read(parse_control_untrusted, octets)


@given(anything(FIELDS))
@example(b"")
def test_fields_untrusted(octets: bytes) -> None:
    read(parse_fields_untrusted, octets)


@given(anything(CONTROL + VOICE))
@example(b"")
def test_the_kind_of_untrusted_octets_is_told_without_any_error(octets: bytes) -> None:
    kind = classify(octets)

    if kind is not DatagramKind.OTHER:
        assert 0 <= peek_ssrc(octets, kind) <= 0xFFFFFFFF


@given(anything(CLIENT_TEXT))
@example(b"[" * 100_000)
@example(b'{"type":"join","channel":1e999}')
def test_client_messages_untrusted(octets: bytes) -> None:
    read(signalling.parse_client_message_untrusted, octets)


@given(anything(SERVER_TEXT))
@example(b'{"type":"joined","members":' + b"[" * 100_000)
def test_server_messages_untrusted(octets: bytes) -> None:
    read(signalling.parse_server_message_untrusted, octets)


@given(st.text(max_size=200))
@example('{"type":"join","channel":1,"x":"\ud800"}')
def test_signalling_text_untrusted(text: str) -> None:
    with suppress(MalformedPacketError):
        signalling.parse_client_message_untrusted(text)


@given(anything(FLOOR_SERVER_FRAMES))
@example(b"\x91" * 100_000)
def test_trunk_frames_to_the_floor_server_untrusted(octets: bytes) -> None:
    read(trunk.parse_to_floor_server_untrusted, octets)


@given(anything(SWITCHBOARD_FRAMES))
@example(b"\x91" * 100_000)
def test_trunk_frames_to_the_switchboard_untrusted(octets: bytes) -> None:
    read(trunk.parse_to_switchboard_untrusted, octets)


@given(st.lists(st.binary(max_size=20), max_size=10))
def test_the_trunk_stream_untrusted(pieces: list[bytes]) -> None:
    buffer = trunk.FrameBuffer()

    with suppress(MalformedPacketError):
        for piece in pieces:
            buffer.feed_untrusted(piece)


@given(st.lists(st.binary(max_size=40), max_size=6), st.integers(1, 7))
def test_the_trunk_stream_untrusted_is_cut_into_the_frames_that_were_sent(
    bodies: list[bytes], step: int
) -> None:
    stream = b"".join(len(body).to_bytes(4, "big") + body for body in bodies)
    buffer = trunk.FrameBuffer()

    received: list[bytes] = []
    for at in range(0, len(stream), step):
        received += buffer.feed_untrusted(stream[at : at + step])

    assert received == bodies


def test_an_untrusted_trunk_frame_of_more_than_a_mebioctet_is_refused() -> None:
    buffer = trunk.FrameBuffer()

    with pytest.raises(MalformedPacketError):
        buffer.feed_untrusted((trunk.MAX_FRAME + 1).to_bytes(4, "big"))
