"""A consistent copy of the database while others write, and whether a copy can be used.

Speaks SQLite's own language, not SQLAlchemy's: a copy is made and looked at without bringing its
tables to this program's migration, so that a backup may come before an update.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ptt.errors import StoreError
from ptt.switchboard.store.database import WAIT_FOR_LOCK, refuse_newer
from ptt.switchboard.store.sqlite import FILE_NAME

# What belongs to a database while it is open; the database first: when moved away in this order
# and interrupted, SQLite finds a log without a database and drops it, never the reverse.
FILE_NAMES = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm")


def copy_database(data: Path, target: Path) -> None:
    """Copy what is committed at this moment into the new file `target`, mode 0600.

    Nobody who reads or writes is kept waiting. Raises StoreError.
    """
    path = data / FILE_NAME
    if not path.exists():
        raise StoreError(f"There is no database in {data}: name its folder with --data.")
    with _translate_errors(path):
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(_connect(path)) as source, closing(_connect(target)) as copy:
            source.backup(copy)
            # The copy is one file: no log beside it.
            copy.execute("PRAGMA journal_mode=DELETE").close()


def check_copy(copy: Path, called: Path) -> None:
    """Raises StoreError, naming the file `called`, unless this program can work with the copy."""
    with _translate_errors(called), closing(_connect(copy)) as database:
        complaints = [str(row[0]) for row in database.execute("PRAGMA integrity_check")]
        if complaints != ["ok"] or database.execute("PRAGMA foreign_key_check").fetchone():
            raise StoreError(f"{called} is damaged: restore another backup.")
        found = _migration(database)
    if found is None:
        raise StoreError(f"{called} holds no database of pttd: restore another backup.")
    refuse_newer(str(called), found)


def _migration(database: sqlite3.Connection) -> str | None:
    known = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
    if database.execute(known).fetchone() is None:
        return None
    row = database.execute("SELECT version_num FROM alembic_version").fetchone()
    return None if row is None else str(row[0])


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", WAIT_FOR_LOCK, uri=True)


@contextmanager
def _translate_errors(path: Path) -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise StoreError(f"{path} cannot be copied ({error}): check the disks.") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path} is damaged ({error}): restore another backup.") from error
    except OSError as error:
        raise StoreError(f"{path} cannot be copied ({error.strerror}): check the disks.") from error
