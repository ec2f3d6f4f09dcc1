"""Shows a client to a person: line by line, or as a live view that is drawn anew."""

from collections.abc import Callable
from typing import Protocol

import trio
from rich.console import Console
from rich.live import Live

from ptt.client.client import Client
from ptt_console.plain import line
from ptt_console.state import State, changed
from ptt_console.view import Meters, render

# Implementation
LIVELY = 0.1  # s between two pictures while somebody talks
CALM = 0.5  # s between two pictures otherwise


class Face(Protocol):
    """Something that shows."""

    async def run(self) -> None:
        """Show, until cancelled or the client ends."""
        ...


class PlainFace:
    """One line for each event, written at once."""

    def __init__(
        self, client: Client, channel: str, hint: str, write: Callable[[str], None] | None = None
    ) -> None:
        self._events = client.events()
        self._write = write or _print_at_once
        self._hint = hint
        del channel

    async def run(self) -> None:
        """As Face.run."""
        self._write(f"Keys: {self._hint}.")
        async for event in self._events:
            self._write(line(event))


class LiveFace:
    """A picture of the channel, drawn on every event and while something moves."""

    def __init__(
        self, client: Client, channel: str, hint: str, console: Console | None = None
    ) -> None:
        self._client = client
        self._hint = hint
        self._state = State(channel)
        self._events = client.events()
        self._live = Live(console=console, auto_refresh=False, transient=True)

    async def run(self) -> None:
        """As Face.run."""
        with self._live:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._draw_again_and_again)
                async for event in self._events:
                    self._state = changed(self._state, event, trio.current_time())
                    self._draw()
                nursery.cancel_scope.cancel()

    async def _draw_again_and_again(self) -> None:
        while True:
            self._draw()
            lively = self._state.talker is not None or self._client.microphone_open
            await trio.sleep(LIVELY if lively else CALM)

    def _draw(self) -> None:
        picture = render(self._state, self._meters(), self._hint, trio.current_time())
        self._live.update(picture, refresh=True)

    def _meters(self) -> Meters:
        quality = self._client.quality(self._state.channel)
        return Meters(
            level=self._client.level,
            microphone_open=self._client.microphone_open,
            loss=quality.loss,
            jitter=quality.jitter,
            delay=quality.playout_delay,
            rtt=quality.rtt,
        )


def _print_at_once(text: str) -> None:
    print(text, flush=True)
