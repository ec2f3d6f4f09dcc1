"""The protected packets in tests/vectors/srtp.json, by an SRTP of the tests' own.

So the files do not only say what one library does. That the library agrees is a matter of
tests/security.
"""

import json
from pathlib import Path

import pytest

from tests.support.srtp_reference import protect_rtcp_gcm, protect_rtp_cm, protect_rtp_gcm

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "srtp.json").read_text())
GCM = "AEAD_AES_128_GCM"
Vector = dict[str, str]


def chosen(kind: str, profile: str) -> list[Vector]:
    return [
        vector
        for vector in VECTORS["vectors"]
        if (vector["kind"], vector["profile"]) == (kind, profile)
    ]


@pytest.mark.parametrize("vector", chosen("rtp", GCM), ids=lambda vector: vector["name"])
def test_voice_is_protected_by_gcm_and_followed_by_its_epoch(vector: Vector) -> None:
    key, plain, mki = (bytes.fromhex(vector.get(name, "")) for name in ("key", "plain", "mki"))

    assert protect_rtp_gcm(key, plain, mki).hex() == vector["protected"]


@pytest.mark.parametrize(
    "vector", chosen("rtp", "AES_CM_128_HMAC_SHA1_80"), ids=lambda vector: vector["name"]
)
def test_voice_of_interop_channels_is_protected_by_counter_mode(vector: Vector) -> None:
    key, plain = bytes.fromhex(vector["key"]), bytes.fromhex(vector["plain"])

    assert protect_rtp_cm(key, plain).hex() == vector["protected"]


@pytest.mark.parametrize("vector", chosen("rtcp", GCM), ids=lambda vector: vector["name"])
def test_control_is_protected_by_gcm_with_its_own_index(vector: Vector) -> None:
    key, plain = bytes.fromhex(vector["key"]), bytes.fromhex(vector["plain"])

    assert protect_rtcp_gcm(key, plain, int(vector["index"])).hex() == vector["protected"]


def test_every_protected_packet_is_checked_by_one_of_these() -> None:
    checked = [*chosen("rtp", GCM), *chosen("rtcp", GCM), *chosen("rtp", "AES_CM_128_HMAC_SHA1_80")]

    assert len(checked) == len(VECTORS["vectors"])
