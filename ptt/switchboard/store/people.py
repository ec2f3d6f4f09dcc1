"""People, their devices and their invites.

Each function works inside a transaction of `database.Store`. Only hashes of tokens and secrets
come here. Raises RefusedError for a person who is not there, InviteError for a dead invite.
"""

from dataclasses import dataclass

import sqlalchemy as sa

from ptt.errors import InviteError, RefusedError
from ptt.switchboard.names import clean_name, did_you_mean, name_key
from ptt.switchboard.records import Device, Person, Role
from ptt.switchboard.store.database import Transaction
from ptt.switchboard.store.tables import devices, invites, people


@dataclass(frozen=True, slots=True)
class PersonListed:
    """A line of `pttd people list`."""

    person: Person
    devices: tuple[Device, ...]
    open_invites: int


def all_people(transaction: Transaction) -> list[Person]:
    """Everybody, by name."""
    rows = transaction.execute(sa.select(people).order_by(people.c.name_key))
    return [_person(row) for row in rows]


def all_devices(transaction: Transaction) -> list[Device]:
    """Every enrolled device, oldest first."""
    rows = transaction.execute(sa.select(devices).order_by(devices.c.enrolled_at, devices.c.device))
    return [Device(row.device, row.person, row.name, row.secret_hash) for row in rows]


def list_people(transaction: Transaction, now: float) -> list[PersonListed]:
    """Everybody with their devices and the invites that still work."""
    everything = all_devices(transaction)
    waiting = (invites.c.used_at.is_(None)) & (invites.c.expires_at > now)
    pending = transaction.scalars(sa.select(invites.c.person).where(waiting)).all()
    return [
        PersonListed(
            person,
            tuple(device for device in everything if device.person == person.number),
            sum(number == person.number for number in pending),
        )
        for person in all_people(transaction)
    ]


def find_person(transaction: Transaction, name: str) -> Person:
    """The person of that name; raises RefusedError with the nearest one."""
    query = sa.select(people).where(people.c.name_key == name_key(name.strip()))
    if row := transaction.execute(query).one_or_none():
        return _person(row)
    known = [person.name for person in all_people(transaction)]
    raise RefusedError(f'There is nobody called "{name}"{did_you_mean(name, known)}')


def add_invite(
    transaction: Transaction, name: str, role: Role | None, token_hash: bytes, expires_at: float
) -> Person:
    """Let whoever holds the token enrol one device for `name`, who is added if new.

    `role` None leaves a known person's role as it is.
    """
    person = _person_to_invite(transaction, clean_name(name), role)
    transaction.execute(
        invites.insert().values(
            token_hash=token_hash, person=person.number, expires_at=int(expires_at)
        )
    )
    return person


def _person_to_invite(transaction: Transaction, name: str, role: Role | None) -> Person:
    query = sa.select(people).where(people.c.name_key == name_key(name))
    if row := transaction.execute(query).one_or_none():
        person = _person(row)
        if role is not None:
            set_role(transaction, person, role)
        return person
    added = Role.TALK if role is None else role
    values = {"name": name, "name_key": name_key(name), "role": int(added)}
    transaction.execute(people.insert().values(values))
    return find_person(transaction, name)


def redeem_invite(
    transaction: Transaction, token_hash: bytes, device: Device, now: float
) -> Person:
    """Use up the invite and enrol `device` (its `person` is ignored) for the one it names.

    Of two at once exactly one wins. Raises InviteError.
    """
    unused = (invites.c.token_hash == token_hash) & invites.c.used_at.is_(None)
    still_good = unused & (invites.c.expires_at > now)
    used = transaction.execute(invites.update().where(still_good).values(used_at=int(now)))
    invite = transaction.execute(
        sa.select(invites).where(invites.c.token_hash == token_hash)
    ).one_or_none()
    if invite is None:
        raise InviteError("This invite is not known here: ask for a new one.")
    if used.rowcount != 1:
        word = "expired" if invite.used_at is None else "already been used"
        raise InviteError(f"This invite has {word}: ask for a new one.")
    _enrol(transaction, device, invite.person, now)
    found = transaction.execute(sa.select(people).where(people.c.person == invite.person))
    return _person(found.one())


def _enrol(transaction: Transaction, device: Device, person: int, now: float) -> None:
    transaction.execute(
        devices.insert().values(
            device=device.device,
            person=person,
            name=clean_name(device.name, "device's name"),
            secret_hash=device.secret_hash,
            enrolled_at=int(now),
        )
    )


def rename_person(transaction: Transaction, person: Person, new_name: str) -> None:
    """Give `person` another name; raises RefusedError if somebody else has it."""
    name = clean_name(new_name)
    same = sa.select(people).where(people.c.name_key == name_key(name))
    other = transaction.execute(same).one_or_none()
    if other is not None and other.person != person.number:
        raise RefusedError(f'Somebody else is called "{other.name}": choose another name.')
    _update(transaction, person, name=name, name_key=name_key(name))


def set_role(transaction: Transaction, person: Person, role: Role) -> None:
    """What `person` may do where a channel does not say otherwise."""
    _update(transaction, person, role=int(role))


def remove_person(transaction: Transaction, person: Person) -> None:
    """Remove the person: devices, roles and unused invites go with them."""
    transaction.execute(people.delete().where(people.c.person == person.number))


def revoke_devices(transaction: Transaction, person: Person, device: str | None) -> list[Device]:
    """Revoke one device, by its name or number, or all if None; return those revoked.

    Unused invites of the person are void as well. Raises RefusedError.
    """
    own = [each for each in all_devices(transaction) if each.person == person.number]
    gone = [each for each in own if device is None or device in (each.device, each.name)]
    if not gone:
        known = did_you_mean(device or "", [each.name for each in own])
        called = "no device" if device is None else f'no device "{device}"'
        raise RefusedError(f"{person.name} has {called}{known}")
    for each in gone:
        transaction.execute(devices.delete().where(devices.c.device == each.device))
    unused = (invites.c.person == person.number) & invites.c.used_at.is_(None)
    transaction.execute(invites.delete().where(unused))
    return gone


def _update(transaction: Transaction, person: Person, **values: object) -> None:
    transaction.execute(people.update().where(people.c.person == person.number).values(values))


def _person(row: "sa.Row[tuple[object, ...]]") -> Person:
    return Person(row.person, row.name, Role(row.role))
