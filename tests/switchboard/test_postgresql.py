"""A site's own PostgreSQL in the place of the file: what is told, and what survives its absence."""

from pathlib import Path

import pytest
import trio

from ptt.errors import ConfigError, RefusedError, StoreError
from ptt.switchboard.commands.backup import backup
from ptt.switchboard.store.database import open_store
from ptt.wire.signalling import ChannelKey, Join, Members, Welcome
from tests.support.postgres import PostgresServer
from tests.support.switchboard_daemon import bare_client, real_daemon, run_pttd


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


def test_pttd_backs_up_files_only(tmp_path: Path, postgres: PostgresServer) -> None:
    config = configured(tmp_path, postgres.new_database())

    with pytest.raises(RefusedError, match="pg_dump"):
        backup(tmp_path / "backup.tar", config=config, data=tmp_path)


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
