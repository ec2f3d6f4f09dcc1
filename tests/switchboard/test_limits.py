"""Guesses, floods, slow readers and dying floor servers: each is bounded."""

import io
import json
import sys

import trio
from hypothesis import given
from hypothesis import strategies as st

from ptt.switchboard.enrolment import WRONG_PER_MINUTE, WRONG_PER_MINUTE_OVERALL, GuessLimit
from ptt.switchboard.floor_servers import PAUSES, pause_after
from ptt.switchboard.logs import Folding, make_log
from ptt.switchboard.outbox import GOODBYE_WITHIN, MAX_OCTETS, MAX_STALL, Outbox


def test_who_guesses_from_one_address_becomes_suspicious_and_others_do_not() -> None:
    limit = GuessLimit()

    for _ in range(WRONG_PER_MINUTE):
        assert not limit.is_suspicious("10.0.0.1", 0.0)
        limit.note_try("10.0.0.1", 0.0)

    assert limit.is_suspicious("10.0.0.1", 1.0)
    assert not limit.is_suspicious("10.0.0.2", 1.0)
    assert not limit.is_suspicious("10.0.0.1", 61.0)


def test_right_invites_do_not_count() -> None:
    limit = GuessLimit()

    for _ in range(WRONG_PER_MINUTE_OVERALL + 1):
        limit.note_try("10.0.0.1", 0.0)
        limit.note_right("10.0.0.1")

    assert not limit.is_suspicious("10.0.0.1", 0.0)


def test_guesses_from_many_addresses_make_everybody_suspicious_for_a_while() -> None:
    limit = GuessLimit()

    for number in range(WRONG_PER_MINUTE_OVERALL):
        limit.note_try(f"10.0.0.{number}", 0.0)

    assert limit.is_suspicious("192.168.0.1", 0.0)
    assert not limit.is_suspicious("192.168.0.1", 2.0)


def test_a_flood_of_equal_events_is_one_line_a_minute_with_their_number() -> None:
    folding = Folding()

    lines = [folding.admit("malformed", "10.0.0.1", now / 100) for now in range(6001)]

    assert [line for line in lines if line is not None] == [0, 5999]


def test_a_flood_from_countless_sources_is_folded_too() -> None:
    folding = Folding()

    lines = [folding.admit("malformed", str(number), 0.0) for number in range(100_000)]

    assert sum(line is not None for line in lines) <= 1001


@given(st.text(max_size=200), st.text(max_size=20))
def test_every_log_line_is_one_json_object_whatever_is_in_it(text: str, source: str) -> None:
    out, sys.stdout = sys.stdout, io.StringIO()
    try:
        make_log().info("event", person=text, source=source)
        written = sys.stdout.getvalue()
    finally:
        sys.stdout = out

    [line, rest] = written.split("\n")
    assert len(line.splitlines()) == 1
    assert json.loads(line)["person"] == text
    assert rest == ""


def test_a_floor_server_that_dies_again_and_again_is_started_ever_more_slowly() -> None:
    pauses = [pause_after(deaths) for deaths in range(10)]

    assert pauses[:2] == [0.0, 0.0]
    assert pauses == sorted(pauses)
    assert pauses[-1] == PAUSES[-1]


async def test_who_does_not_read_is_cut_when_too_much_waits() -> None:
    cuts: list[None] = []
    outbox = Outbox(lambda: cuts.append(None))

    for _ in range(MAX_OCTETS // 1000 + 1):
        outbox.put("x" * 1000)

    assert cuts == [None]


async def test_who_does_not_take_a_message_in_time_has_stalled(
    autojump_clock: trio.testing.MockClock,
) -> None:
    outbox = Outbox(lambda: None)

    async def hang(_text: str) -> None:
        await trio.sleep_forever()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(outbox.drain, hang)
        outbox.put("x")
        await trio.sleep(MAX_STALL)
        assert not outbox.has_stalled(trio.current_time())
        await trio.sleep(0.1)
        assert outbox.has_stalled(trio.current_time())
        nursery.cancel_scope.cancel()


async def test_an_ended_outbox_sends_what_is_left_and_nothing_more(
    autojump_clock: trio.testing.MockClock,
) -> None:
    outbox, sent = Outbox(lambda: None), []

    async def send(text: str) -> None:
        await trio.lowlevel.checkpoint()
        sent.append(text)

    outbox.put("1")
    outbox.end()
    outbox.put("2")
    await outbox.drain(send)

    assert sent == ["1"]
    assert not outbox.has_stalled(trio.current_time())
    assert outbox.has_stalled(trio.current_time() + GOODBYE_WITHIN + 0.1)
