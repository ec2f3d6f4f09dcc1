"""A kept burst once more: whole, at its own pace, and then the one before."""

import numpy as np
import pytest

from ptt.client.kept_bursts import KeptBursts
from ptt.client.replay import BEFORE_WITHIN, Replay
from ptt.media.opus import OpusDecoder
from ptt.media.talk_burst import TalkBurst
from ptt.wire.rtp import RtpPacket
from tests.support.speech import frames, voice
from tests.support.voice_path import encode

WORKSHOP = 1


class Desk:
    """A replay with bursts of Anna, Ben and Clara, half a second each."""

    def __init__(self, *talkers: str) -> None:
        self.kept = KeptBursts()
        self.kept.permit([WORKSHOP])
        self.replay = Replay(self.kept)
        for talker in talkers:
            self.hear(talker)

    def hear(self, talker: str, lost: frozenset[int] = frozenset()) -> list[bytes]:
        opus = encode(frames(voice(0.5)))
        burst = TalkBurst(sum(talker.encode()), 100, (1 << 32) - 5000)
        self.add(talker, [burst.packet(one) for n, one in enumerate(opus)], lost)
        return opus

    def add(self, talker: str, said: list[RtpPacket], lost: frozenset[int]) -> None:
        for n, packet in enumerate(said):
            if n not in lost:
                self.kept.add(WORKSHOP, talker, packet, 100.0)

    def start(self, now: float) -> str | None:
        burst = self.replay.start(WORKSHOP, now)
        return burst.talker if burst else None

    def play(self, count: int = 1000) -> list[bytes]:
        played: list[bytes] = []
        while len(played) < count and (frame := self.replay.play()) is not None:
            played.append(frame)
        return played


def test_where_nothing_was_said_nothing_is_played() -> None:
    desk = Desk()

    assert desk.start(100.0) is None
    assert desk.replay.channel is None
    assert desk.play() == []


def test_a_burst_is_played_whole_and_sample_by_sample() -> None:
    desk = Desk()
    opus = desk.hear("Anna")
    desk.start(100.0)

    played = desk.play()

    decoder = OpusDecoder()
    expected = b"".join(map(decoder.decode, opus))
    assert len(played) == 25
    assert b"".join(played)[:-480] == expected[:-480]  # the last 5 ms fade out


def test_packets_in_any_order_are_played_in_order() -> None:
    desk, straight = Desk(), Desk("Anna")
    opus = encode(frames(voice(0.5)))
    burst = TalkBurst(1, 100, 48_000)
    said = [burst.packet(one) for one in opus]
    desk.add("Anna", [*said[:5], *reversed(said[5:9]), *said[9:]], frozenset())
    desk.start(100.0)
    straight.start(100.0)

    assert desk.play() == straight.play()


def test_a_short_gap_is_filled_and_a_long_one_left_out() -> None:
    short, long = Desk(), Desk()
    short.hear("Anna", frozenset({10, 11}))
    long.hear("Anna", frozenset(range(5, 20)))
    short.start(100.0)
    long.start(100.0)

    assert len(short.play()) == 25
    assert len(long.play()) == 25 - 15 + 5


def test_the_last_burst_is_played_and_asked_again_the_one_before() -> None:
    desk = Desk("Anna", "Ben", "Clara")

    assert [desk.start(100.0 + n) for n in range(4)] == ["Clara", "Ben", "Anna", "Anna"]


@pytest.mark.parametrize(
    ("later", "talker"), [(BEFORE_WITHIN - 0.1, "Ben"), (BEFORE_WITHIN + 0.1, "Clara")]
)
def test_soon_after_a_replay_the_one_before_is_meant(later: float, talker: str) -> None:
    desk = Desk("Anna", "Ben", "Clara")
    desk.start(100.0)
    desk.replay.stop(heard_out_at=101.0)

    assert desk.start(101.0 + later) == talker


def test_after_an_interruption_the_last_one_is_meant() -> None:
    desk = Desk("Anna", "Ben")
    desk.start(100.0)
    desk.replay.stop()

    assert desk.start(100.5) == "Ben"


def test_what_was_said_meanwhile_is_the_last_one() -> None:
    desk = Desk("Anna", "Ben")
    desk.start(100.0)
    desk.hear("Clara")

    assert desk.start(100.5) == "Clara"


def test_a_burst_that_is_forgotten_while_it_plays_is_no_trouble() -> None:
    desk = Desk("Anna")
    desk.start(100.0)
    desk.play(3)
    desk.kept.forget(WORKSHOP)

    assert len(desk.play()) == 22
    assert desk.start(100.1) is None


def test_a_replay_is_not_louder_than_what_was_heard() -> None:
    desk = Desk("Anna")
    desk.start(100.0)

    played = np.frombuffer(b"".join(desk.play()), dtype=np.int16)

    assert 3000 < np.abs(played.astype(int)).max() <= 20_000
