"""What is SQLite's own: one file in the data folder, in WAL mode with `synchronous=FULL`.

So a revocation that was acknowledged is never undone, and nobody else may read the hashes.
"""

import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from ptt.errors import StoreError

FILE_NAME = "ptt.sqlite3"


class SqliteBackend:
    """The database in the folder `data`; `wait` is for somebody else's write, in seconds."""

    also_raises: tuple[type[Exception], ...] = ()

    def __init__(self, data: Path, wait: float) -> None:
        self.path = data / FILE_NAME
        self.called = str(self.path)
        try:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Made here and not by SQLite: nobody else may read the hashes in it.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(
                f"Cannot write to {self.path} ({error.strerror}): choose another folder with "
                "--data."
            ) from error
        self.engine = sa.create_engine(f"sqlite:///{self.path}", connect_args={"timeout": wait})
        sa.event.listen(self.engine, "connect", _set_up_connection)

    def begin_reading(self, transaction: sa.Connection) -> None:
        """The driver itself begins only before a write."""
        transaction.exec_driver_sql("BEGIN")

    def begin_migrating(self, transaction: sa.Connection) -> None:
        """Two first starts at once: one waits."""
        transaction.exec_driver_sql("BEGIN IMMEDIATE")

    def take(self) -> None:
        """Nobody else's daemon: the lock of the data folder says so."""

    def free(self) -> None:
        """Nothing was taken."""

    def explain(self, error: Exception) -> str:
        """One sentence, and what to do."""
        reason = str(getattr(error, "orig", error))
        if not isinstance(error, exc.OperationalError):
            return (
                f"The database {self.called} is damaged ({reason}): restore it from a backup, or "
                "move it away to begin anew."
            )
        if "locked" in reason or "busy" in reason:
            return (
                f"The database {self.called} is locked by another program: close it and try again."
            )
        if "full" in reason:
            return f"The disk of {self.called} is full: make room and try again."
        return f"The database {self.called} cannot be used ({reason}): check its disk and rights."


def _set_up_connection(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB API
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()
