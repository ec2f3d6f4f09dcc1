"""The switchboard's end of the trunk: a loopback connection to one floor server.

What is sent is queued in memory and written in large pieces; a floor server that does not read
is cut. Messages are those of `ptt.wire.trunk`.
"""

from collections.abc import AsyncIterator

import trio

from ptt.errors import MalformedPacketError
from ptt.wire import trunk

# Implementation
MAX_QUEUED = 64 * 1024 * 1024  # octets; everything about ten thousand clients is 5 MiB
RECEIVE = 64 * 1024  # octets
SILENCE = 3.0  # s; Statistics come every second


class TrunkLink:
    """One connection to a floor server; `fell_silent` tells that it ended because nothing came."""

    def __init__(self, stream: trio.SocketStream) -> None:
        self.stream = stream
        self._frames = trunk.FrameBuffer()
        self._queued = bytearray()
        self._filled = trio.Event()
        self.fell_silent = False

    def send(self, message: trunk.ToFloorServer) -> None:
        """Queue a message; it leaves in order."""
        self._queued += trunk.encode(message)
        if len(self._queued) > MAX_QUEUED:
            self.stream.socket.close()
        self._filled.set()

    async def write(self) -> None:
        """Send what is queued, for ever, or until the connection breaks."""
        while True:
            await self._filled.wait()
            self._filled = trio.Event()
            octets, self._queued = self._queued, bytearray()
            try:
                await self.stream.send_all(octets)
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return  # the reader notices too

    async def messages(self) -> AsyncIterator[trunk.ToSwitchboard]:
        """What comes, until the connection ends, breaks, falls silent or talks nonsense."""
        while octets := await self._receive():
            try:
                bodies = self._frames.feed_untrusted(octets)
                messages = [trunk.parse_to_switchboard_untrusted(body) for body in bodies]
            except MalformedPacketError:
                return
            for message in messages:
                yield message

    async def _receive(self) -> bytes:
        try:
            with trio.fail_after(SILENCE):
                return bytes(await self.stream.receive_some(RECEIVE))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            return b""
        except trio.TooSlowError:
            self.fell_silent = True
            return b""
