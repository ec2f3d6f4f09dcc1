"""The command `ptt`: join a server once, then talk.

Every failure is one sentence on standard error and exit code 1. What the commands do is in
talk.py, devices.py, setup.py and doctor.py; each command loads only what it needs, since `ptt talk`
runs all day and starts with the desktop.
"""

import platform
import sys
from pathlib import Path
from typing import Annotated

import trio
import typer

from ptt.client.credentials import default_credential, save_credential
from ptt.errors import ConfigError
from ptt.media.preroll import PreRollLevel
from ptt_console.one_sentence import one_sentence
from ptt_console.remote_commands import COMMANDS
from ptt_console.talk import TalkOptions, talk_until_told
from ptt_desk.preferences import default_text
from ptt_devices.quiet import quiet_libraries

NO_QT = "The window needs Qt: install it with pip install 'ptt[desktop]'."

app = typer.Typer(
    help="Push to talk: everyone in a channel hears the one who holds the floor.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Link = Annotated[str, typer.Argument(metavar="LINK", help="The invite, ptt://...")]
DeviceName = Annotated[str | None, typer.Option(help="What this device is called at the server.")]
OptionalLink = Annotated[
    str, typer.Argument(metavar="[LINK]", help="An invite to join with, ptt://...")
]
Hidden = Annotated[bool, typer.Option("--hidden", help="Begin in the tray.")]
Channel = Annotated[str | None, typer.Option(help="Channel; not needed if you have but one.")]
Server = Annotated[str | None, typer.Option(help="Server, if you joined more than one.")]
Microphone = Annotated[
    str | None, typer.Option(help="Microphone, by name or part of it, as in `ptt devices`.")
]
Loudspeaker = Annotated[
    str | None, typer.Option(help="Loudspeaker, by name or part of it, as in `ptt devices`.")
]
Key = Annotated[
    str | None,
    typer.Option(help="Talk key: ctrl_r (the default), f9, ctrl+alt+t, mouse4, or `terminal`."),
]
EmergencyKey = Annotated[str | None, typer.Option(help="Key for emergencies, such as f12.")]
FromWav = Annotated[
    Path | None, typer.Option(help="Say this file instead of the microphone's sound.")
]
ToWav = Annotated[Path | None, typer.Option(help="Write to this file instead of the loudspeaker.")]
ListenOnly = Annotated[bool, typer.Option("--listen-only", help="Do without a microphone.")]
Listen = Annotated[bool, typer.Option("--listen", help="Let the microphone hear the tone.")]
Quick = Annotated[bool, typer.Option("--quick", help="Play no tone, and measure but shortly.")]
Json = Annotated[bool, typer.Option("--json", help="All findings as one object, for programs.")]
HandsFree = Annotated[
    bool | None,
    typer.Option("--hands-free/--no-hands-free", help="Speak to talk, without a key."),
]
PreRoll = Annotated[
    PreRollLevel | None,
    typer.Option(help="What is kept in memory until the permit; as in the preferences."),
]
Plain = Annotated[bool, typer.Option("--plain", help="One line for each event, no live view.")]


SetupLink = Annotated[str | None, typer.Option("--link", help="The invite, ptt://...")]
SetupKeys = Annotated[
    list[str] | None, typer.Option("--key", help="Talk key; may be said several times.")
]
Parrot = Annotated[
    bool | None, typer.Option("--parrot/--no-parrot", help="Whether to hear yourself back.")
]
Yes = Annotated[bool, typer.Option("--yes", help="Ask nothing: what is not said stays as it is.")]
PrintDefaults = Annotated[
    bool, typer.Option("--print-defaults", help="Print a preferences file with every default.")
]


def _print_version(wanted: bool) -> None:
    from importlib.metadata import version

    if wanted:
        typer.echo(f"ptt {version('ptt')}")
        raise typer.Exit


Version = Annotated[
    bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Say which it is.")
]


@app.callback()
def about(version: Version = False) -> None:
    """Options that need no command."""


@app.command()
def join(link: Link, device_name: DeviceName = None) -> None:
    """Make this device known to a server, by an invite link."""
    from ptt.client.enrolment import enrol

    with one_sentence():
        credential = trio.run(enrol, link, device_name or platform.node())
        save_credential(credential)
    typer.echo(f"Joined {credential.server} as {credential.person}. Now run: ptt talk")


@app.command()
def talk(
    channel: Channel = None,
    server: Server = None,
    microphone: Microphone = None,
    loudspeaker: Loudspeaker = None,
    key: Key = None,
    emergency_key: EmergencyKey = None,
    from_wav: FromWav = None,
    to_wav: ToWav = None,
    listen_only: ListenOnly = False,
    hands_free: HandsFree = None,
    preroll: PreRoll = None,
    plain: Plain = False,
) -> None:
    """Hear a channel, and talk while the key is held."""
    with one_sentence():
        options = TalkOptions(
            channel=channel,
            microphone=microphone,
            loudspeaker=loudspeaker,
            key=key,
            emergency_key=emergency_key,
            from_wav=from_wav,
            to_wav=to_wav,
            listen_only=listen_only,
            hands_free=hands_free,
            preroll=preroll,
            plain=plain or not sys.stdout.isatty(),
        )
        credential = default_credential(server)
        with quiet_libraries():
            trio.run(talk_until_told, credential, options)


@app.command()
def devices() -> None:
    """List microphones and loudspeakers."""
    from ptt_console.devices import devices_table

    with one_sentence():
        typer.echo(devices_table())


@app.command()
def setup(
    link: SetupLink = None,
    microphone: Microphone = None,
    loudspeaker: Loudspeaker = None,
    key: SetupKeys = None,
    hands_free: HandsFree = None,
    parrot: Parrot = None,
    yes: Yes = False,
    print_defaults: PrintDefaults = False,
) -> None:
    """Choose devices, key and hands-free, and hear yourself back; done in a minute."""
    from ptt_console.setup import Answers, set_up

    if print_defaults:
        typer.echo(default_text(), nl=False)
        return
    answers = Answers(link, microphone, loudspeaker, key, hands_free, parrot, yes)
    with one_sentence(), quiet_libraries():
        set_up(answers)


@app.command()
def doctor(
    server: Server = None,
    microphone: Microphone = None,
    loudspeaker: Loudspeaker = None,
    listen: Listen = False,
    quick: Quick = False,
    json: Json = False,
) -> None:
    """Say what works here, what does not, and what to do; exit code 1 if there is a problem."""
    from ptt_console.doctor import doctor as examined_well
    from ptt_desk.checks.examination import Wishes

    wishes = Wishes(server, microphone, loudspeaker, listen=listen, quick=quick)
    with one_sentence():
        if not examined_well(wishes, as_json=json):
            raise typer.Exit(1)


@app.command()
def desktop(link: OptionalLink = "", hidden: Hidden = False, server: Server = None) -> None:
    """Open the window: channels, people, and one big key."""
    with one_sentence(), quiet_libraries():
        try:
            from ptt_desktop.app import DesktopOptions, run_desktop
        except ImportError as error:
            raise ConfigError(NO_QT) from error
        run_desktop(DesktopOptions(link, hidden, server))


for _command in COMMANDS:
    app.command()(_command)


def main() -> None:
    """Entry point of the command `ptt`."""
    app()
