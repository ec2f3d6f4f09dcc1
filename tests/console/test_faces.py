"""Faces show what happens, and a terminal that takes no text holds up nothing."""

import io
import threading
from collections.abc import Callable

import pytest
import trio
from rich.console import Console

from ptt.client.client import Quality
from ptt.client.event_stream import EventStream
from ptt.client.events import Connected, FloorGranted, TalkerChanged
from ptt_console.face import LiveFace, PlainFace
from ptt_desk.channel_state import State

ROOM = "Workshop"
STATE = State(ROOM, person="Anna", server="Factory", connected=True)
HINT = "hold f9 to talk"
PATIENCE = 5.0  # s


class Pretended:
    """A client to whom things happen."""

    def __init__(self) -> None:
        self.stream = EventStream()
        self.level = -20.0
        self.microphone_open = False
        self.talking = False
        self.preroll_seconds = 0.0
        self.threshold_dbfs: float | None = None

    def events(self) -> EventStream:
        return self.stream

    def quality(self, name: str) -> Quality:
        assert name == ROOM
        return Quality(0.0, 0.0, 0.04, 0.001)


class Jammed(io.StringIO):
    """A terminal that takes one picture, and then no text until it is freed."""

    def __init__(self) -> None:
        super().__init__()
        self.jammed = threading.Event()
        self.freed = threading.Event()

    def write(self, text: str) -> int:
        if "Factory" in self.getvalue():
            self.jammed.set()
            self.freed.wait(PATIENCE)
        return super().write(text)


async def test_plain_lines_begin_with_where_we_are() -> None:
    client = Pretended()
    lines: list[str] = []
    face = PlainFace(client, HINT, lines.append)
    client.stream.put(Connected("Factory", "Anna", (ROOM,)))
    client.stream.put(TalkerChanged(ROOM, "Ben"))
    client.stream.close()

    await face.run()

    assert lines == [
        "Keys: hold f9 to talk.",
        "Connected to Factory as Anna.",
        "Ben talks in Workshop.",
    ]


async def test_the_picture_follows_the_events_and_leaves_the_terminal_clean() -> None:
    client, terminal = Pretended(), io.StringIO()
    console = Console(file=terminal, width=80, force_terminal=True)
    face = LiveFace(client, STATE, HINT, bool, console)

    async with trio.open_nursery() as nursery:
        nursery.start_soon(face.run)
        await _until(lambda: "Anna at Factory" in terminal.getvalue())
        assert "no connection" not in terminal.getvalue()
        client.stream.put(FloorGranted(ROOM, 0.01, 60.0, False))
        await _until(lambda: "TALK NOW" in terminal.getvalue())
        client.stream.close()

    assert "\x1b[?25h" in terminal.getvalue().rpartition("TALK NOW")[2]  # the cursor is back


@pytest.mark.slow
async def test_a_jammed_terminal_does_not_stop_the_loop_nor_the_end() -> None:
    client, terminal = Pretended(), Jammed()
    console = Console(file=terminal, width=80, force_terminal=True)
    face = LiveFace(client, STATE, HINT, bool, console)

    with trio.fail_after(PATIENCE / 2):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(face.run)
            await _until(terminal.jammed.is_set)
            nursery.cancel_scope.cancel()

    terminal.freed.set()


async def _until(true: Callable[[], bool]) -> None:
    with trio.fail_after(PATIENCE):
        while not true():  # noqa: ASYNC110  a thread makes it so
            await trio.sleep(0.01)
