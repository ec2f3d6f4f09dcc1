"""Drives the floor server: the only place where its machines meet clock and socket.

    datagrams --> take --+
    deadline  -----------+--> machines --> datagrams, reports
    second    -----------+

Nothing here waits while it decides or sends, so each step is whole before the next one begins.

While voice comes, the datagrams' task stays with its socket, for a fifth of a second at a time: the
way through Trio's scheduler and back costs as much as relaying a packet to five listeners. Orders
and deadlines end the stay at once; only the reports of each second may be late by its length.

A process that wakes up finds its processor's caches cold, which costs more than relaying a packet
to few listeners. So where voice comes from many small channels, the task rests for a moment and
relays in one go what has come meanwhile. The packets of a single burst are 20 ms apart: they never
wait.
"""

import select
import sys
import time
from math import inf

import trio

from ptt.floor_server.server import FloorServer
from ptt.net.datagrams import DatagramSocket, Pollable

# Implementation
MAX_DRAIN = 64  # datagrams between two looks at the clock
SECOND = 1.0
STAY = 0.2  # s
REST = 0.002  # s
DENSE = 2 * REST  # s from one drain to the next; packets that come so soon are worth a rest
FEW = 25  # listeners of a packet; for more of them the sending prevails


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


async def run_datagrams(
    socket: DatagramSocket, server: FloorServer, alarm: Alarm, orders: Pollable | None
) -> None:
    """Take what comes, a bounded number at a time, until cancelled.

    orders: readable when the switchboard says something; None if it is not a socket, and then
    every datagram takes the way through Trio.
    """
    while True:
        if server.has_more:
            await trio.lowlevel.checkpoint()
        else:
            await socket.wait_readable()
        _stay(socket, server, orders)
        alarm.look()


def _stay(socket: DatagramSocket, server: FloorServer, orders: Pollable | None) -> None:
    """Take what is there; and what comes, as long as it is voice and nothing else is to be done."""
    counters = server.counters
    now = trio.current_time()
    leave = now + STAY
    dense = False
    while True:
        packets, sent = counters.voice_received, counters.voice_sent
        server.take_untrusted(socket.receive(MAX_DRAIN), now)
        packets, sent = counters.voice_received - packets, counters.voice_sent - sent
        if orders is None or not packets or server.has_more:
            return
        if dense and sent < FEW * packets:
            _rest()
        until = min(leave, server.deadline) - now
        if until <= 0.0 or not socket.wait_here(until, orders):
            return
        before, now = now, trio.current_time()
        dense = now - before < DENSE


def _rest() -> None:
    """For a duration. Python sleeps up to a time, of which faked clocks make nonsense."""
    if sys.platform == "win32":
        time.sleep(REST)
    else:
        select.select((), (), (), REST)


async def run_seconds(server: FloorServer, alarm: Alarm) -> None:
    """Reports to talkers and to the switchboard, once a second until cancelled."""
    while True:
        await trio.sleep(SECOND)
        server.every_second(trio.current_time())
        alarm.look()
