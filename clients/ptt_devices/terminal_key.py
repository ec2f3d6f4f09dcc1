"""The space bar of a terminal that has no display: pressed once to talk, once more to stop.

A terminal reports no key that goes up, so the space bar is tapped. `e` is for an emergency, `q`
ends. Also reads a pipe, for scripts: the same characters. hotkey.py hears real ups and downs.
"""

import os
import stat
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager, contextmanager
from typing import TextIO

import trio

from ptt_devices.keys import KeyEvent, Tapped

# Implementation
LOOK_EVERY = 0.03  # s, on Windows, where a console cannot be waited for
_KEYS = {" ": False, "e": True}
_QUIT = "q"


class TerminalKey:
    """Keys typed into `stream`; `quit` typed ends the iteration."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdin

    @property
    def usable(self) -> bool:
        """Whether somebody can type there: a terminal or a pipe, not a file or nothing."""
        try:
            mode = os.fstat(self._stream.fileno()).st_mode
        except (OSError, ValueError):
            return False
        return self._stream.isatty() or stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)

    @asynccontextmanager
    async def listen(self) -> AsyncIterator[AsyncIterator[KeyEvent]]:
        """`async for event in presses`; it ends with `q` or the end of the stream.

        The terminal is as it was before when the block is left.
        """
        with single_keys(self._stream):
            async with (
                aclosing(_typed(self._stream)) as typed,
                aclosing(_presses(typed)) as presses,
            ):
                yield presses


async def _presses(typed: AsyncIterator[str]) -> AsyncGenerator[KeyEvent, None]:
    async for key in typed:
        if key.lower() == _QUIT:
            break
        emergency = _KEYS.get(key.lower())
        if emergency is not None:
            yield Tapped(emergency)


if sys.platform == "win32":
    import msvcrt

    @contextmanager
    def single_keys(stream: TextIO) -> Iterator[None]:
        """Windows gives single keys anyway."""
        del stream
        yield

    async def _typed(stream: TextIO) -> AsyncGenerator[str, None]:
        while stream.isatty():
            while msvcrt.kbhit():
                yield msvcrt.getwch()
            await trio.sleep(LOOK_EVERY)
        while octets := await trio.to_thread.run_sync(
            os.read, stream.fileno(), 64, abandon_on_cancel=True
        ):
            for key in octets.decode(errors="replace"):
                yield key

else:
    import termios

    @contextmanager
    def single_keys(stream: TextIO) -> Iterator[None]:
        """Keys come at once and are not shown; Ctrl-C stays, Ctrl-S does not stop the view."""
        if not stream.isatty():
            yield
            return
        fd = stream.fileno()
        before = termios.tcgetattr(fd)
        changed = termios.tcgetattr(fd)
        changed[0] &= ~termios.IXON
        changed[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(fd, termios.TCSADRAIN, changed)
        try:
            yield
        finally:
            termios.tcsetattr(fd, termios.TCSAFLUSH, before)

    async def _typed(stream: TextIO) -> AsyncGenerator[str, None]:
        fd = stream.fileno()
        while True:
            await trio.lowlevel.wait_readable(fd)
            octets = os.read(fd, 64)
            if not octets:
                return
            for key in octets.decode(errors="replace"):
                yield key
