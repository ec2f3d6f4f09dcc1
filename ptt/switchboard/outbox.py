"""What waits to be sent to one client: bounded, and cut if the client does not read."""

from collections import deque
from collections.abc import Awaitable, Callable

import trio

# Implementation
MAX_OCTETS = 256 * 1024  # then the client is cut
MAX_STALL = 8.0  # s that one message may take to leave
GOODBYE_WITHIN = 2.0  # s for what is left when the outbox is ended


class Outbox:
    """Texts on their way to one client, in order.

    `abort` ends the connection without asking it: the only way out of a send that hangs.
    """

    def __init__(self, abort: Callable[[], None]) -> None:
        self._abort = abort
        self._texts: deque[str] = deque()
        self._octets = 0
        self._filled = trio.Event()
        self._ended_at: float | None = None
        self._sending_since: float | None = None

    def put(self, text: str) -> None:
        """Queue `text`; with too much queued the client is cut. After `end`: nothing."""
        if self._ended_at is not None:
            return
        self._octets += len(text)
        if self._octets > MAX_OCTETS:
            self.abort()
            return
        self._texts.append(text)
        self._filled.set()

    def end(self) -> None:
        """Nothing more comes; `drain` returns when the rest is out."""
        if self._ended_at is None:
            self._ended_at = trio.current_time()
        self._filled.set()

    def abort(self) -> None:
        """Give up on this client at once."""
        self.end()
        self._texts.clear()
        self._abort()

    def has_stalled(self, now: float) -> bool:
        """Whether the client has not taken a message, or the last of them, for too long."""
        if self._ended_at is not None:
            return now > self._ended_at + GOODBYE_WITHIN
        return self._sending_since is not None and now > self._sending_since + MAX_STALL

    async def drain(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send what comes until `end`."""
        while self._texts or self._ended_at is None:
            if not self._texts:
                self._filled = trio.Event()
                await self._filled.wait()
                continue
            text = self._texts.popleft()
            self._sending_since = trio.current_time()
            await send(text)
            self._sending_since = None
            self._octets -= len(text)
