"""A real PostgreSQL server of the tests' own, on loopback, that may be stopped and started.

Debian's package `postgresql` keeps its programs in a folder of their own; PostgreSQL refuses to run
as root, so there its own user runs it.
"""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import sqlalchemy as sa

SETTINGS = ("-c", "fsync=off", "-c", "shared_buffers=16MB")
OWNER = "postgres"
PATIENCE = "30"  # s


def _program(name: str) -> str | None:
    places = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return str(places[-1]) if places else shutil.which(name)


@contextmanager
def own_server() -> Iterator["PostgresServer"]:
    """Started; skips the test where there is no PostgreSQL."""
    if _program("initdb") is None or _program("pg_ctl") is None:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    with TemporaryDirectory(prefix="ptt-postgres-") as folder:
        server = PostgresServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


class PostgresServer:
    """One cluster with one user, who needs no password from here."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._run("initdb", "--auth=trust", "-U", OWNER, "--encoding=UTF8", "--no-sync")
        self._databases = 0

    def start(self) -> None:
        """Raises CalledProcessError if it does not become ready."""
        options = f"-p {self.port} -h 127.0.0.1 -k '' {' '.join(SETTINGS)}"
        log = str(self._folder / "log")
        self._run("pg_ctl", "start", "-w", "-t", PATIENCE, "-l", log, "-o", options)

    def stop(self) -> None:
        """At once, whoever is connected."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-t", PATIENCE)

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The URL of an empty one."""
        self._databases += 1
        name = f"ptt{self._databases}"
        url = sa.make_url(self.url(OWNER)).set(drivername="postgresql+pg8000")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name}")
        engine.dispose()
        return self.url(name)

    def _run(self, program: str, *arguments: str) -> None:
        user = OWNER if os.geteuid() == 0 else None
        command = [str(_program(program)), "-D", str(self._folder / "data"), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, user=user, cwd=self._folder, **quiet)  # type: ignore[call-overload]
