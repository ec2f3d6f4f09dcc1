"""Our SRTP opens and writes the published packets of tests/vectors/srtp.json.

tests/wire checks the same packets with an SRTP written from the standards, so two
implementations agree here.
"""

import json
from pathlib import Path

import pytest

from ptt.errors import AuthenticationError
from ptt.security.srtp import (
    GCM,
    INTEROP,
    ControlReceiver,
    UplinkReceiver,
    UplinkSender,
    VoiceReceiver,
    VoiceSender,
)

Vector = dict[str, str]
VECTORS: list[Vector] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "srtp.json").read_text()
)["vectors"]
UPLINK_VOICE, CHANNEL_VOICE, INTEROP_VOICE, RELEASE, TAKEN = VECTORS


def octets(vector: Vector, name: str) -> bytes:
    return bytes.fromhex(vector[name])


def ssrc(vector: Vector) -> int:
    start = 4 if vector["kind"] == "rtcp" else 8
    return int.from_bytes(octets(vector, "plain")[start : start + 4], "big")


def voice(vector: Vector) -> tuple[bytes, int, str]:
    """Key, epoch and profile."""
    profile = INTEROP if "mki" not in vector else GCM
    return octets(vector, "key"), int(vector.get("mki", "0"), 16), profile


def test_uplink_voice_is_written_and_opened_as_published() -> None:
    receiver = UplinkReceiver(octets(UPLINK_VOICE, "key"))
    receiver.add_source(ssrc(UPLINK_VOICE))

    written = UplinkSender(octets(UPLINK_VOICE, "key")).protect_rtp(octets(UPLINK_VOICE, "plain"))

    assert written == octets(UPLINK_VOICE, "protected")
    assert receiver.unprotect_rtp(written) == octets(UPLINK_VOICE, "plain")


@pytest.mark.parametrize("vector", [CHANNEL_VOICE, INTEROP_VOICE], ids=["gcm", "interop"])
def test_channel_voice_is_written_and_opened_as_published(vector: Vector) -> None:
    receiver = VoiceReceiver(*voice(vector))

    written = VoiceSender(*voice(vector)).protect(octets(vector, "plain"))

    assert written == octets(vector, "protected")
    assert receiver.unprotect(written) == octets(vector, "plain")


@pytest.mark.parametrize(
    ("receiver_class", "vector"),
    [(UplinkReceiver, RELEASE), (ControlReceiver, TAKEN)],
    ids=["release", "taken"],
)
def test_control_packets_are_opened_as_published(
    receiver_class: type[UplinkReceiver] | type[ControlReceiver], vector: Vector
) -> None:
    receiver = receiver_class(octets(vector, "key"))
    receiver.add_source(ssrc(vector))

    opened = receiver.unprotect_rtcp(octets(vector, "protected"))

    assert opened == octets(vector, "plain")


def test_a_published_packet_with_one_bit_changed_is_refused() -> None:
    receiver = ControlReceiver(octets(TAKEN, "key"))
    receiver.add_source(ssrc(TAKEN))
    changed = bytearray(octets(TAKEN, "protected"))
    changed[20] ^= 1

    with pytest.raises(AuthenticationError):
        receiver.unprotect_rtcp(bytes(changed))
