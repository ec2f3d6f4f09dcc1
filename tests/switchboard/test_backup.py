"""`pttd backup` and `pttd restore`: what is in the file, what is refused, what is kept."""

import sqlite3
import stat
import sys
import tarfile
import threading
from io import BytesIO
from pathlib import Path

import pytest

from ptt.errors import PttError, StoreError
from ptt.security.server_key import CERTIFICATE_FILE, KEY_FILE
from ptt.switchboard.archive import read_archive, write_archive
from ptt.switchboard.commands.backup import backup, restore
from ptt.switchboard.setting_up import load_server_key, sole_daemon
from ptt.switchboard.store import channels, people
from ptt.switchboard.store.database import open_store, revision, set_note
from ptt.switchboard.store.sqlite import FILE_NAME
from tests.support.switchboard_daemon import real_daemon, run_pttd
from tests.switchboard.test_migrations import written_by_the_first_release

NO_CONFIG = Path("/dev/null")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A server's folder: a key, and Anna."""
    folder = tmp_path / "data"
    load_server_key(folder)
    add_person(folder, "Anna")
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "backup.tar"


def add_person(folder: Path, name: str) -> None:
    with open_store(folder) as store, store.write() as transaction:
        people.add_invite(transaction, name, None, name.encode().ljust(32), 100.0)


def people_in(folder: Path) -> list[str]:
    with open_store(folder) as store, store.read() as transaction:
        return [person.name for person in people.all_people(transaction)]


def back_up(data: Path, file: Path, *, with_key: bool = False, force: bool = False) -> None:
    write_archive(data, file, with_key=with_key, force=force)


def names_in(file: Path) -> list[str]:
    with tarfile.open(file) as archive:
        return sorted(archive.getnames())


def test_a_backup_holds_the_database_and_no_key(data: Path, file: Path) -> None:
    back_up(data, file)

    assert names_in(file) == [FILE_NAME]
    assert b"PRIVATE KEY" not in file.read_bytes()


def test_the_key_is_in_it_if_asked_for(data: Path, file: Path) -> None:
    back_up(data, file, with_key=True)

    assert names_in(file) == sorted([FILE_NAME, KEY_FILE, CERTIFICATE_FILE])


@pytest.mark.skipif(sys.platform == "win32", reason="file modes are POSIX's")
def test_only_the_owner_may_read_a_backup_and_what_is_restored(
    data: Path, file: Path, tmp_path: Path
) -> None:
    back_up(data, file, with_key=True)
    (tmp_path / "new").mkdir()
    read_archive(file, tmp_path / "new", force=False)

    written = [file, *(tmp_path / "new").iterdir()]
    assert [stat.S_IMODE(each.stat().st_mode) for each in written] == [0o600] * 4


def test_a_backup_leaves_nothing_else_behind(data: Path, file: Path, tmp_path: Path) -> None:
    before = set(data.iterdir())

    back_up(data, file)

    assert set(tmp_path.iterdir()) == {data, file}
    assert set(data.iterdir()) == before


def test_a_file_that_is_there_is_overwritten_only_by_force(data: Path, file: Path) -> None:
    file.write_text("a letter")

    with pytest.raises(StoreError, match="--force"):
        back_up(data, file)
    assert file.read_text() == "a letter"
    back_up(data, file, force=True)

    assert names_in(file) == [FILE_NAME]


def test_without_a_database_there_is_no_backup_and_none_is_made(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no database"):
        back_up(tmp_path, tmp_path / "backup.tar")

    assert not list(tmp_path.iterdir())


def test_a_backup_into_a_folder_that_is_not_there_is_one_sentence(
    data: Path, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(data, tmp_path / "nowhere" / "backup.tar")


def test_a_database_of_a_former_release_is_backed_up_as_it_is(file: Path, tmp_path: Path) -> None:
    written_by_the_first_release(tmp_path)

    back_up(tmp_path, file)

    old = sqlite3.connect(tmp_path / FILE_NAME)
    assert old.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
    old.close()


def test_what_was_backed_up_is_restored_into_an_empty_folder(
    data: Path, file: Path, tmp_path: Path
) -> None:
    back_up(data, file, with_key=True)

    restore(file, config=NO_CONFIG, data=tmp_path / "new")

    assert people_in(tmp_path / "new") == ["Anna"]
    assert load_server_key(tmp_path / "new").hash == load_server_key(data).hash


def test_a_backup_of_the_first_release_is_restored_and_carried_over(
    file: Path, tmp_path: Path
) -> None:
    written_by_the_first_release(tmp_path)
    back_up(tmp_path, file)

    restore(file, config=NO_CONFIG, data=tmp_path / "new")

    with open_store(tmp_path / "new") as store, store.read() as transaction:
        assert [each.name for each in channels.all_channels(transaction)] == ["Goods in"]


def test_who_restores_without_a_key_is_told_what_to_do(
    data: Path, file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup(file, config=NO_CONFIG, data=data)
    assert "but not the server's private key" in capsys.readouterr().out

    restore(file, config=NO_CONFIG, data=tmp_path / "new")

    assert "before the start, or every device needs a new invite" in capsys.readouterr().out


def test_data_that_are_there_are_not_touched_without_force(data: Path, file: Path) -> None:
    back_up(data, file)
    add_person(data, "Ben")
    before = set(data.iterdir())

    with pytest.raises(StoreError, match="--force"):
        restore(file, config=NO_CONFIG, data=data)

    assert people_in(data) == ["Anna", "Ben"]
    assert set(data.iterdir()) - before <= {data / "pttd.lock"}


def test_force_keeps_the_former_files_and_the_servers_key(data: Path, file: Path) -> None:
    key = load_server_key(data).hash
    back_up(data, file)
    add_person(data, "Ben")

    restore(file, force=True, config=NO_CONFIG, data=data)

    (aside,) = data.glob("before-restore-*")
    assert (people_in(data), people_in(aside)) == (["Anna"], ["Anna", "Ben"])
    assert load_server_key(data).hash == key


def test_what_a_killed_daemon_left_in_the_log_is_kept_aside_and_not_mixed_in(
    data: Path, file: Path
) -> None:
    back_up(data, file)
    left = sqlite3.connect(data / FILE_NAME)
    left.execute("INSERT INTO notes VALUES ('late', 'row')")
    left.commit()
    assert (data / f"{FILE_NAME}-wal").stat().st_size

    restore(file, force=True, config=NO_CONFIG, data=data)
    left.close()

    (aside,) = data.glob("before-restore-*")
    for folder, rows in ((data, 0), (aside, 1)):
        database = sqlite3.connect(folder / FILE_NAME)
        found = database.execute("SELECT count(*) FROM notes WHERE key = 'late'").fetchone()
        database.close()
        assert found == (rows,)


def test_a_key_that_is_restored_over_another_keeps_that_one_aside(
    data: Path, file: Path, tmp_path: Path
) -> None:
    back_up(data, file, with_key=True)
    other = load_server_key(tmp_path / "other").hash

    restore(file, force=True, config=NO_CONFIG, data=tmp_path / "other")

    (aside,) = (tmp_path / "other").glob("before-restore-*")
    assert load_server_key(tmp_path / "other").hash == load_server_key(data).hash
    assert load_server_key(aside).hash == other


def test_a_running_daemons_data_are_not_restored(data: Path, file: Path) -> None:
    back_up(data, file)

    with sole_daemon(data), pytest.raises(StoreError, match="Another pttd is running"):
        restore(file, force=True, config=NO_CONFIG, data=data)


def rewritten(file: Path, statement: str) -> None:
    """The backup with another database in it."""
    inner = file.with_name("inner.sqlite3")
    with tarfile.open(file) as archive:
        member = archive.extractfile(FILE_NAME)
        assert member is not None
        inner.write_bytes(member.read())
    database = sqlite3.connect(inner)
    database.executescript(statement)
    database.close()
    write_tar(file, FILE_NAME, inner.read_bytes())


def write_tar(file: Path, name: str, octets: bytes, kind: bytes = tarfile.REGTYPE) -> None:
    with tarfile.open(file, "w") as archive:
        member = tarfile.TarInfo(name)
        member.size, member.type, member.linkname = len(octets), kind, "/etc/hostname"
        archive.addfile(member, BytesIO(octets))


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = '9999'", "newer pttd"),
        ("DROP TABLE alembic_version", "no database of pttd"),
        ("PRAGMA foreign_keys=OFF; DELETE FROM people", "damaged"),
    ],
)
def test_a_backup_that_this_program_cannot_use_changes_nothing(
    data: Path, file: Path, statement: str, sentence: str
) -> None:
    back_up(data, file)
    rewritten(file, statement)

    with pytest.raises(StoreError, match=sentence):
        restore(file, force=True, config=NO_CONFIG, data=data)

    assert people_in(data) == ["Anna"]
    assert not list(data.glob("before-restore-*"))


def test_a_backup_is_restored_whole_or_not_wherever_it_was_cut_or_hurt(
    data: Path, file: Path, tmp_path: Path
) -> None:
    back_up(data, file)
    whole = file.read_bytes()
    for number, at in enumerate(range(0, len(whole) * 3 // 4, 4999)):
        for hurt in (whole[:at], whole[:at] + bytes(200) + whole[at + 200 :]):
            file.write_bytes(hurt)
            target = tmp_path / f"{number}"
            target.mkdir(exist_ok=True)
            try:
                read_archive(file, target, force=True)
            except PttError:
                assert not (target / FILE_NAME).exists()
            else:  # the zeros fell on what was free, or zero already, or inside of one value
                database = sqlite3.connect(target / FILE_NAME)
                assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
                database.close()
                (target / FILE_NAME).unlink()


@pytest.mark.parametrize("name", ["../evil", "/evil", "notes.txt"])
def test_other_files_in_a_tar_file_are_left_there(tmp_path: Path, name: str) -> None:
    write_tar(tmp_path / "a.tar", name, b"x")
    (tmp_path / "new").mkdir()

    with pytest.raises(StoreError, match="not a backup of pttd"):
        read_archive(tmp_path / "a.tar", tmp_path / "new", force=True)

    assert {path.name for path in tmp_path.iterdir()} == {"a.tar", "new"}
    assert not list((tmp_path / "new").iterdir())


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_a_database_that_is_no_plain_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    write_tar(tmp_path / "a.tar", FILE_NAME, b"", kind)
    (tmp_path / "new").mkdir()

    with pytest.raises(StoreError, match="not a whole backup"):
        read_archive(tmp_path / "a.tar", tmp_path / "new", force=True)


def test_a_file_that_is_no_tar_or_not_there_is_one_sentence(data: Path, file: Path) -> None:
    with pytest.raises(StoreError, match="cannot be read"):
        read_archive(file, data, force=True)
    file.write_text("a letter")
    with pytest.raises(StoreError, match="not a whole backup"):
        read_archive(file, data, force=True)


@pytest.mark.slow
def test_backups_during_writes_are_each_one_moment(data: Path, tmp_path: Path) -> None:
    """Every transaction writes the revision twice: into its table and into a note."""
    stop = threading.Event()

    def write() -> None:
        with open_store(data) as store:
            while not stop.is_set():
                with store.write() as transaction:
                    set_note(transaction, "same", str(revision(transaction)))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(20):
            back_up(data, tmp_path / f"{number}.tar")
    finally:
        stop.set()
        writer.join()

    seen = set()
    for number in range(20):
        target = tmp_path / f"restored-{number}"
        target.mkdir()
        read_archive(tmp_path / f"{number}.tar", target, force=False)
        database = sqlite3.connect(target / FILE_NAME)
        (one,) = database.execute("SELECT number FROM revision").fetchone()
        note = database.execute("SELECT value FROM notes WHERE key = 'same'").fetchone()
        database.close()
        assert note is None or note == (str(one),)
        seen.add(one)
    assert len(seen) > 1


@pytest.mark.slow
async def test_the_commands_back_up_a_running_daemon_and_restore_a_stopped_one(
    tmp_path: Path,
) -> None:
    data, file = tmp_path / "data", tmp_path / "backup.tar"
    data.mkdir()
    async with real_daemon(data) as daemon:
        daemon.enrol("Anna")
        said = daemon.command("backup", str(file), "--with-private-key")
        daemon.enrol("Ben")
        refused = run_pttd("restore", str(file), "--force", "--data", str(data))
        assert daemon.request("GET", "/healthz")[0] == 200

    restored = run_pttd("restore", str(file), "--force", "--data", str(data))

    assert "can pretend to be this server" in said
    assert (refused.returncode, "Another pttd is running" in refused.stderr) == (1, True)
    assert (restored.returncode, restored.stderr) == (0, "")
    async with real_daemon(data) as daemon:
        listed = daemon.command("people", "list")
    assert ("Anna" in listed, "Ben" in listed) == (True, False)
