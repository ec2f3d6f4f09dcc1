"""Strangers: who is let in, who waits, and who gives way to whom."""

import socket
from contextlib import ExitStack
from functools import partial

import pytest
import trio

from ptt.switchboard.strangers import (
    GIVES_WAY,
    HANDSHAKE_WITHIN,
    MAX_GREETING,
    MAX_SILENT,
    OVERALL,
    PER_ADDRESS,
    PROVE_WITHIN,
    Silent,
    Slot,
    Slots,
)

HELLO = b"\x16\x03\x01\x00\x06client"


def connected(stack: ExitStack) -> tuple[trio.SocketStream, socket.socket]:
    here, there = socket.socketpair()
    here.setblocking(False)
    stack.enter_context(here)
    stack.enter_context(there)
    return trio.SocketStream(trio.socket.from_stdlib_socket(here)), there


def stays() -> None:
    """Somebody who is asked to go and does not."""


@pytest.mark.parametrize("said", [b"", HELLO[:1], HELLO[:4], HELLO[:-1]])
async def test_who_does_not_say_it_all_is_waited_for_as_long_as_a_handshake_may_take(
    autojump_clock: trio.testing.MockClock, said: bytes
) -> None:
    with ExitStack() as stack:
        stream, there = connected(stack)
        there.send(said)
        start = trio.current_time()

        greeting = await Silent().greeting(stream)

    assert greeting is None
    assert trio.current_time() - start == pytest.approx(HANDSHAKE_WITHIN)


@pytest.mark.parametrize(
    ("said", "greeting"),
    [
        (HELLO, HELLO),
        (HELLO + b"more", HELLO),
        (b"GET / HTTP/1.1", b"GET /"),  # for TLS to refuse
        (b"\x16\x03\x01" + (MAX_GREETING + 1).to_bytes(2, "big"), None),
    ],
)
async def test_the_first_record_is_read_and_what_follows_is_left(
    said: bytes, greeting: bytes | None
) -> None:
    with ExitStack() as stack:
        stream, there = connected(stack)
        there.send(said)

        assert await Silent().greeting(stream) == greeting


async def test_who_hangs_up_is_not_waited_for() -> None:
    with ExitStack() as stack:
        stream, there = connected(stack)
        there.send(HELLO[:4])
        there.close()

        with trio.fail_after(1.0):
            assert await Silent().greeting(stream) is None


async def test_who_speaks_is_let_in_however_many_are_silent_or_drip() -> None:
    silent = Silent()
    spoke: list[tuple[int, bytes | None]] = []

    async def come(number: int, stream: trio.SocketStream) -> None:
        greeting = await silent.greeting(stream)
        spoke.append((number, greeting))

    with ExitStack() as stack:
        ends = [connected(stack) for _ in range(MAX_SILENT + 2)]
        for _, there in ends[::2]:
            there.send(HELLO[:4])
        async with trio.open_nursery() as nursery:
            for number, (stream, _) in enumerate(ends):
                nursery.start_soon(come, number, stream)
                await trio.testing.wait_all_tasks_blocked()
            before = list(spoke)
            ends[-1][1].send(HELLO)
            with trio.fail_after(1.0):
                while len(spoke) == len(before):
                    await trio.testing.wait_all_tasks_blocked(0.001)
            nursery.cancel_scope.cancel()

    assert before == [(0, None), (1, None)], "who has been silent for longest goes first"
    assert spoke[2] == (MAX_SILENT + 1, HELLO)


async def test_strangers_from_one_address_wait_for_a_slot_and_others_do_not(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    held = [await slots.take("10.0.0.1", stays) for _ in range(PER_ADDRESS)]

    with trio.move_on_after(1.0) as waited:
        await slots.take("10.0.0.1", stays)
    assert waited.cancelled_caught
    await slots.take("10.0.0.2", stays)
    slots.free(held.pop())
    await slots.take("10.0.0.1", stays)
    with pytest.raises(trio.TooSlowError):
        await slots.take("10.0.0.1", stays)

    assert trio.current_time() - waited.deadline == pytest.approx(PROVE_WITHIN)


async def test_there_is_room_for_a_limited_number_of_strangers_in_all(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    for number in range(OVERALL):
        await slots.take(str(number), stays)

    with pytest.raises(trio.TooSlowError):
        await slots.take("another", stays)


async def test_strangers_are_let_in_in_the_order_in_which_they_came(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    let_in: list[tuple[int, Slot]] = []

    async def come(number: int) -> None:
        await trio.sleep(number / 100)
        let_in.append((number, await slots.take("10.0.0.1", stays)))

    async with trio.open_nursery() as nursery:
        for number in range(PER_ADDRESS + 5):
            nursery.start_soon(come, number)
        await trio.sleep(1.0)
        for place in range(5):
            slots.free(let_in[place][1])
            await trio.testing.wait_all_tasks_blocked()

    assert [number for number, _ in let_in] == [*range(PER_ADDRESS + 5)]


async def test_a_stranger_who_gives_up_in_the_queue_takes_no_slot_with_him(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    held = [await slots.take("10.0.0.1", stays) for _ in range(PER_ADDRESS)]

    with trio.move_on_after(1.0) as waited:
        await slots.take("10.0.0.1", stays)
    slots.free(held.pop())
    with trio.fail_after(1.0):
        await slots.take("10.0.0.1", stays)

    assert waited.cancelled_caught


async def test_a_slot_that_was_given_in_the_moment_of_giving_up_is_free_again() -> None:
    slots = Slots()
    for _ in range(PER_ADDRESS):
        with trio.CancelScope() as gone:
            gone.cancel()
            await slots.take("10.0.0.1", stays)

    with trio.fail_after(1.0):
        await slots.take("10.0.0.1", stays)

    assert gone.cancelled_caught


async def test_who_waits_behind_slow_ones_of_his_address_gets_the_place_of_the_oldest(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots, held = Slots(), list[Slot]()

    async def come_and_be_slow() -> None:
        leaves = trio.Event()
        slot = await slots.take("10.0.0.1", leaves.set)
        held.append(slot)
        await leaves.wait()
        slots.free(slot)

    async with trio.open_nursery() as nursery:
        for _ in range(PER_ADDRESS + 2):
            nursery.start_soon(come_and_be_slow)
            await trio.sleep(0.01)
        with trio.move_on_after(GIVES_WAY - 0.5):
            await trio.sleep_forever()
        early = len(held)
        with trio.move_on_after(1.0):
            await trio.sleep_forever()
        late = list(held)
        nursery.cancel_scope.cancel()

    assert early == PER_ADDRESS
    assert len(late) == PER_ADDRESS + 2
    assert [slot.gives_way for slot in late] == [True] * 2 + [False] * PER_ADDRESS


async def test_a_newcomer_gets_the_place_of_somebody_from_the_address_that_has_most(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    rich = [await slots.take(f"rich {n % 10}", stays) for n in range(OVERALL)]
    for slot in rich:
        slot.leave = partial(slots.free, slot)
    with trio.fail_after(0.1):
        newcomers = [await slots.take(f"new {n}", stays) for n in range(3)]

    assert sum(slot.gives_way for slot in rich) == len(newcomers)
    assert len({slot.address for slot in rich if slot.gives_way}) == 3, "each address in its turn"


async def test_many_addresses_with_one_each_do_not_drive_each_other_out(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots = Slots()
    held = [await slots.take(f"desk {n}", stays) for n in range(OVERALL)]

    with trio.move_on_after(GIVES_WAY - 0.1) as waited:
        await slots.take("another desk", stays)

    assert waited.cancelled_caught
    assert not any(slot.gives_way for slot in held)


async def test_of_many_who_wait_the_address_with_fewest_slots_is_next(
    autojump_clock: trio.testing.MockClock,
) -> None:
    slots, order = Slots(), list[str]()
    crowd = [await slots.take(f"crowd {n % 100}", stays) for n in range(OVERALL)]

    async def come(address: str) -> None:
        await slots.take(address, stays)
        order.append(address)

    async with trio.open_nursery() as nursery:
        for n in range(5):
            nursery.start_soon(come, f"crowd {n}")
            await trio.testing.wait_all_tasks_blocked()
        nursery.start_soon(come, "Anna")
        await trio.testing.wait_all_tasks_blocked()
        slots.free(crowd[50])
        await trio.testing.wait_all_tasks_blocked()
        nursery.cancel_scope.cancel()

    assert order == ["Anna"]
