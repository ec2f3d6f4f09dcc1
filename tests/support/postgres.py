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

from ptt.security.server_key import CERTIFICATE_FILE, KEY_FILE, load_or_make

SETTINGS = ("-c", "fsync=off", "-c", "shared_buffers=16MB")
OWNER = "postgres"
GUARDED, PASSWORD = "guarded", "open sesame"  # a user who needs one
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
    """One cluster: its owner needs no password from here, `GUARDED` does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self._run("initdb", "--auth=trust", "-U", OWNER, "--encoding=UTF8", "--no-sync")
        rules = self.folder / "data" / "pg_hba.conf"
        guard = f"host all {GUARDED} 127.0.0.1/32 scram-sha-256\n"
        rules.write_text(guard + rules.read_text())
        self._use_tls()
        self._databases = 0

    def start(self) -> None:
        """Raises CalledProcessError if it does not become ready."""
        options = f"-p {self.port} -h 127.0.0.1 -k {self.folder} {' '.join(SETTINGS)}"
        log = str(self.folder / "log")
        self._run("pg_ctl", "start", "-w", "-t", PATIENCE, "-l", log, "-o", options)

    def stop(self) -> None:
        """At once, whoever is connected."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-t", PATIENCE)

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}@127.0.0.1:{self.port}/{database}"

    def make_guarded_user(self) -> None:
        """Once."""
        self.execute(f"CREATE USER {GUARDED} SUPERUSER PASSWORD '{PASSWORD}'")

    def _use_tls(self) -> None:
        """For who wants it, with a certificate that nobody has signed."""
        load_or_make(self.folder / "tls")
        files = [self.folder / "tls" / name for name in (CERTIFICATE_FILE, KEY_FILE)]
        if os.geteuid() == 0:
            for path in (files[0].parent, *files):
                shutil.chown(path, OWNER)
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(f"ssl=on\nssl_cert_file='{files[0]}'\nssl_key_file='{files[1]}'\n")

    def new_database(self) -> str:
        """The URL of an empty one."""
        self._databases += 1
        name = f"ptt{self._databases}"
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        """As the owner, who may everything."""
        url = sa.make_url(self.url(OWNER)).set(drivername="postgresql+pg8000")
        engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()

    def _run(self, program: str, *arguments: str) -> None:
        user = OWNER if os.geteuid() == 0 else None
        command = [str(_program(program)), "-D", str(self.folder / "data"), *arguments]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(command, check=True, user=user, cwd=self.folder, **quiet)  # type: ignore[call-overload]
