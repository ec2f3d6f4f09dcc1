"""Opens the database, brings it to the newest migration, runs transactions.

SQLite in the data folder, or a site's PostgreSQL: what differs stands in sqlite.py, postgresql.py.
Every write transaction begins by bumping the revision: that takes the write lock at once (so no
reader is ever turned into a writer and refused) and tells the daemon that something has changed.
Blocking; the daemon calls it in worker threads.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import sqlalchemy as sa
from sqlalchemy import exc

from ptt.errors import StoreError
from ptt.switchboard.store import tables
from ptt.switchboard.store.sqlite import SqliteBackend

WAIT_FOR_LOCK = 5.0  # s

Transaction = sa.Connection


class Backend(Protocol):
    """What a kind of database does in its own way.

    `called` is its name in sentences; `also_raises`, what its driver lets through untranslated.
    """

    called: str
    engine: sa.Engine
    also_raises: tuple[type[Exception], ...]

    def begin_reading(self, transaction: sa.Connection) -> None:
        """From now on the transaction sees one state of everything."""
        ...

    def begin_migrating(self, transaction: sa.Connection) -> None:
        """From now on nobody else migrates."""
        ...

    def take(self) -> None:
        """Be the only daemon that works with it, or see that it is; raises StoreTakenError."""
        ...

    def free(self) -> None:
        """Let another daemon come."""
        ...

    def explain(self, error: Exception) -> str:
        """What is wrong, and what to do."""
        ...


class Store:
    """The database; open it with `open_store`."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._engine = backend.engine

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
        """Close all connections; SQLite's log is written back."""
        self._engine.dispose()

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """One consistent view; raises StoreError."""
        with _translate_errors(self._backend), self._engine.begin() as transaction:
            self._backend.begin_reading(transaction)
            yield transaction

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """All or nothing, one writer at a time; raises StoreError."""
        with _translate_errors(self._backend), self._engine.begin() as transaction:
            number = tables.revision.c.number
            transaction.execute(tables.revision.update().values(number=number + 1))
            yield transaction

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Be the only daemon that works with it; raises StoreTakenError if there is another."""
        self.stay_alone()
        try:
            yield
        finally:
            self._backend.free()

    def stay_alone(self) -> None:
        """See that it still is so, whatever happened to the database meanwhile.

        Raises StoreTakenError if another daemon was quicker, StoreError if it cannot be known.
        """
        with _translate_errors(self._backend):
            self._backend.take()


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


def open_store(data: Path, url: str = "", *, wait: float = WAIT_FOR_LOCK) -> Store:
    """Open the database; make it, or bring it up to date, if need be.

    It is a file in the folder `data`, or the PostgreSQL database that `url` names. `wait` is how
    long to wait for somebody else's write, in seconds. Raises StoreError, ConfigError.
    """
    backend = _postgresql(url, wait) if url else SqliteBackend(data, wait)
    try:
        with _translate_errors(backend):
            _upgrade(backend)
    except BaseException:
        backend.engine.dispose()
        raise
    return Store(backend)


def _postgresql(url: str, wait: float) -> Backend:
    from ptt.switchboard.store.postgresql import PostgresqlBackend  # few sites need it

    return PostgresqlBackend(url, wait)


def _upgrade(backend: Backend) -> None:
    found = _migration(backend.engine)
    if found == tables.NEWEST_MIGRATION:
        return
    if found is not None:
        refuse_newer(backend.called, found)
    from ptt.switchboard.store import migrate  # a tenth of a second that few starts need

    with backend.engine.begin() as connection:
        backend.begin_migrating(connection)
        migrate.upgrade(connection)


def refuse_newer(called: str, migration: str) -> None:
    """Raises StoreError if this program does not know the migration that the database has."""
    if migration == tables.NEWEST_MIGRATION:
        return
    from ptt.switchboard.store import migrate

    if not migrate.is_known(migration):
        raise StoreError(
            f"The database {called} was written by a newer pttd (its format is {migration}, this "
            f"program knows up to {tables.NEWEST_MIGRATION}): install the newer version."
        )


def _migration(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        found = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return None if found is None else str(found)


@contextmanager
def _translate_errors(backend: Backend) -> Iterator[None]:
    explained: tuple[type[Exception], ...] = (exc.DBAPIError, *backend.also_raises)
    try:
        yield
    except exc.IntegrityError:
        raise
    except explained as error:
        raise StoreError(backend.explain(error)) from error
