"""A site's own PostgreSQL in the place of the file: what is told, and what survives its absence."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from ptt.errors import ConfigError, RefusedError, StoreError, StoreTakenError
from ptt.switchboard.commands.backup import backup
from ptt.switchboard.store.database import Store, open_store, set_note
from ptt.wire.signalling import ChannelKey, Join, Members, Welcome
from tests.support.line_between import LineBetween, line_to
from tests.support.postgres import GUARDED, OWNER, PASSWORD, PostgresServer
from tests.support.switchboard_daemon import PATIENCE, bare_client, real_daemon, run_pttd


def configured(data: Path, url: str) -> Path:
    """The folder of a daemon that works with this database."""
    data.mkdir(exist_ok=True)
    (data / "pttd.toml").write_text(f'database = "{url}"\n')
    return data / "pttd.toml"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://a@b/c",
        "postgresql://host",
        "postgresql://u:p@h:port/d",
        "ptt.sqlite3",
        "postgresql://u@h/d?sslmode=perhaps",
        "postgresql://u@h/d?sslmode=require&sslmode=require",
        "postgresql://u@h/d?connect_timeout=3",
        "postgresql://u@h/d?host=/run/postgresql",
        "postgresql://h/d",
        "postgresql:///d",
    ],
)
def test_what_is_no_url_of_a_database_is_told_without_a_password(tmp_path: Path, url: str) -> None:
    with pytest.raises(ConfigError, match='"database"') as told:
        open_store(tmp_path, url)

    assert url not in str(told.value)


def test_a_server_that_is_away_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="check that its server runs") as told:
        open_store(tmp_path, "postgresql://anna:secret@127.0.0.1:1/ptt")

    assert "secret" not in str(told.value)


def test_a_database_that_is_not_there_is_one_sentence(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    with pytest.raises(StoreError, match='database "nowhere" does not exist'):
        open_store(tmp_path, postgres.url("nowhere"))


@pytest.mark.parametrize(
    ("user", "mode", "reason"),
    [
        (f"{GUARDED}:wrong", "", "password authentication failed"),
        (GUARDED, "", "the server wants a password"),
        (f"{OWNER}:hidden", "?sslmode=verify-full", "certificate verify failed"),
    ],
)
def test_who_is_not_let_in_is_told_why_without_the_password(
    tmp_path: Path, postgres: PostgresServer, user: str, mode: str, reason: str
) -> None:
    url = f"postgresql://{user}@127.0.0.1:{postgres.port}/{OWNER}{mode}"

    with pytest.raises(StoreError, match=reason) as told:
        open_store(tmp_path, url)

    assert not any(word in str(told.value) for word in ("wrong", "hidden"))
    assert len(str(told.value).splitlines()) == 1


def test_a_password_tls_or_the_socket_of_this_computer_lead_to_it(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    database = postgres.new_database().rpartition("/")[2]
    postgres.make_guarded_user()
    password = PASSWORD.replace(" ", "%20")
    urls = [
        f"postgresql://{GUARDED}:{password}@127.0.0.1:{postgres.port}/{database}",
        f"postgresql://{OWNER}@127.0.0.1:{postgres.port}/{database}?sslmode=require",
        f"postgresql://{OWNER}@:{postgres.port}/{database}?host={postgres.folder}",
    ]

    for url in urls:
        with open_store(tmp_path, url) as store:
            change(store)


def change(store: Store) -> None:
    with store.write() as transaction:
        set_note(transaction, "key", "value")


@pytest.mark.parametrize(
    ("site", "expected"), [("off", "local"), ("on", "on"), ("remote_apply", "remote_apply")]
)
def test_every_acknowledged_change_is_on_the_disk_whatever_the_site_has_set(
    tmp_path: Path, postgres: PostgresServer, site: str, expected: str
) -> None:
    url = postgres.new_database()
    postgres.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET synchronous_commit = {site}")

    with open_store(tmp_path, url) as store, store.write() as transaction:
        found = transaction.exec_driver_sql("SHOW synchronous_commit").scalar()

    assert found == expected


@pytest.fixture
def line(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[LineBetween]:
    """Between the store and the server, with little patience."""
    monkeypatch.setattr("ptt.switchboard.store.postgresql._TIMEOUT", 1.0)
    with line_to(postgres.port) as between:
        yield between


@pytest.fixture
def far_store(tmp_path: Path, postgres: PostgresServer, line: LineBetween) -> Iterator[Store]:
    url = postgres.new_database().replace(str(postgres.port), str(line.port))
    with open_store(tmp_path, url) as store:
        yield store


@pytest.mark.slow
def test_a_server_that_says_nothing_is_one_sentence_and_then_forgotten(
    far_store: Store, line: LineBetween
) -> None:
    change(far_store)

    line.silence()
    with pytest.raises(StoreError, match="timed out"):
        change(far_store)
    line.speak()

    change(far_store)


@pytest.mark.slow
def test_a_connection_that_is_reset_is_replaced(far_store: Store, line: LineBetween) -> None:
    """As by a computer that was started again and knows nothing of it."""
    change(far_store)

    line.reset()

    change(far_store)


def test_a_second_daemon_on_another_computer_is_refused(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    with open_store(tmp_path, url) as here, open_store(tmp_path, url) as there:
        with (
            here.alone(),
            pytest.raises(StoreError, match="Another pttd works with the database"),
            there.alone(),
        ):
            pass

        with there.alone():
            pass


def test_a_restart_of_the_database_lets_no_second_daemon_in(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    with open_store(tmp_path, url) as here, open_store(tmp_path, url) as there, here.alone():
        postgres.stop()
        with pytest.raises(StoreError, match="cannot be used"):
            here.stay_alone()
        postgres.start()

        here.stay_alone()

        with pytest.raises(StoreTakenError), there.alone():
            pass


def test_who_was_quicker_after_a_restart_stays_and_the_other_is_told(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    with open_store(tmp_path, url) as here, open_store(tmp_path, url) as there, here.alone():
        postgres.stop()
        postgres.start()

        with there.alone(), pytest.raises(StoreTakenError):
            here.stay_alone()

        here.stay_alone()


def test_pttd_backs_up_files_only(tmp_path: Path, postgres: PostgresServer) -> None:
    config = configured(tmp_path, postgres.new_database())

    with pytest.raises(RefusedError, match="pg_dump"):
        backup(tmp_path / "backup.tar", config=config, data=tmp_path)


async def until_taken(url: str, data: Path) -> None:
    """Wait until a second daemon would be refused."""
    with trio.fail_after(PATIENCE):
        while True:
            try:
                with open_store(data, url) as store, store.alone():
                    pass
            except StoreTakenError:
                return
            await trio.sleep(0.1)


@pytest.mark.slow
async def test_a_daemon_keeps_others_off_its_database_also_after_a_restart_of_that(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    url = postgres.new_database()
    configured(tmp_path / "here", url)
    there = configured(tmp_path / "there", url)
    second = ("--config", str(there), "--data", str(there.parent), "--port", "0")
    async with real_daemon(tmp_path / "here") as daemon:
        refused = [await trio.to_thread.run_sync(run_pttd, *second)]

        await trio.to_thread.run_sync(postgres.stop)
        await daemon.until("database-away")
        await trio.to_thread.run_sync(postgres.start)
        await until_taken(url, tmp_path)
        refused.append(await trio.to_thread.run_sync(run_pttd, *second))

    assert daemon.process.returncode == 0
    for each in refused:
        assert each.returncode == 1
        assert "Another pttd works with the database" in each.stderr
        assert len(each.stderr.splitlines()) == 1


@pytest.mark.slow
async def test_a_daemon_outlives_a_restart_of_its_database(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """Who is connected stays so; who comes meanwhile is told to come again; then all goes on."""
    config = configured(tmp_path, postgres.new_database())
    command = ("--config", str(config), "--data", str(tmp_path))
    async with real_daemon(tmp_path) as daemon:
        link = run_pttd("invite", "Anna", "--host", "127.0.0.1", *command)
        anna = await trio.to_thread.run_sync(daemon.redeem, link.stdout)
        async with bare_client(daemon.port) as client:
            await client.log_in(anna)
            await client.say(Join(channel=1))
            await client.wait_for(ChannelKey)

            await trio.to_thread.run_sync(postgres.stop)
            await daemon.until("database-away")
            refused = run_pttd("people", "list", *command)
            async with bare_client(daemon.port) as late:
                await late.log_in(anna)
                goodbye = await late.hear()
            await trio.to_thread.run_sync(postgres.start)
            renamed = run_pttd("people", "rename", "Anna", "Anne", *command)
            await client.wait_for(Members)

    assert renamed.returncode == 0, renamed.stderr
    assert (refused.returncode, "cannot be used" in refused.stderr) == (1, True)
    assert "database" in getattr(goodbye, "sentence", "")
    async with real_daemon(tmp_path) as daemon, bare_client(daemon.port) as client:
        await client.log_in(anna)
        assert (await client.wait_for(Welcome)).person == "Anne"
