"""Channels, and who has a role of their own there.

Each function works inside a transaction of `database.Store`. Raises RefusedError for a channel
that is not there or a name that is taken, ConfigError for a value that cannot be.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from ptt.errors import RefusedError
from ptt.switchboard.names import clean_name, did_you_mean, name_key
from ptt.switchboard.records import ChannelSettings, Directory, Person, Right, Role
from ptt.switchboard.store import people
from ptt.switchboard.store.database import Transaction, revision
from ptt.switchboard.store.tables import channels, roles

FIRST_CHANNEL = "everyone"


def load_directory(transaction: Transaction) -> Directory:
    """Everything that decides who may do what, in one consistent view."""
    return Directory(
        revision=revision(transaction),
        people={person.number: person for person in people.all_people(transaction)},
        devices={device.device: device for device in people.all_devices(transaction)},
        channels={channel.number: channel for channel in all_channels(transaction)},
        rights=all_rights(transaction),
    )


def all_channels(transaction: Transaction) -> list[ChannelSettings]:
    """Every channel, by name."""
    rows = transaction.execute(sa.select(channels).order_by(channels.c.name_key))
    return [_settings(row) for row in rows]


def all_rights(transaction: Transaction) -> dict[tuple[int, int], Right]:
    """Roles of their own, by channel and person."""
    rows = transaction.execute(sa.select(roles))
    return {(row.channel, row.person): Right(Role(row.role), row.priority) for row in rows}


def find_channel(transaction: Transaction, name: str) -> ChannelSettings:
    """The channel of that name; raises RefusedError with the nearest one."""
    if found := _find(transaction, name):
        return found
    known = [channel.name for channel in all_channels(transaction)]
    raise RefusedError(f'There is no channel "{name}"{did_you_mean(name, known)}')


def add_channel(transaction: Transaction, channel: ChannelSettings) -> ChannelSettings:
    """Add a channel; returns it with its number. Raises RefusedError if the name is taken."""
    name = clean_name(channel.name, "channel's name")
    if other := _find(transaction, name):
        raise RefusedError(f'There is already a channel "{other.name}": choose another name.')
    values = {
        "name": name,
        "name_key": name_key(name),
        "talk_limit": channel.talk_limit,
        "queue_size": channel.queue_size,
        "profile": channel.profile,
        "strict": channel.strict,
        "open_to": int(channel.open_to),
        "replay": channel.replay,
    }
    transaction.execute(channels.insert().values(values))
    return find_channel(transaction, name)


def change_channel(
    transaction: Transaction, channel: ChannelSettings, changes: Mapping[str, Any]
) -> None:
    """Set fields of ChannelSettings other than its number; values are checked already."""
    values = dict(changes)
    if "name" in values:
        values["name"] = clean_name(values["name"], "channel's name")
        values["name_key"] = name_key(values["name"])
        other = _find(transaction, values["name"])
        if other is not None and other.number != channel.number:
            raise RefusedError(f'There is already a channel "{other.name}": choose another name.')
    if values:
        here = channels.c.channel == channel.number
        transaction.execute(channels.update().where(here).values(values))


def remove_channel(transaction: Transaction, channel: ChannelSettings) -> None:
    """Remove the channel and the roles in it."""
    transaction.execute(channels.delete().where(channels.c.channel == channel.number))


def set_right(
    transaction: Transaction, channel: ChannelSettings, person: Person, right: Right | None
) -> None:
    """Give `person` a role of their own in the channel; None takes it back."""
    here = (roles.c.channel == channel.number) & (roles.c.person == person.number)
    transaction.execute(roles.delete().where(here))
    if right is not None:
        transaction.execute(
            roles.insert().values(
                channel=channel.number,
                person=person.number,
                role=int(right.role),
                priority=right.priority,
            )
        )


def _find(transaction: Transaction, name: str) -> ChannelSettings | None:
    query = sa.select(channels).where(channels.c.name_key == name_key(name.strip()))
    row = transaction.execute(query).one_or_none()
    return None if row is None else _settings(row)


def _settings(row: "sa.Row[tuple[object, ...]]") -> ChannelSettings:
    return ChannelSettings(
        number=row.channel,
        name=row.name,
        talk_limit=row.talk_limit,
        queue_size=row.queue_size,
        profile=row.profile,
        strict=row.strict,
        open_to=Role(row.open_to),
        replay=row.replay,
    )
