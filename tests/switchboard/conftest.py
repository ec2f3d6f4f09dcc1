"""A PostgreSQL server for all tests of this room, if there is one to be had."""

from collections.abc import Iterator

import pytest

from tests.support.postgres import PostgresServer, own_server


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    with own_server() as server:
        yield server
