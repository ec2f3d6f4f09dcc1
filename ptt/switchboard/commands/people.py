"""`pttd people`: who there is, and which devices they have."""

import time
from typing import Annotated

import typer

from ptt.switchboard.commands.opening import (
    ConfigOption,
    DataOption,
    parse_role,
    reading,
    refuse_before_command,
    writing,
)
from ptt.switchboard.store import people

app = typer.Typer(help="People and their devices.", no_args_is_help=False)

NameArgument = Annotated[str, typer.Argument(help="The person's name.")]


@app.callback(invoke_without_command=True)
def default(context: typer.Context, config: ConfigOption = None, data: DataOption = None) -> None:
    """People and their devices; without a command: list them."""
    refuse_before_command(context, config, data)
    if context.invoked_subcommand is None:
        list_people(config, data)


@app.command("list")
def list_people(config: ConfigOption = None, data: DataOption = None) -> None:
    """List everybody, their roles and devices."""
    with reading(config, data) as transaction:
        listed = people.list_people(transaction, time.time())
    for each in listed:
        typer.echo("\t".join(_line(each)))


def _line(listed: people.PersonListed) -> tuple[str, str, str]:
    devices = ", ".join(device.name for device in listed.devices) or "no device"
    if listed.open_invites:
        devices += f" ({listed.open_invites} open invite{'s'[: listed.open_invites - 1]})"
    return (listed.person.name, listed.person.role.word, devices)


@app.command()
def rename(
    name: NameArgument,
    new_name: Annotated[str, typer.Argument(help="The new name.")],
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Give a person another name."""
    with writing(config, data) as transaction:
        person = people.find_person(transaction, name)
        people.rename_person(transaction, person, new_name)
    typer.echo(f"{person.name} is now called {new_name}.")


@app.command()
def role(
    name: NameArgument,
    role: Annotated[str, typer.Argument(help="none, listen, talk, moderate or manage.")],
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Set what a person may do in channels that do not say otherwise."""
    wanted = parse_role(role)
    with writing(config, data) as transaction:
        person = people.find_person(transaction, name)
        people.set_role(transaction, person, wanted)
    typer.echo(f"{person.name}: {wanted.word}.")


@app.command()
def remove(name: NameArgument, config: ConfigOption = None, data: DataOption = None) -> None:
    """Remove a person with all devices, roles and invites."""
    with writing(config, data) as transaction:
        person = people.find_person(transaction, name)
        people.remove_person(transaction, person)
    typer.echo(f"{person.name} is removed; their devices are cut off.")


@app.command()
def revoke(
    name: NameArgument,
    device: Annotated[str | None, typer.Argument(help="Device; all if not named.")] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Revoke a person's device, or all: cut off at once, unused invites void."""
    with writing(config, data) as transaction:
        person = people.find_person(transaction, name)
        gone = people.revoke_devices(transaction, person, device)
    typer.echo(f"Revoked for {person.name}: {', '.join(each.name for each in gone)}.")
