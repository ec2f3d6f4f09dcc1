"""One burst over a network that behaves: what is heard, when, and to which end."""

import numpy as np
import pytest

from ptt.media.reception import Reception
from ptt.wire.rtp import RtpPacket
from tests.support import speech
from tests.support.voice_path import SSRC, carry, encode, on_time, talk

SOUND = speech.voice(2.0)
FRAMES = speech.frames(SOUND)
OPUS = encode(FRAMES)


def test_a_calm_network_adds_two_frames_at_most() -> None:
    heard = carry(on_time(talk(OPUS)))

    assert max(heard.delays) <= 0.040
    assert heard.reception.statistics(0.0).concealed == 0


def test_every_word_is_heard_once() -> None:
    heard = carry(on_time(talk(OPUS)))

    delayed = speech.samples(heard.pcm)[312:].astype(float)
    assert len(heard.frames) == len(FRAMES)
    assert np.corrcoef(SOUND[: len(delayed)].astype(float), delayed)[0, 1] > 0.9


@pytest.mark.parametrize("per_packet", [2, 3])
def test_longer_packets_play_without_a_gap(per_packet: int) -> None:
    heard = carry(on_time(talk(encode(FRAMES[:96], per_packet))))

    assert len(heard.frames) == 96
    assert np.diff(heard.times) == pytest.approx(0.020)
    assert heard.reception.statistics(0.0).concealed == 0


def test_nothing_is_played_before_anything_came() -> None:
    assert Reception(SSRC).play(0.0) is None


def test_a_burst_of_one_frame_is_heard() -> None:
    reception = Reception(SSRC)
    reception.receive(talk(OPUS)[0], 0.0)
    reception.end()

    assert reception.play(0.001) is not None
    assert reception.play(0.021) is None
    assert reception.finished


def test_a_burst_that_never_came_finishes() -> None:
    reception = Reception(SSRC)
    reception.end()

    assert reception.play(0.0) is None
    assert reception.finished


def test_the_last_syllable_is_played_after_the_end() -> None:
    reception = Reception(SSRC)
    for packet in talk(OPUS)[:5]:
        reception.receive(packet, 0.0)
    reception.end()

    heard = [reception.play(n * 0.020) for n in range(20)]

    assert 3 <= sum(frame is not None for frame in heard) <= 5
    assert reception.finished


def test_a_burst_does_not_stop_with_a_click() -> None:
    heard = carry(on_time(talk(OPUS[:30])))

    assert abs(int(speech.samples(heard.pcm)[-1])) <= 1


def test_rubbish_is_counted_and_not_played() -> None:
    reception = Reception(SSRC)

    for payload_type, payload in ((111, b""), (112, b""), (112, b"\x80"), (9, b"x")):
        reception.receive(RtpPacket(payload_type, 1, 2, SSRC, payload), 0.0)

    assert reception.statistics(0.0).malformed == 4
    assert reception.play(1.0) is None


def test_opus_that_does_not_decode_is_replaced_by_invented_sound() -> None:
    reception = Reception(SSRC)
    packets = talk(OPUS[:10])
    broken = RtpPacket(111, packets[4].sequence, packets[4].timestamp, SSRC, b"\x0b\x41\xff")
    for packet in [*packets[:4], broken, *packets[5:]]:
        reception.receive(packet, 0.0)

    heard = [reception.play(n * 0.020) for n in range(12)]

    assert any(heard)
    assert reception.statistics(1.0).malformed == 1
