"""Carries out what the pure switchboard orders, and wakes it when time has come.

The one place where sessions, enrolment, the directory and the floor servers' supervision meet.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from math import inf

import trio

from ptt.switchboard.floor_watch import FloorWatch
from ptt.switchboard.logs import Log
from ptt.switchboard.metrics import Metrics
from ptt.switchboard.outbox import Outbox
from ptt.switchboard.outputs import Cut, Noted, Output, ToClient, ToFloorServer
from ptt.switchboard.records import Device, Directory
from ptt.switchboard.state import Switchboard
from ptt.wire import signalling, trunk

# Implementation
STALL_CHECK = 1.0  # s

SendToFloorServer = Callable[[trunk.ToFloorServer], None]


class Exchange:
    """The switchboard with its connections."""

    def __init__(self, state: Switchboard, log: Log, metrics: Metrics) -> None:
        self.state = state
        self.metrics = metrics
        self._log = log
        self._watch = FloorWatch()
        self._outboxes: dict[int, Outbox] = {}
        self._to_floor_servers: dict[int, SendToFloorServer] = {}
        self._changed = trio.Event()
        self._left = trio.Event()

    # sessions

    def connect(self, device: Device, outbox: Outbox) -> int:
        """A device has proved itself; what it gets goes to `outbox`. Returns its participant."""
        participant, outputs = self.state.connect(device, trio.current_time())
        self._outboxes[participant] = outbox
        self.metrics.logins.inc()
        self._carry_out(outputs)
        return participant

    def handle(self, participant: int, message: signalling.ClientMessage) -> None:
        """A message from a client."""
        self._carry_out(self.state.handle(participant, message, trio.current_time()))

    def disconnect(self, participant: int) -> None:
        """The connection is gone."""
        self._outboxes.pop(participant, None)
        self._carry_out(self.state.disconnect(participant, trio.current_time()))
        self._left.set()
        self._left = trio.Event()

    def end(self, sentence: str) -> None:
        """Say good-bye to everybody, and let the floor servers end in good order."""
        self._carry_out(self.state.end(sentence))
        for send in self._to_floor_servers.values():
            send(trunk.Stop())

    async def emptied(self) -> None:
        """Wait until nobody is connected any more."""
        while self._outboxes:
            await self._left.wait()

    # directory and floor servers

    def apply(self, directory: Directory) -> None:
        """People, devices, channels or roles have changed."""
        self._watch.learn(directory.channels.values())
        self._carry_out(self.state.apply(directory, trio.current_time()))

    def open_floor(self, number: int, port: int, send: SendToFloorServer) -> None:
        """A floor server is ready on that UDP port."""
        self._to_floor_servers[number] = send
        self._carry_out(self.state.open_floor(number, port, trio.current_time()))

    def close_floor(self, number: int) -> None:
        """A floor server is gone."""
        self._to_floor_servers.pop(number, None)
        self._watch.lose(number)
        self._carry_out(self.state.close_floor(number, trio.current_time()))

    def handle_report(self, number: int, report: trunk.ToSwitchboard) -> None:
        """A message from a floor server."""
        for broken in self._watch.handle(number, report, trio.current_time()):
            self.metrics.broken_rules.inc()
            self._log.error("rule-broken", **asdict(broken), floor_server=number)
        if isinstance(report, trunk.Statistics):
            self.metrics.floor_servers[number] = report.counters
            return
        self._carry_out(self.state.handle_report(number, report, trio.current_time()))

    # time

    async def keep_time(self) -> None:
        """Call the switchboard's deadlines, for ever."""
        while True:
            self._changed = trio.Event()
            with trio.move_on_at(self.state.deadline):
                await self._changed.wait()
            self._carry_out(self.state.handle_deadline(trio.current_time()))

    async def cut_stalled(self) -> None:
        """Cut whoever does not read, for ever."""
        while True:
            await trio.sleep(STALL_CHECK)
            now = trio.current_time()
            for participant, outbox in list(self._outboxes.items()):
                if outbox.has_stalled(now):
                    self._log.warning("client-stalled", participant=participant)
                    outbox.abort()

    def _carry_out(self, outputs: Iterable[Output]) -> None:
        shared: tuple[object, str] = (None, "")
        for output in outputs:
            match output:
                case ToClient(participant, message):
                    # One message to a whole channel is encoded once.
                    if shared[0] is not message:
                        shared = (message, signalling.encode(message))
                    self._send(participant, shared[1])
                case ToFloorServer(order, floor_server):
                    if send := self._to_floor_servers.get(floor_server):
                        send(order)
                case Cut(participant):
                    if outbox := self._outboxes.get(participant):
                        outbox.end()
                case Noted(event, facts):
                    self._log.info(event, **facts)
        if self.state.deadline < inf:
            self._changed.set()

    def _send(self, participant: int, text: str) -> None:
        if outbox := self._outboxes.get(participant):
            outbox.put(text)
