"""The space bar of a terminal that is a pseudo-terminal here, or a pipe."""

import os
from collections.abc import Iterator
from typing import TextIO

import pytest
import trio

from ptt_devices.keys import KeyEvent, Tapped
from ptt_devices.terminal_key import TerminalKey

pty = pytest.importorskip("pty")
termios = pytest.importorskip("termios")
PATIENCE = 5.0  # s
TALK, EMERGENCY = Tapped(), Tapped(emergency=True)


@pytest.fixture
def terminal() -> Iterator[tuple[int, TextIO]]:
    """The person's end, and the program's."""
    person, program = pty.openpty()
    with os.fdopen(program) as stream:
        yield person, stream
    os.close(person)


async def typed(stream: TextIO, person: int, keys: bytes) -> list[KeyEvent]:
    with trio.fail_after(PATIENCE):
        async with TerminalKey(stream).listen() as presses:
            os.write(person, keys)
            return [event async for event in presses]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (b"  q", [TALK, TALK]),
        (b" q ", [TALK]),
        (b"x\nq", []),
        (b"eEq", [EMERGENCY, EMERGENCY]),
        (b" e Q", [TALK, EMERGENCY, TALK]),
    ],
)
async def test_the_space_bar_is_tapped(
    terminal: tuple[int, TextIO], keys: bytes, expected: list[KeyEvent]
) -> None:
    person, stream = terminal

    assert await typed(stream, person, keys) == expected


async def test_the_terminal_is_afterwards_as_it_was(terminal: tuple[int, TextIO]) -> None:
    person, stream = terminal
    before = termios.tcgetattr(stream)

    await typed(stream, person, b"q")

    assert termios.tcgetattr(stream) == before


async def test_keys_come_from_a_pipe_as_well() -> None:
    reading, writing = os.pipe()
    os.write(writing, b" ")
    os.close(writing)

    with os.fdopen(reading) as stream, trio.fail_after(PATIENCE):
        assert TerminalKey(stream).usable
        async with TerminalKey(stream).listen() as presses:
            events = [event async for event in presses]

    assert events == [TALK]


def test_nobody_types_into_a_file() -> None:
    with open(os.devnull) as stream:
        assert not TerminalKey(stream).usable
