"""Keeps the daemon's view of the database fresh, and asks it in worker threads.

A command (`pttd people revoke`) writes to the same database; the revision tells, within
POLL_INTERVAL.
"""

from collections.abc import Callable
from typing import TypeVar

import trio

from ptt.errors import StoreError, StoreTakenError
from ptt.switchboard.exchange import Exchange
from ptt.switchboard.logs import FoldedLog
from ptt.switchboard.records import Device, Directory
from ptt.switchboard.store import channels
from ptt.switchboard.store.database import Store, Transaction, revision

# Implementation
POLL_INTERVAL = 0.25  # s
ALONE_INTERVAL = 1.0  # s

_T = TypeVar("_T")


class DirectoryWatch:
    """The directory as it stands, applied to the exchange when it changes."""

    def __init__(self, store: Store, exchange: Exchange, log: FoldedLog) -> None:
        self._store = store
        self._exchange = exchange
        self._log = log
        self._directory = Directory()
        self._writer = trio.CapacityLimiter(1)
        self._refreshing = trio.Lock()
        self._asked = 0
        self._answered = 0

    async def refresh(self) -> None:
        """Read the directory again if it has changed; one look serves all who asked before it."""
        self._asked += 1
        asked = self._asked
        async with self._refreshing:
            if self._answered >= asked:
                return
            answers = self._asked
            if await self._read(revision) != self._directory.revision:
                self._directory = await self._read(channels.load_directory)
                self._exchange.apply(self._directory)
            self._answered = answers

    async def watch(self) -> None:
        """Refresh for ever; while the database is away, what was read last goes on to hold."""
        while True:
            await trio.sleep(POLL_INTERVAL)
            try:
                await self.refresh()
            except StoreError as error:
                self._log.warning("database-away", "", sentence=str(error))

    async def stay_alone(self) -> None:
        """See for ever that no other daemon has come while the database was away.

        If one has: say so, and go on, because people talk.
        """
        while True:
            await trio.sleep(ALONE_INTERVAL)
            try:
                await trio.to_thread.run_sync(self._store.stay_alone)
            except StoreTakenError as error:
                self._log.warning("another-pttd", "", sentence=str(error))
            except StoreError as error:
                self._log.warning("database-away", "", sentence=str(error))

    async def find_device(self, device: str) -> Device | None:
        """The device if it is enrolled at this moment."""
        await self.refresh()
        return self._directory.devices.get(device)

    async def write(self, change: Callable[[Transaction], _T]) -> _T:
        """Run `change` in a transaction of its own; one at a time."""
        return await trio.to_thread.run_sync(self._write, change, limiter=self._writer)

    def _write(self, change: Callable[[Transaction], _T]) -> _T:
        with self._store.write() as transaction:
            return change(transaction)

    async def _read(self, question: Callable[[Transaction], _T]) -> _T:
        return await trio.to_thread.run_sync(self._read_now, question)

    def _read_now(self, question: Callable[[Transaction], _T]) -> _T:
        with self._store.read() as transaction:
            return question(transaction)
