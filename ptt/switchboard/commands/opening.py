"""What every command needs: the options that say which database, and the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from ptt.errors import RefusedError
from ptt.switchboard.config import Config, load_config
from ptt.switchboard.names import did_you_mean
from ptt.switchboard.records import ROLE_WORDS, Role, role_of
from ptt.switchboard.store.database import Store, Transaction, open_store

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file, instead of the usual places.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the database and the server key.")
]


def refuse_before_command(context: typer.Context, *options: object) -> None:
    """Options in front of a command would be taken by nobody; raises RefusedError."""
    if context.invoked_subcommand is not None and any(one is not None for one in options):
        command = f"{context.command_path} {context.invoked_subcommand}"
        raise RefusedError(f"Write the options behind the command: {command} ... --data FOLDER.")


@contextmanager
def opened(config: Path | None, data: Path | None) -> Iterator[tuple[Config, Store]]:
    """The configuration and the database that it names; raises PttError."""
    loaded = load_config(config, data=data)
    with open_store(loaded.data, loaded.database) as store:
        yield loaded, store


@contextmanager
def reading(config: Path | None, data: Path | None) -> Iterator[Transaction]:
    """A transaction that changes nothing."""
    with opened(config, data) as (_, store), store.read() as transaction:
        yield transaction


@contextmanager
def writing(config: Path | None, data: Path | None) -> Iterator[Transaction]:
    """A transaction that the daemon will notice."""
    with opened(config, data) as (_, store), store.write() as transaction:
        yield transaction


def parse_role(word: str) -> Role:
    """The role that the user wrote; raises RefusedError with the nearest one."""
    try:
        return role_of(word)
    except KeyError:
        hint = did_you_mean(word, ROLE_WORDS)
        raise RefusedError(f'There is no role "{word}"{hint}') from None
