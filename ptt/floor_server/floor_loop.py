"""Drives the floor server: the only place where its machines meet clock and socket.

    datagrams --> take --+
    deadline  -----------+--> machines --> datagrams, reports
    second    -----------+

Nothing here waits while it decides or sends, so each step is whole before the next one begins.
"""

from math import inf

import trio

from ptt.floor_server.server import FloorServer
from ptt.net.datagrams import DatagramSocket

# Implementation
MAX_DRAIN = 64  # datagrams between two looks at the clock
SECOND = 1.0


class Alarm:
    """Wakes at a machine's deadline, also when that has moved to an earlier time meanwhile."""

    def __init__(self, server: FloorServer) -> None:
        self._server = server
        self._waits_for = inf
        self._earlier = trio.Event()

    def look(self) -> None:
        """The machines have done something: is the deadline earlier now?"""
        if self._server.deadline < self._waits_for:
            self._earlier.set()

    async def run(self) -> None:
        """Let the machines react to time, until cancelled."""
        while True:
            self._earlier = trio.Event()
            self._waits_for = self._server.deadline
            with trio.move_on_at(self._waits_for):
                await self._earlier.wait()
            self._server.handle_deadline(trio.current_time())


async def run_datagrams(socket: DatagramSocket, server: FloorServer, alarm: Alarm) -> None:
    """Take what comes, a bounded number at a time, until cancelled."""
    while True:
        if server.has_more:
            await trio.lowlevel.checkpoint()
        else:
            await socket.wait_readable()
        server.take_untrusted(socket.receive(MAX_DRAIN), trio.current_time())
        alarm.look()


async def run_seconds(server: FloorServer, alarm: Alarm) -> None:
    """Reports to talkers and to the switchboard, once a second until cancelled."""
    while True:
        await trio.sleep(SECOND)
        server.every_second(trio.current_time())
        alarm.look()
