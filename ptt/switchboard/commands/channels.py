"""`pttd channels`: which there are, their settings, and who has a role of their own there."""

from typing import Annotated, Any

import typer

from ptt.errors import RefusedError
from ptt.switchboard.commands.opening import (
    ConfigOption,
    DataOption,
    parse_role,
    reading,
    refuse_before_command,
    writing,
)
from ptt.switchboard.config import channel_change
from ptt.switchboard.records import MAX_PRIORITY, ChannelSettings, Right
from ptt.switchboard.store import channels, people

app = typer.Typer(help="Channels and the roles in them.")

NameArgument = Annotated[str, typer.Argument(help="The channel's name.")]
TalkLimit = Annotated[float | None, typer.Option(help="Seconds that one burst may last.")]
QueueSize = Annotated[int | None, typer.Option(help="How many may wait for the floor.")]
Profile = Annotated[
    str | None, typer.Option(help="gcm, or interop for foreign receivers (weaker).")
]
Strict = Annotated[
    bool | None, typer.Option("--strict/--no-strict", help="A voice key for each listener.")
]
OpenTo = Annotated[
    str | None, typer.Option(help="What people without a role here may do: none, listen, talk.")
]
Replay = Annotated[
    bool | None,
    typer.Option("--replay/--no-replay", help="Whether clients may play the last bursts again."),
]


@app.callback(invoke_without_command=True)
def default(context: typer.Context, config: ConfigOption = None, data: DataOption = None) -> None:
    """Channels and the roles in them; without a command: list them."""
    refuse_before_command(context, config, data)
    if context.invoked_subcommand is None:
        list_channels(config, data)


@app.command("list")
def list_channels(config: ConfigOption = None, data: DataOption = None) -> None:
    """List all channels with their settings and roles."""
    with reading(config, data) as transaction:
        directory = channels.load_directory(transaction)
    for channel in directory.channels.values():
        typer.echo("\t".join(_line(channel)))
        for (number, person), right in directory.rights.items():
            if number == channel.number:
                priority = f", priority {right.priority}" if right.priority else ""
                typer.echo(f"  {directory.people[person].name}\t{right.role.word}{priority}")


def _line(channel: ChannelSettings) -> list[str]:
    line = [
        channel.name,
        f"talk limit {channel.talk_limit:g} s",
        f"queue {channel.queue_size}",
        channel.profile,
        f"open to {channel.open_to.word}",
    ]
    line += ["strict"] if channel.strict else []
    return line if channel.replay else [*line, "no replay"]


@app.command()
def add(
    name: NameArgument,
    talk_limit: TalkLimit = None,
    queue_size: QueueSize = None,
    profile: Profile = None,
    strict: Strict = None,
    open_to: OpenTo = None,
    replay: Replay = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Add a channel."""
    changes = _changes(
        talk_limit=talk_limit,
        queue_size=queue_size,
        profile=profile,
        strict=strict,
        open_to=open_to,
        replay=replay,
    )
    with writing(config, data) as transaction:
        channel = channels.add_channel(transaction, ChannelSettings(name=name, **changes))
    typer.echo(f'The channel "{channel.name}" is there.')


@app.command("set")
def change(
    name: NameArgument,
    new_name: Annotated[str | None, typer.Option("--name", help="Another name.")] = None,
    talk_limit: TalkLimit = None,
    queue_size: QueueSize = None,
    profile: Profile = None,
    strict: Strict = None,
    open_to: OpenTo = None,
    replay: Replay = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Change a channel's settings; effective from the next talk burst."""
    changes = _changes(
        talk_limit=talk_limit,
        queue_size=queue_size,
        profile=profile,
        strict=strict,
        open_to=open_to,
        replay=replay,
    )
    if new_name is not None:
        changes["name"] = new_name
    if not changes:
        raise RefusedError("Nothing to change: name at least one option, see --help.")
    with writing(config, data) as transaction:
        channel = channels.find_channel(transaction, name)
        channels.change_channel(transaction, channel, changes)
    typer.echo(f'The channel "{new_name or channel.name}" is changed.')


def _changes(**given: object) -> dict[str, Any]:
    return {key: channel_change(key, value) for key, value in given.items() if value is not None}


@app.command()
def role(
    name: NameArgument,
    person: Annotated[str, typer.Argument(help="Whose.")],
    role: Annotated[str, typer.Argument(help="none, listen, talk, moderate, manage, or default.")],
    priority: Annotated[
        int, typer.Option(min=0, max=MAX_PRIORITY, help="Precedence among equals.")
    ] = 0,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Give a person a role of their own in a channel; `default` takes it back."""
    right = None if role == "default" else Right(parse_role(role), priority)
    with writing(config, data) as transaction:
        channel = channels.find_channel(transaction, name)
        somebody = people.find_person(transaction, person)
        channels.set_right(transaction, channel, somebody, right)
    typer.echo(f'{somebody.name} in "{channel.name}": {role}.')


@app.command()
def remove(name: NameArgument, config: ConfigOption = None, data: DataOption = None) -> None:
    """Remove a channel; whoever is in it is told."""
    with writing(config, data) as transaction:
        channel = channels.find_channel(transaction, name)
        channels.remove_channel(transaction, channel)
    typer.echo(f'The channel "{channel.name}" is removed.')
