"""Trio as a guest in Qt's loop: one thread, so a task may touch the window without any lock.

    Qt's loop --each batch of Trio's tasks as one call--> Trio --async code--> widgets
    slot --Tasks.call, Tasks.start--> Trio

Waiting for sockets is done in a thread of Trio's own, which wakes Qt by a queued signal.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import outcome
import trio
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from ptt.client.groups import lone_errors
from ptt.errors import PttError


class GuestTasks:
    """Tasks of the guest. `tell` gets the sentence of a task that failed."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._token: trio.lowlevel.TrioToken | None = None
        self._nursery: trio.Nursery | None = None
        self._waiting: list[Callable[[], object]] = []

    def call(self, function: Callable[[], object]) -> None:
        """As Tasks.call; after the end of Trio nothing happens any more."""
        if self._token is None:
            self._waiting.append(function)
            return
        try:
            self._token.run_sync_soon(function)
        except trio.RunFinishedError:
            return

    def start(self, task: Callable[[], Awaitable[object]]) -> None:
        """As Tasks.start."""
        self.call(partial(self._start, task))

    def open(self, nursery: trio.Nursery) -> None:
        """From now on Trio runs, and this nursery owns the tasks."""
        self._token, self._nursery = trio.lowlevel.current_trio_token(), nursery
        waiting, self._waiting = self._waiting, []
        for function in waiting:
            self.call(function)

    def _start(self, task: Callable[[], Awaitable[object]]) -> None:
        assert self._nursery is not None
        self._nursery.start_soon(self._run, task)

    async def _run(self, task: Callable[[], Awaitable[object]]) -> None:
        try:
            with lone_errors():
                await task()
        except PttError as error:
            self._tell(str(error))


class _Bridge(QObject):
    """Has a function called in Qt's thread, from whichever thread it is asked."""

    asked = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._call, Qt.ConnectionType.QueuedConnection)

    @Slot(object)
    def _call(self, function: Callable[[], object]) -> None:
        function()


def run_as_guest(app: QApplication, main: Callable[[], Awaitable[None]]) -> None:
    """Run Qt's loop until `main` ends; raises what it raises."""
    bridge = _Bridge()
    ends: list[outcome.Outcome[None]] = []

    def done(how: outcome.Outcome[None]) -> None:
        ends.append(how)
        app.quit()

    trio.lowlevel.start_guest_run(
        main,
        run_sync_soon_threadsafe=bridge.asked.emit,
        done_callback=done,
        host_uses_signal_set_wakeup_fd=False,
    )
    app.setQuitOnLastWindowClosed(False)
    app.exec()
    ends[0].unwrap()
