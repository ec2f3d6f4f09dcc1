"""A database of a former release, frozen as text, is carried over with everything in it."""

import sqlite3
from pathlib import Path

from ptt.switchboard.records import ChannelSettings, Device, Person, Right, Role
from ptt.switchboard.store import channels
from ptt.switchboard.store.database import open_store
from ptt.switchboard.store.sqlite import FILE_NAME

FIRST_SCHEMA = Path(__file__).parent.parent / "vectors" / "first_schema.sql"


def written_by_the_first_release(folder: Path) -> None:
    database = sqlite3.connect(folder / FILE_NAME)
    database.executescript(FIRST_SCHEMA.read_text())
    database.close()


def test_a_database_of_the_first_schema_is_carried_over(tmp_path: Path) -> None:
    written_by_the_first_release(tmp_path)

    with open_store(tmp_path) as store, store.read() as transaction:
        found = channels.load_directory(transaction)

    goods_in = ChannelSettings(
        number=7,
        name="Goods in",
        talk_limit=30.0,
        queue_size=4,
        profile="interop",
        strict=True,
        open_to=Role.LISTEN,
        replay=True,
    )
    assert found.channels == {7: goods_in}
    assert found.people == {3: Person(3, "Anna", Role.MANAGE)}
    assert found.devices == {"d1": Device("d1", 3, "laptop", b"\x01" * 32)}
    assert found.rights == {(7, 3): Right(Role.MODERATE, 2)}
    assert found.revision == 12


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
