"""S1: somebody between clients and server sees all octets, and learns nothing from them."""

import math
from collections import Counter
from dataclasses import dataclass

import pytest
import trio

from ptt.client.audio_files import SilentLoudspeaker, WavMicrophone
from ptt.client.client import Client, open_client
from ptt.client.enrolment import enrol
from ptt.client.events import FloorGranted, FloorReleased
from ptt.security.srtp import UplinkSender
from ptt.wire.datagram import DatagramKind, classify
from ptt_demo.daemon import Daemon
from tests.support.speech import voice
from tests.support.wiretap import TAPPED, Wiretap, wiretap
from tests.support.witness import Witness

ANNA, BEN, CHANNEL = "Annegret Quast", "Benedikt Zweig", "Boardroom Nine"
DESK = "Desk by the window"
SPOKEN = 4.0  # s
ENTROPY = 7.9  # bits an octet
CLEAR_RTP, CLEAR_RTCP, EPOCH_OR_INDEX = 12, 8, 4  # octets that SRTP leaves readable
PIECE = 12  # octets; the chance that one comes twice by itself is none


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What clients gave to SRTP: RTP packets in clear."""
    packets: list[bytes] = []
    protect = UplinkSender.protect_rtp

    def note(sender: UplinkSender, packet: bytes) -> bytes:
        packets.append(packet)
        return protect(sender, packet)

    monkeypatch.setattr(UplinkSender, "protect_rtp", note)
    return packets


def sealed_part(datagram: bytes) -> bytes:
    clear = CLEAR_RTP if classify(datagram) is DatagramKind.RTP else CLEAR_RTCP
    return datagram[clear:-EPOCH_OR_INDEX]


def entropy(octets: bytes) -> float:
    shares = [number / len(octets) for number in Counter(octets).values()]
    return -sum(share * math.log2(share) for share in shares)


def pieces(octets: bytes) -> list[bytes]:
    return [octets[at : at + PIECE] for at in range(0, len(octets) - PIECE + 1, PIECE)]


async def talk(client: Client, microphone: WavMicrophone) -> None:
    async with trio.open_nursery() as nursery:
        witness = Witness(client)
        nursery.start_soon(witness.watch)
        client.press(CHANNEL)
        await witness.saw(FloorGranted)
        await microphone.say(voice(SPOKEN))
        client.release()
        await witness.saw(FloorReleased)
        nursery.cancel_scope.cancel()


@dataclass
class Recording:
    """A conversation of two as seen from the line, and what must not be seen there."""

    tap: Wiretap
    secrets: list[bytes]
    heard: int  # packets, by the listener


async def listen_in(daemon: Daemon) -> Recording:
    await daemon.command("channels", "add", CHANNEL)
    async with wiretap(daemon.port) as tap:
        links = [await daemon.invite(name, host=TAPPED) for name in (ANNA, BEN)]
        anna, ben = [await enrol(link, DESK) for link in links]
        microphone = WavMicrophone()
        async with (
            open_client(anna, microphone=microphone, loudspeaker=SilentLoudspeaker()) as talker,
            open_client(ben, loudspeaker=SilentLoudspeaker()) as listener,
        ):
            await talker.join(CHANNEL)
            await listener.join(CHANNEL)
            await talk(talker, microphone)
            heard = listener.statistics().heard
    tokens = [link.split("invite=")[1].split("&")[0].encode() for link in links]
    proofs = [proof for one in (anna, ben) for proof in (one.secret, one.device.encode())]
    return Recording(tap, [*tokens, *proofs], heard)


@pytest.mark.slow
async def test_who_taps_the_line_reads_no_name_and_no_word(
    daemon: Daemon, said: list[bytes]
) -> None:
    recording = await listen_in(daemon)

    octets = recording.tap.octets
    words = [packet[CLEAR_RTP:] for packet in said]
    names = [ANNA.encode(), BEN.encode(), CHANNEL.encode(), DESK.encode(), b"everyone", b"ptt:"]
    assert recording.heard >= 0.9 * len(words) > 150
    assert [each for each in (*names, *recording.secrets) if each in octets] == []
    assert [word for word in words for piece in pieces(word)[:4] if piece in octets] == []


@pytest.mark.slow
async def test_what_is_on_the_line_looks_like_chance(daemon: Daemon, said: list[bytes]) -> None:
    recording = await listen_in(daemon)

    sealed = b"".join(sealed_part(datagram) for datagram in recording.tap.datagrams)
    assert len(sealed) > 10_000
    assert entropy(sealed) > ENTROPY
    assert max(Counter(pieces(sealed)).values()) == 1
    assert entropy(b"".join(packet[:CLEAR_RTP] for packet in said)) < ENTROPY  # it can tell
