"""Opens the database, brings it to the newest migration, runs transactions.

SQLite in WAL mode, `synchronous=FULL`: a revocation that was acknowledged is never undone.
Every write transaction begins by bumping the revision: that takes the write lock at once (so no
reader is ever turned into a writer and refused) and tells the daemon that something has changed.
Blocking; the daemon calls it in worker threads.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import exc

from ptt.errors import StoreError
from ptt.switchboard.store import tables

FILE_NAME = "ptt.sqlite3"
WAIT_FOR_LOCK = 5.0  # s

Transaction = sa.Connection


class Store:
    """The database; open it with `open_store`."""

    def __init__(self, path: Path, engine: sa.Engine) -> None:
        self.path = path
        self._engine = engine

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all connections; the WAL is written back."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view; raises StoreError."""
        with _translate_errors(self.path), self._engine.begin() as transaction:
            transaction.exec_driver_sql("BEGIN")  # the driver itself begins only before a write
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """All or nothing, one writer at a time; raises StoreError."""
        with _translate_errors(self.path), self._engine.begin() as transaction:
            number = tables.revision.c.number
            transaction.execute(tables.revision.update().values(number=number + 1))
            yield transaction


def revision(transaction: Transaction) -> int:
    """A number that grows with each change."""
    return int(transaction.scalar(sa.select(tables.revision.c.number)) or 0)


def note(transaction: Transaction, key: str) -> str | None:
    """What the daemon has noted under `key`."""
    value = transaction.scalar(sa.select(tables.notes.c.value).where(tables.notes.c.key == key))
    return None if value is None else str(value)


def set_note(transaction: Transaction, key: str, value: str) -> None:
    """Note `value` under `key` for the commands."""
    transaction.execute(tables.notes.delete().where(tables.notes.c.key == key))
    transaction.execute(tables.notes.insert().values(key=key, value=value))


def open_store(data: Path, *, wait: float = WAIT_FOR_LOCK) -> Store:
    """Open the database in the folder `data`; make it, or bring it up to date, if need be.

    `wait` is how long to wait for somebody else's write, in seconds. Raises StoreError.
    """
    path = data / FILE_NAME
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Made here and not by SQLite: nobody else may read the hashes in it.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    except OSError as error:
        raise StoreError(
            f"Cannot write to {path} ({error.strerror}): choose another folder with --data."
        ) from error
    engine = sa.create_engine(f"sqlite:///{path}", connect_args={"timeout": wait})
    sa.event.listen(engine, "connect", _set_up_connection)
    try:
        with _translate_errors(path):
            _upgrade(engine, path)
    except BaseException:
        engine.dispose()
        raise
    return Store(path, engine)


def _set_up_connection(connection: Any, _record: object) -> None:  # noqa: ANN401 - DB API
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def _upgrade(engine: sa.Engine, path: Path) -> None:
    found = _migration(engine)
    if found == tables.NEWEST_MIGRATION:
        return
    if found is not None:
        refuse_newer(path, found)
    from ptt.switchboard.store import migrate  # a tenth of a second that few starts need

    migrate.upgrade(engine)


def refuse_newer(path: Path, migration: str) -> None:
    """Raises StoreError if this program does not know the migration that `path` has."""
    if migration == tables.NEWEST_MIGRATION:
        return
    from ptt.switchboard.store import migrate

    if not migrate.is_known(migration):
        raise StoreError(
            f"The database {path} was written by a newer pttd (its format is {migration}, this "
            f"program knows up to {tables.NEWEST_MIGRATION}): install the newer version."
        )


def _migration(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except exc.OperationalError as error:
        reason = str(error.orig)
        if "locked" in reason or "busy" in reason:
            raise StoreError(
                f"The database {path} is locked by another program: close it and try again."
            ) from error
        raise StoreError(
            f"The database {path} cannot be used ({reason}): check its disk and its rights."
        ) from error
    except exc.DatabaseError as error:
        if isinstance(error, exc.IntegrityError):
            raise
        raise StoreError(
            f"The database {path} is damaged ({error.orig}): restore it from a backup, or move "
            "it away to begin anew."
        ) from error
