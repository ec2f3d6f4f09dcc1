"""Guesses, floods, slow readers and dying floor servers: each is bounded."""

import io
import json
import socket
import sys
from contextlib import ExitStack

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from ptt.switchboard.enrolment import WRONG_PER_MINUTE, WRONG_PER_MINUTE_OVERALL, GuessLimit
from ptt.switchboard.floor_servers import PAUSES, pause_after
from ptt.switchboard.logs import Folding, make_log
from ptt.switchboard.outbox import GOODBYE_WITHIN, MAX_OCTETS, MAX_STALL, Outbox
from ptt.switchboard.web_server import (
    HANDSHAKE_WITHIN,
    MAX_SILENT,
    OVERALL,
    PER_ADDRESS,
    PROVE_WITHIN,
    Silent,
    Slots,
)


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


def connected(stack: ExitStack) -> tuple[trio.SocketStream, socket.socket]:
    here, there = socket.socketpair()
    here.setblocking(False)
    stack.enter_context(here)
    stack.enter_context(there)
    return trio.SocketStream(trio.socket.from_stdlib_socket(here)), there


async def test_who_says_nothing_is_not_waited_for_longer_than_a_handshake_takes(
    autojump_clock: trio.testing.MockClock,
) -> None:
    with ExitStack() as stack:
        stream, _ = connected(stack)
        start = trio.current_time()

        speaks = await Silent().speaks(stream)

    assert not speaks
    assert trio.current_time() - start == pytest.approx(HANDSHAKE_WITHIN)


async def test_who_speaks_is_let_in_however_many_are_silent() -> None:
    silent = Silent()
    spoke: list[tuple[int, bool]] = []

    async def come(number: int, stream: trio.SocketStream) -> None:
        speaks = await silent.speaks(stream)
        spoke.append((number, speaks))

    with ExitStack() as stack:
        ends = [connected(stack) for _ in range(MAX_SILENT + 2)]
        async with trio.open_nursery() as nursery:
            for number, (stream, _) in enumerate(ends):
                nursery.start_soon(come, number, stream)
                await trio.testing.wait_all_tasks_blocked()
            before = list(spoke)
            ends[-1][1].send(b"x")
            with trio.fail_after(1.0):
                while len(spoke) == len(before):
                    await trio.testing.wait_all_tasks_blocked(0.001)
            nursery.cancel_scope.cancel()

    assert before == [(0, False), (1, False)], "who has been silent for longest goes first"
    assert spoke[2] == (MAX_SILENT + 1, True)


async def test_strangers_from_one_address_wait_for_a_slot_and_others_do_not(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    for _ in range(PER_ADDRESS):
        await slots.take("10.0.0.1")

    with trio.move_on_after(1.0) as waited:
        await slots.take("10.0.0.1")
    assert waited.cancelled_caught
    await slots.take("10.0.0.2")
    slots.free("10.0.0.1")
    await slots.take("10.0.0.1")
    with pytest.raises(trio.TooSlowError):
        await slots.take("10.0.0.1")

    assert trio.current_time() - waited.deadline == pytest.approx(PROVE_WITHIN)


async def test_there_is_room_for_a_limited_number_of_strangers_in_all(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    for number in range(OVERALL):
        await slots.take(str(number))

    with pytest.raises(trio.TooSlowError):
        await slots.take("another")


async def test_strangers_are_let_in_in_the_order_in_which_they_came(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    let_in: list[int] = []

    async def come(number: int) -> None:
        await trio.sleep(number / 100)
        await slots.take("10.0.0.1")
        let_in.append(number)

    async with trio.open_nursery() as nursery:
        for number in range(PER_ADDRESS + 5):
            nursery.start_soon(come, number)
        await trio.sleep(1.0)
        for _ in range(5):
            slots.free("10.0.0.1")
            await trio.testing.wait_all_tasks_blocked()

    assert let_in == [*range(PER_ADDRESS + 5)]


async def test_a_stranger_who_gives_up_in_the_queue_takes_no_slot_with_him(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    for _ in range(PER_ADDRESS):
        await slots.take("10.0.0.1")

    with trio.move_on_after(1.0) as waited:
        await slots.take("10.0.0.1")
    slots.free("10.0.0.1")
    with trio.fail_after(1.0):
        await slots.take("10.0.0.1")

    assert waited.cancelled_caught


async def test_a_slot_that_was_given_in_the_moment_of_giving_up_is_free_again() -> None:
    slots = Slots()
    for _ in range(PER_ADDRESS):
        with trio.CancelScope() as gone:
            gone.cancel()
            await slots.take("10.0.0.1")

    with trio.fail_after(1.0):
        await slots.take("10.0.0.1")

    assert gone.cancelled_caught
