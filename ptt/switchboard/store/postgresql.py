"""What is PostgreSQL's own: the database of a site that has one, named by a URL.

    postgresql://USER:PASSWORD@HOST:PORT/DATABASE[?sslmode=verify-full | require]
    postgresql://USER@/DATABASE?host=/var/run/postgresql    the socket of this computer

What was acknowledged is on the server's disk, even where it is set up to say so sooner.
The driver is pg8000: pure Python and BSD, where psycopg is LGPL. Read only where it is needed.
"""

import logging
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc

from ptt.errors import ConfigError, StoreTakenError

# Specification (PostgreSQL, appendix A)
_LOCK_NOT_AVAILABLE = "55P03"
_NO_SPACE = "53100"

# Implementation
_DRIVER = "postgresql+pg8000"
_ALONE, _MIGRATING = 0x70747464, 0x70747465  # advisory locks, "pttd" and the next number
_AT_LEAST_THIS_DISK = (
    "SELECT set_config('synchronous_commit', 'local', false)"
    " WHERE current_setting('synchronous_commit') = 'off'"
)
# 5 s of silence, then three questions: not the two hours after which TCP asks by itself.
_END_WITH_THIS_COMPUTER = (
    "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)
_SCHEMES = ("postgresql", "postgres")
_TIMEOUT = 10.0  # s, for each answer of the server
_DEFAULT_PORT = 5432


class PostgresqlBackend:
    """The database that `url` names; `wait` is for somebody else's write, in seconds."""

    # pg8000, when a connection times out or is reset while it waits for an answer.
    also_raises: tuple[type[Exception], ...] = (OSError,)

    def __init__(self, url: str, wait: float) -> None:
        address = _parse(url)
        self.called = f"{address.url.database} on {address.host}"
        self._wait = wait
        self._holder: sa.Connection | None = None  # of the daemon's lock
        self._turn = threading.Lock()  # the daemon may end while a thread of it looks
        logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)  # we say it ourselves
        try:
            self.engine = sa.create_engine(
                address.url,
                connect_args={"timeout": _TIMEOUT, **address.options},
                pool_pre_ping=True,  # the server may have been restarted meanwhile
            )
        except ImportError as error:
            raise ConfigError(
                "The driver of PostgreSQL is missing: install it by pip install 'ptt[postgresql]'."
            ) from error
        sa.event.listen(self.engine, "do_connect", _connect)
        sa.event.listen(self.engine, "connect", self._set_up_connection)

    def begin_reading(self, transaction: sa.Connection) -> None:
        """One view for all questions."""
        transaction.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    def begin_migrating(self, transaction: sa.Connection) -> None:
        """Two first starts at once: one waits."""
        transaction.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")

    def take(self) -> None:
        """Take the daemon's lock, or see that it is still held; StoreTakenError if it cannot.

        It ends with the connection: a restart of PostgreSQL frees it, and so must the death of this
        computer, soon.
        """
        with self._turn:
            if not self._holds():
                self._take()

    def free(self) -> None:
        """Another daemon may come."""
        with self._turn:
            self._drop()

    def _take(self) -> None:
        connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.exec_driver_sql(_END_WITH_THIS_COMPUTER)
        if not connection.scalar(sa.text(f"SELECT pg_try_advisory_lock({_ALONE})")):
            connection.close()
            raise StoreTakenError(
                f"Another pttd works with the database {self.called}: stop it, or give this one a "
                "database of its own; if its computer has just died, try again in half a minute."
            )
        self._holder = connection

    def _drop(self) -> None:
        if self._holder is not None:
            if not self._holder.invalidated:
                self._holder.detach()  # closed, not given back: with it goes the lock
            with suppress(exc.DBAPIError, OSError):  # the server has ended it
                self._holder.close()
            self._holder = None

    def _holds(self) -> bool:
        if self._holder is not None:
            try:
                return bool(self._holder.scalar(sa.text("SELECT 1")))
            except (exc.DBAPIError, OSError):
                self._drop()
        return False

    def explain(self, error: Exception) -> str:
        """One sentence, and what to do."""
        code, reason = _reason(error)
        if code == _LOCK_NOT_AVAILABLE:
            return f"The database {self.called} is locked by another program: try again."
        if code == _NO_SPACE:
            return f"The disk of the database {self.called} is full: make room and try again."
        return (
            f"The database {self.called} cannot be used ({reason}): check that its server runs, "
            'and what "database" says in pttd.toml.'
        )

    def _set_up_connection(self, connection: Any, _record: object) -> None:  # noqa: ANN401
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = {int(self._wait * 1000)}")
        cursor.execute(_AT_LEAST_THIS_DISK)
        cursor.close()
        connection.commit()


def _connect(dialect: sa.Dialect, _record: object, given: Any, options: Any) -> Any:  # noqa: ANN401
    try:
        return dialect.connect(*given, **options)
    except AttributeError as error:  # so pg8000 notices that it has none
        raise dialect.loaded_dbapi.InterfaceError("the server wants a password") from error
    except OSError as error:  # a certificate that does not convince
        raise dialect.loaded_dbapi.InterfaceError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Address:
    """What the URL says, as the driver takes it. `host` is for people."""

    url: sa.URL = field(repr=False)
    host: str
    options: dict[str, Any] = field(default_factory=dict)


def _parse(text: str) -> _Address:
    try:
        url = sa.make_url(text)
    except (exc.ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in _SCHEMES or not (url.username and url.database):
        raise ConfigError(
            '"database" must be postgresql://USER:PASSWORD@HOST:PORT/DATABASE, or be left away for '
            "a file in the data folder."
        )
    if unknown := sorted(url.query.keys() - {"sslmode", "host"}):
        raise ConfigError(f'"database": "{unknown[0]}" is not known; leave it away.')
    return _address(url, url.query.get("sslmode"), url.query.get("host"))


def _address(url: sa.URL, mode: object, folder: object) -> _Address:
    if mode not in (None, "require", "verify-full"):
        raise ConfigError('"database": sslmode must be require or verify-full, or be left away.')
    plain = url.set(drivername=_DRIVER, query={})
    if folder is None:
        return _Address(plain, url.host or "this computer", {"ssl_context": _tls(mode)})
    if not isinstance(folder, str) or url.host:
        raise ConfigError('"database": write the host once, before or behind the database.')
    socket = f"{folder}/.s.PGSQL.{url.port or _DEFAULT_PORT}"
    return _Address(plain, folder, {"unix_sock": socket})


def _tls(mode: object) -> ssl.SSLContext | None:
    if mode is None:
        return None
    context = ssl.create_default_context()
    if mode == "require":  # encrypted, whoever it is
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _reason(error: Exception) -> tuple[str, str]:
    """The code of PostgreSQL, if it said one, and its words."""
    cause = error.orig if isinstance(error, exc.DBAPIError) else error
    details = cause.args[0] if cause is not None and cause.args else ""
    if isinstance(details, dict):
        return str(details.get("C", "")), str(details.get("M", ""))
    return "", str(cause)
