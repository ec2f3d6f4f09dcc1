"""Hands every event to everyone who listens, each at their own pace, in bounded memory."""

from collections import deque
from typing import Self
from weakref import WeakSet

import trio

from ptt.client.events import Event

LONGEST = 256  # events; a face that is slower than this misses the oldest


class EventStream:
    """`async for event in stream`: what happened since the stream was made.

    Ends after `close()`. Non-zero `dropped`: the reader is too slow and missed that many.
    """

    def __init__(self) -> None:
        self._events: deque[Event] = deque(maxlen=LONGEST)
        self._changed = trio.Event()
        self._closed = False
        self.dropped = 0

    def put(self, event: Event) -> None:
        """Add one; the oldest makes room if need be."""
        self.dropped += len(self._events) == LONGEST
        self._events.append(event)
        self._changed.set()

    def close(self) -> None:
        """No more events; those that wait can still be read."""
        self._closed = True
        self._changed.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._changed = trio.Event()
            await self._changed.wait()
        return self._events.popleft()


class EventPublisher:
    """Streams that nobody holds any more are forgotten."""

    def __init__(self) -> None:
        self._streams: WeakSet[EventStream] = WeakSet()

    def subscribe(self) -> EventStream:
        """A stream of everything from now on."""
        stream = EventStream()
        self._streams.add(stream)
        return stream

    def publish(self, event: Event) -> None:
        """Give `event` to all streams."""
        for stream in self._streams:
            stream.put(event)

    def close(self) -> None:
        """End all streams."""
        for stream in self._streams:
            stream.close()
