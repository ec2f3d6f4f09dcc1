"""A database of a former release, frozen as text, is carried over with everything in it."""

import sqlite3
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from ptt.switchboard.records import ChannelSettings, Device, Directory, Person, Right, Role
from ptt.switchboard.store import channels, migrate, people
from ptt.switchboard.store.database import open_store
from ptt.switchboard.store.sqlite import FILE_NAME
from tests.support.postgres import PostgresServer

TOKEN = b"t" * 32
CARRIED_OVER = Directory(
    revision=12,
    people={3: Person(3, "Anna", Role.MANAGE)},
    devices={"d1": Device("d1", 3, "laptop", b"\x01" * 32)},
    channels={
        7: ChannelSettings(
            number=7,
            name="Goods in",
            talk_limit=30.0,
            queue_size=4,
            profile="interop",
            strict=True,
            open_to=Role.LISTEN,
            replay=True,
        )
    },
    rights={(7, 3): Right(Role.MODERATE, 2)},
)
FIRST_SCHEMA = Path(__file__).parent.parent / "vectors" / "first_schema.sql"


def written_by_the_first_release(folder: Path) -> None:
    database = sqlite3.connect(folder / FILE_NAME)
    database.executescript(FIRST_SCHEMA.read_text())
    database.close()


def put_into_the_first_tables(transaction: sa.Connection) -> None:
    """The same rows as in the frozen text, for a database that reads another SQL."""
    found = sa.MetaData()
    found.reflect(transaction)
    rows: dict[str, dict[str, object]] = {
        "people": {"person": 3, "name": "Anna", "name_key": "anna", "role": 4},
        "channels": {
            "channel": 7,
            "name": "Goods in",
            "name_key": "goods in",
            "talk_limit": 30.0,
            "queue_size": 4,
            "profile": "interop",
            "strict": True,
            "open_to": 1,
        },
        "devices": {
            "device": "d1",
            "person": 3,
            "name": "laptop",
            "secret_hash": b"\x01" * 32,
            "enrolled_at": 50,
        },
        "invites": {"token_hash": TOKEN, "person": 3, "expires_at": 100, "used_at": None},
        "roles": {"channel": 7, "person": 3, "role": 3, "priority": 2},
    }
    for table, row in rows.items():
        transaction.execute(found.tables[table].insert().values(row))
    transaction.execute(found.tables["revision"].update().values(number=12))


def brought_to_the_first_schema(url: str) -> None:
    """A PostgreSQL database as migration 0001 alone leaves it, with rows."""
    config = Config()
    config.set_main_option("script_location", str(migrate.SCRIPTS))
    engine = sa.create_engine(sa.make_url(url).set(drivername="postgresql+pg8000"))
    with engine.begin() as transaction:
        config.attributes["connection"] = transaction
        command.upgrade(config, "0001")
        put_into_the_first_tables(transaction)
    engine.dispose()


def test_a_database_of_the_first_schema_is_carried_over(tmp_path: Path) -> None:
    written_by_the_first_release(tmp_path)

    with open_store(tmp_path) as store, store.read() as transaction:
        found = channels.load_directory(transaction)

    assert found == CARRIED_OVER


def test_all_migrations_keep_the_rows_in_postgresql_too(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    brought_to_the_first_schema(url)

    with open_store(tmp_path, url) as store:
        with store.read() as transaction:
            found = channels.load_directory(transaction)
        with store.write() as transaction:
            device = Device("d2", 0, "phone", b"\x02" * 32)
            invited = people.redeem_invite(transaction, TOKEN, device, now=99.0)

    assert found == CARRIED_OVER
    assert invited.name == "Anna"


def test_a_channel_of_the_first_schema_can_be_changed_and_joined_by_others(tmp_path: Path) -> None:
    written_by_the_first_release(tmp_path)

    with open_store(tmp_path) as store:
        with store.write() as transaction:
            old = channels.find_channel(transaction, "Goods in")
            channels.change_channel(transaction, old, {"replay": False})
            channels.add_channel(transaction, ChannelSettings(name="Store"))
            channels.add_channel(transaction, ChannelSettings(name="Board", replay=False))
        with store.read() as transaction:
            found = {each.name: each.replay for each in channels.all_channels(transaction)}

    assert found == {"Goods in": False, "Store": True, "Board": False}
