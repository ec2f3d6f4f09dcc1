"""`pttd backup` while the daemon runs, `pttd restore` while it does not."""

from pathlib import Path
from typing import Annotated

import typer

from ptt.errors import RefusedError
from ptt.security.server_key import KEY_FILE
from ptt.switchboard.archive import read_archive, write_archive
from ptt.switchboard.commands.opening import ConfigOption, DataOption
from ptt.switchboard.config import load_config
from ptt.switchboard.setting_up import sole_daemon


def backup(
    file: Annotated[Path, typer.Argument(help="The tar file to write.")],
    with_private_key: Annotated[
        bool, typer.Option("--with-private-key", help="The server's identity, too: keep it safe.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Overwrite the file.")] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Back up people, devices, channels and roles into one file; the server may run."""
    folder = _folder(config, data)
    write_archive(folder, file, with_key=with_private_key, force=force)
    if with_private_key:
        typer.echo(
            f"{file} holds all data and the server's private key: "
            "whoever has it can pretend to be this server."
        )
        return
    typer.echo(
        f"{file} holds all data, but not the server's private key: keep a copy of "
        f"{folder / KEY_FILE} apart, or use --with-private-key."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="What `pttd backup` has written.")],
    force: Annotated[
        bool, typer.Option("--force", help="Even if data are there: they are moved aside.")
    ] = False,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Bring back what a backup holds; the server must not run."""
    folder = _folder(config, data)
    with sole_daemon(folder):
        had_key, aside = read_archive(file, folder, force=force)
    typer.echo(f"Restored {folder} from {file}. Whoever was revoked since then: revoke them again.")
    if aside is not None:
        typer.echo(f"The former files are in {aside}.")
    if not had_key and not (folder / KEY_FILE).exists():
        typer.echo(
            f"The server's private key is not in the backup: put it into {folder / KEY_FILE} "
            "before the start, or every device needs a new invite."
        )


def _folder(config: Path | None, data: Path | None) -> Path:
    loaded = load_config(config, data=data)
    if loaded.database:
        raise RefusedError(
            "The database is PostgreSQL: back it up and restore it by pg_dump and pg_restore, and "
            f"keep a copy of {loaded.data / KEY_FILE}."
        )
    return loaded.data
