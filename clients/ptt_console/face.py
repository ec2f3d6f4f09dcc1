"""Shows a client to a person: line by line, or as a live view that is drawn anew."""

from collections.abc import Callable
from functools import partial

import trio
from rich.console import Console
from rich.live import Live

from ptt_console.plain import line
from ptt_console.view import render
from ptt_desk.channel_state import State, changed
from ptt_desk.meters import Shown, meters

# Implementation
LIVELY = 0.1  # s between two pictures while somebody talks
CALM = 0.5  # s between two pictures otherwise
STUCK = 0.1  # s that a terminal which takes no text may hold up the end


class PlainFace:
    """One line for each event, written at once; the first event says where we are."""

    def __init__(
        self, client: Shown, hint: str, write: Callable[[str], None] | None = None
    ) -> None:
        self._events = client.events()
        self._write = write or _print_at_once
        self._hint = hint

    async def run(self) -> None:
        """Show, until cancelled or the client ends."""
        await _beside_the_voice(partial(self._write, f"Keys: {self._hint}."))
        async for event in self._events:
            await _beside_the_voice(partial(self._write, line(event)))


class LiveFace:
    """A picture of the channel, drawn on every event and while something moves.

    `state`: what is so when it begins. `latched`: whether a tap left the microphone on.
    """

    def __init__(
        self,
        client: Shown,
        state: State,
        hint: str,
        latched: Callable[[], bool],
        console: Console | None = None,
    ) -> None:
        self._client = client
        self._latched = latched
        self._hint = hint
        self._state = state
        self._changed = trio.Event()
        self._events = client.events()
        self._live = Live(console=console, auto_refresh=False, transient=True)

    async def run(self) -> None:
        """As PlainFace.run; the terminal is as it was before when it ends."""
        await _beside_the_voice(self._live.start)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._draw_again_and_again)
                async for event in self._events:
                    self._state = changed(self._state, event, trio.current_time())
                    self._changed.set()
                nursery.cancel_scope.cancel()
        finally:
            with trio.move_on_after(STUCK, shield=True):
                await _beside_the_voice(self._live.stop)

    async def _draw_again_and_again(self) -> None:
        while True:
            self._changed = trio.Event()
            await self._draw()
            lively = self._state.talker is not None or self._client.microphone_open
            with trio.move_on_after(LIVELY if lively else CALM):
                await self._changed.wait()

    async def _draw(self) -> None:
        picture = render(
            self._state,
            meters(self._client, self._state.channel, latched=self._latched()),
            self._hint,
            trio.current_time(),
        )
        await _beside_the_voice(partial(self._live.update, picture, refresh=True))


async def _beside_the_voice(write: Callable[[], None]) -> None:
    """In a thread: a terminal that takes no more text must hold up nothing else."""
    await trio.to_thread.run_sync(write, abandon_on_cancel=True)


def _print_at_once(text: str) -> None:
    print(text, flush=True)
