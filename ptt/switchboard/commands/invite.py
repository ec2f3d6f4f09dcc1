"""`pttd invite NAME`: prints a link with which one device of that person can enrol."""

import time
from typing import Annotated

import typer

from ptt.errors import RefusedError
from ptt.security.invitations import InviteLink, hash_token, is_host, new_token
from ptt.switchboard.addresses import own_address
from ptt.switchboard.commands.opening import ConfigOption, DataOption, opened, parse_role
from ptt.switchboard.config import Config
from ptt.switchboard.setting_up import PORT_NOTE, load_server_key
from ptt.switchboard.store import people
from ptt.switchboard.store.database import Store, note

# Implementation
MAX_HOURS = 24.0  # S8: an invite lives at most a day


def invite(
    name: Annotated[str, typer.Argument(help="Who; a new name adds a person.")],
    role: Annotated[
        str | None, typer.Option(help="listen, talk, moderate or manage (new people: talk).")
    ] = None,
    host: Annotated[str | None, typer.Option(help="How clients reach this server.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Its port.")] = None,
    hours: Annotated[float, typer.Option(min=0.01, max=MAX_HOURS, help="How long it lives.")] = 24,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Print a link for one device of a person; it works once, for a day."""
    wanted = None if role is None else parse_role(role)
    if host is not None and not is_host(host):
        raise RefusedError(f'"{host}" is no name or address of a computer: choose another --host.')
    token = new_token()
    expires_at = time.time() + hours * 3600
    with opened(config, data) as (loaded, store):
        key = load_server_key(loaded.data)
        with store.write() as transaction:
            people.add_invite(transaction, name, wanted, hash_token(token), expires_at)
        link = InviteLink(
            host=host or loaded.public_host or own_address(),
            port=port or _running_port(loaded, store),
            token=token,
            key_hash=key.hash,
        )
    typer.echo(str(link))


def _running_port(config: Config, store: Store) -> int:
    with store.read() as transaction:
        return int(note(transaction, PORT_NOTE) or config.port)
