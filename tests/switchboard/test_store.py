"""The database: what is kept, what is refused, and who wins."""

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from ptt.errors import InviteError, RefusedError, StoreError
from ptt.switchboard.records import ChannelSettings, Device, Directory, Person, Right, Role
from ptt.switchboard.store import channels, migrate, people, tables
from ptt.switchboard.store.database import Store, note, open_store, revision, set_note
from ptt.switchboard.store.sqlite import FILE_NAME

TOKEN, OTHER_TOKEN = b"t" * 32, b"o" * 32
AFTER_2038 = float(1 << 31)  # s, the first second that 32 bits cannot hold


def device(number: int = 1, name: str = "laptop") -> Device:
    return Device(f"d{number}", 0, name, bytes([number]) * 32)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    is_file = request.param == "sqlite"
    url = "" if is_file else request.getfixturevalue("postgres").new_database()
    with open_store(tmp_path, url) as opened:
        yield opened


def invite(
    store: Store,
    name: str = "Anna",
    token: bytes = TOKEN,
    role: Role | None = None,
    expires_at: float = 100.0,
) -> Person:
    with store.write() as transaction:
        return people.add_invite(transaction, name, role, token, expires_at)


def redeem(store: Store, token: bytes = TOKEN, now: float = 50.0, number: int = 1) -> Person:
    with store.write() as transaction:
        return people.redeem_invite(transaction, token, device(number), now)


def directory(store: Store) -> Directory:
    with store.read() as transaction:
        return channels.load_directory(transaction)


def test_an_invite_makes_one_device(store: Store) -> None:
    anna = invite(store)

    redeem(store)

    assert directory(store).devices == {"d1": Device("d1", anna.number, "laptop", b"\x01" * 32)}


def test_a_used_invite_is_refused(store: Store) -> None:
    invite(store)
    redeem(store)

    with pytest.raises(InviteError, match="already been used"):
        redeem(store, number=2)
    assert len(directory(store).devices) == 1


def test_an_expired_invite_is_refused(store: Store) -> None:
    invite(store, expires_at=100.0)

    with pytest.raises(InviteError, match="expired"):
        redeem(store, now=100.0)
    assert not directory(store).devices


def test_an_unknown_invite_is_refused(store: Store) -> None:
    with pytest.raises(InviteError, match="not known"):
        redeem(store)


def test_of_two_who_redeem_at_once_exactly_one_wins(store: Store) -> None:
    invite(store)
    ready = threading.Barrier(8)
    won: list[int] = []

    def try_it(number: int) -> None:
        ready.wait()
        try:
            redeem(store, number=number)
        except InviteError:
            return
        won.append(number)

    threads = [threading.Thread(target=try_it, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(won) == 1
    assert len(directory(store).devices) == 1


def test_a_second_invite_is_for_the_same_person(store: Store) -> None:
    first = invite(store, "Anna", role=Role.MANAGE)

    second = invite(store, "anna", OTHER_TOKEN)

    assert (second.number, second.role) == (first.number, Role.MANAGE)


def test_revoking_takes_the_device_and_the_unused_invites(store: Store) -> None:
    anna = invite(store)
    redeem(store)
    invite(store, "Anna", OTHER_TOKEN)

    with store.write() as transaction:
        gone = people.revoke_devices(transaction, anna, "laptop")

    assert [each.device for each in gone] == ["d1"]
    assert not directory(store).devices
    with pytest.raises(InviteError):
        redeem(store, OTHER_TOKEN)


def test_revoking_an_unknown_device_names_the_nearest(store: Store) -> None:
    anna = invite(store)
    redeem(store)

    with store.write() as transaction, pytest.raises(RefusedError, match='mean "laptop"'):
        people.revoke_devices(transaction, anna, "labtop")


def test_removing_a_person_takes_everything_of_theirs(store: Store) -> None:
    anna = invite(store)
    redeem(store)
    with store.write() as transaction:
        channel = channels.add_channel(transaction, ChannelSettings(name="a"))
        channels.set_right(transaction, channel, anna, Right(Role.MANAGE))

    with store.write() as transaction:
        people.remove_person(transaction, anna)

    found = directory(store)
    assert not found.people
    assert not found.devices
    assert not found.rights


def test_an_unknown_person_or_channel_is_named_with_the_nearest(store: Store) -> None:
    invite(store)
    with store.write() as transaction:
        channels.add_channel(transaction, ChannelSettings(name="everyone"))

    with store.read() as transaction:
        with pytest.raises(RefusedError, match=r'nobody called "Ana": did you mean "Anna"'):
            people.find_person(transaction, "Ana")
        with pytest.raises(RefusedError, match=r'no channel "evryone": did you mean "everyone"'):
            channels.find_channel(transaction, "evryone")


def test_what_is_no_text_on_the_command_line_is_the_name_of_nobody(store: Store) -> None:
    no_text = b"\xff".decode("utf-8", "surrogateescape")

    with store.read() as transaction:
        with pytest.raises(RefusedError, match="nobody called"):
            people.find_person(transaction, no_text)
        with pytest.raises(RefusedError, match="no channel"):
            channels.find_channel(transaction, no_text)


def test_the_longest_names_have_room(store: Store) -> None:
    longest = "\u0390" * 64  # each one is three when it is compared

    invite(store, longest)

    with store.read() as transaction:
        assert people.find_person(transaction, longest).name == longest


def test_a_name_belongs_to_one_person_and_one_channel(store: Store) -> None:
    anna = invite(store)
    invite(store, "Ben", OTHER_TOKEN)

    with store.write() as transaction:
        channels.add_channel(transaction, ChannelSettings(name="a"))
        with pytest.raises(RefusedError, match="already a channel"):
            channels.add_channel(transaction, ChannelSettings(name="A"))
        with pytest.raises(RefusedError, match='called "Ben"'):
            people.rename_person(transaction, anna, "ben")
        people.rename_person(transaction, anna, "ANNA")


def test_names_are_stored_literally(store: Store) -> None:
    name = "'); DROP TABLE people; --"

    invite(store, name)

    with store.read() as transaction:
        assert people.find_person(transaction, name).name == name


def test_every_change_moves_the_revision_and_reading_does_not(store: Store) -> None:
    with store.read() as transaction:
        before = revision(transaction)
    with store.write() as transaction:
        set_note(transaction, "port", "1")
        set_note(transaction, "port", "2")

    with store.read() as transaction:
        assert revision(transaction) > before
        assert note(transaction, "port") == "2"


def test_a_failed_change_leaves_nothing_behind(store: Store) -> None:
    with store.read() as transaction:
        before = revision(transaction)

    def fail() -> None:
        with store.write() as transaction:
            people.add_invite(transaction, "Anna", None, TOKEN, 100.0)
            people.find_person(transaction, "Zoe")

    with pytest.raises(RefusedError):
        fail()

    assert not directory(store).people
    assert directory(store).revision == before


def test_what_was_written_is_there_after_opening_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        invite(store)

    with open_store(tmp_path) as store:
        assert [person.name for person in directory(store).people.values()] == ["Anna"]


def test_only_the_owner_may_read_the_database(tmp_path: Path) -> None:
    with open_store(tmp_path):
        assert (tmp_path / FILE_NAME).stat().st_mode & 0o077 == 0


def test_a_locked_database_is_one_sentence(tmp_path: Path) -> None:
    with open_store(tmp_path, wait=0.01) as store:
        other = sqlite3.connect(tmp_path / FILE_NAME)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreError, match="locked by another program"):
            invite(store)
        other.close()


def test_a_database_from_the_future_is_refused(tmp_path: Path) -> None:
    open_store(tmp_path).close()
    other = sqlite3.connect(tmp_path / FILE_NAME)
    other.execute("UPDATE alembic_version SET version_num = '9999'")
    other.commit()
    other.close()

    with pytest.raises(StoreError, match="newer pttd"):
        open_store(tmp_path)


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b"this is no database, " * 100)

    with pytest.raises(StoreError, match="damaged"):
        open_store(tmp_path)


def test_the_migrations_make_the_tables_that_the_program_uses(store: Store) -> None:
    """Columns, types, what may be empty, keys and indexes; where not: write a migration."""
    with store.read() as transaction:
        context = MigrationContext.configure(transaction, opts={"compare_type": True})
        differences = compare_metadata(context, tables.metadata)

    assert differences == []
    assert migrate.newest() == tables.NEWEST_MIGRATION


def test_an_invite_may_expire_after_2038(store: Store) -> None:
    invite(store, expires_at=AFTER_2038 + 60)

    redeem(store, now=AFTER_2038)

    assert len(directory(store).devices) == 1


@pytest.mark.parametrize(
    ("own", "person", "open_to", "expected"),
    [
        (None, Role.TALK, Role.TALK, Role.TALK),
        (None, Role.TALK, Role.LISTEN, Role.LISTEN),
        (None, Role.LISTEN, Role.TALK, Role.LISTEN),
        (None, Role.NONE, Role.TALK, Role.NONE),
        (None, Role.MANAGE, Role.LISTEN, Role.MANAGE),
        (None, Role.MANAGE, Role.NONE, Role.NONE),
        (Role.LISTEN, Role.MANAGE, Role.TALK, Role.LISTEN),
        (Role.MODERATE, Role.LISTEN, Role.NONE, Role.MODERATE),
        (Role.NONE, Role.TALK, Role.TALK, Role.NONE),
    ],
)
def test_what_somebody_may_do_in_a_channel(
    store: Store, own: Role | None, person: Role, open_to: Role, expected: Role
) -> None:
    anna = invite(store, role=person)
    with store.write() as transaction:
        channel = channels.add_channel(transaction, ChannelSettings(name="a", open_to=open_to))
        if own is not None:
            channels.set_right(transaction, channel, anna, Right(own))

    assert directory(store).right(channel.number, anna.number).role is expected


def invite_crowd(store: Store) -> None:
    """In one transaction, with no room for another page."""
    with store.write() as transaction:
        pages = transaction.exec_driver_sql("PRAGMA page_count").scalar()
        transaction.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(1000):
            token = number.to_bytes(32, "big")
            people.add_invite(transaction, f"Guest {number}", None, token, expires_at=1.0)


def test_a_full_disk_is_one_sentence_and_nothing_is_half_written(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        invite(store)
        with pytest.raises(StoreError, match="is full: make room"):
            invite_crowd(store)

        assert [person.name for person in directory(store).people.values()] == ["Anna"]


def test_every_acknowledged_change_is_on_the_disk(tmp_path: Path) -> None:
    with open_store(tmp_path) as store, store.write() as transaction:
        synchronous = transaction.exec_driver_sql("PRAGMA synchronous").scalar()

    assert synchronous == 2, "FULL"
