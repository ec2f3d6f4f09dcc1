"""The command `pttd`: the daemon, and commands that work on its database while it runs."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from ptt.errors import PttError
from ptt.switchboard.config import Config, load_config

app = typer.Typer(
    add_completion=False,
    help="The push-to-talk server. Without a command: run it.",
    pretty_exceptions_enable=False,
)

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="TOML file, instead of the usual places.")
]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of the database and the server key.")
]
PortOption = Annotated[
    int | None, typer.Option("--port", help="TCP and UDP port; 0: any free one.")
]
HostOption = Annotated[str | None, typer.Option("--host", help="Address to listen on.")]


@app.callback(invoke_without_command=True)
def start(
    context: typer.Context,
    config: ConfigOption = None,
    port: PortOption = None,
    host: HostOption = None,
    data: DataOption = None,
) -> None:
    """Run the server unless a command is named."""
    from ptt.switchboard.commands.opening import refuse_before_command

    refuse_before_command(context, config, port, host, data)
    if context.invoked_subcommand is None:
        _run(config, port=port, host=host, data=data)


@app.command()
def run(
    config: ConfigOption = None,
    port: PortOption = None,
    host: HostOption = None,
    data: DataOption = None,
) -> None:
    """Run the server (what `pttd` does without a command)."""
    _run(config, port=port, host=host, data=data)


@app.command("check-config")
def check_config(
    file: Annotated[Path | None, typer.Argument(help="TOML file.")] = None,
    config: ConfigOption = None,
) -> None:
    """Say whether the configuration can be used."""
    checked = load_config(file or config)
    typer.echo(f"The configuration is good: port {checked.port}, data in {checked.data}.")
    for channel in checked.channels:
        typer.echo(f'Channel "{channel.name}".')


def _run(path: Path | None, **overrides: object) -> None:
    from ptt.switchboard.daemon import run_daemon
    from ptt.switchboard.logs import give_up_unwritten, make_log

    def read() -> Config:
        return load_config(path, **overrides)

    try:
        run_daemon(read(), read, make_log())
    finally:
        give_up_unwritten()


def _add_commands() -> None:
    from ptt.switchboard.commands import backup, channels, invite, people

    app.command("invite")(invite.invite)
    app.command("backup")(backup.backup)
    app.command("restore")(backup.restore)
    app.add_typer(people.app, name="people")
    app.add_typer(channels.app, name="channels")


def main() -> None:
    """Run the command; an error that we know is one sentence and exit code 1."""
    _add_commands()
    try:
        app()
    except PttError as error:
        print(error, file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
