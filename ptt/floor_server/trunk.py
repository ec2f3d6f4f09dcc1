"""The floor server's end of the trunk: orders in, reports out (ptt/wire/trunk.py).

Losing it is losing the switchboard, and with it the right to relay anything: the process ends.
"""

import trio

from ptt.errors import LocalProtocolError
from ptt.wire.trunk import (
    FrameBuffer,
    ToFloorServer,
    ToSwitchboard,
    encode,
    parse_to_floor_server_untrusted,
)

# Implementation
CONNECT_PATIENCE = 5.0  # s
MAX_UNSENT = 10_000  # reports; a switchboard that is so far behind is dead
RECEIVE_OCTETS = 65536


class Trunk:
    """A connection to the switchboard on the same machine or another."""

    def __init__(self, stream: trio.abc.Stream) -> None:
        self._stream = stream
        self._frames = FrameBuffer()
        self._to_writer, self._outbox = trio.open_memory_channel[ToSwitchboard](MAX_UNSENT)

    def report(self, message: ToSwitchboard) -> None:
        """Send as soon as possible, in order, without waiting.

        Raises LocalProtocolError when the switchboard has not read for very long.
        """
        try:
            self._to_writer.send_nowait(message)
        except trio.WouldBlock as error:
            raise LocalProtocolError("The switchboard reads nothing from the trunk.") from error

    async def receive(self) -> list[ToFloorServer]:
        """The next orders; none at all when the trunk is closed.

        Raises MalformedPacketError for what is not an order.
        """
        while True:
            try:
                octets = await self._stream.receive_some(RECEIVE_OCTETS)
            except trio.BrokenResourceError:
                return []
            bodies = self._frames.feed_untrusted(bytes(octets))
            if bodies or not octets:
                return [parse_to_floor_server_untrusted(body) for body in bodies]

    async def run_writer(self) -> None:
        """Send the reports until `finish`, or until nobody reads them any more."""
        async for message in self._outbox:
            try:
                await self._stream.send_all(encode(message))
            except trio.BrokenResourceError:
                return

    def finish(self) -> None:
        """No more reports: the writer ends when the last one is sent."""
        self._to_writer.close()


async def connect_trunk(host: str, port: int) -> trio.SocketStream:
    """Raises OSError or trio.TooSlowError when the switchboard is not there."""
    with trio.fail_after(CONNECT_PATIENCE):
        return await trio.open_tcp_stream(host, port)
