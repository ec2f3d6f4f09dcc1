"""`ptt press`, `release`, `toggle`, `replay`, `status`: what a shortcut of the desktop can call.

They load as little as they can, since a key is waiting: see __main__.py. What they say to whom
is ptt_desk.remote_orders.
"""

from typing import Annotated

import msgspec
import typer

from ptt_console.one_sentence import one_sentence
from ptt_desk.remote_orders import Deed, RemoteError, Status, ask

Emergency = Annotated[bool, typer.Option("--emergency", help="As an emergency.")]
Json = Annotated[bool, typer.Option("--json", help="As one object, for programs.")]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


def press(emergency: Emergency = False) -> None:
    """Press the key of the running `ptt talk`, until `ptt release`."""
    _tell("press", emergency=emergency)


def release() -> None:
    """Release what `ptt press` or `ptt toggle` pressed, or a tap left on."""
    _tell("release")


def toggle(emergency: Emergency = False) -> None:
    """Release if the key is pressed, else press it."""
    _tell("toggle", emergency=emergency)


def replay() -> None:
    """Hear the last burst once more."""
    _tell("replay")


def status(json: Json = False) -> None:
    """Say how things stand at the running `ptt talk`."""
    with one_sentence():
        found = ask("status").status
        if found is None:
            raise RemoteError("The running `ptt talk` is of another release: start it anew.")
        typer.echo(msgspec.json.encode(found).decode() if json else sentence(found))


def sentence(status: Status) -> str:
    """The status as one line for people."""
    talker = f"{status.talker} talks" if status.talker else "nobody talks"
    key = "pressed" if status.pressed else "up"
    microphone = "open" if status.microphone_open else "closed"
    return (
        f"{status.person} at {status.server}, in {status.channel}: {talker}; "
        f"your key is {key}, your microphone {microphone}."
    )


def _tell(do: Deed, *, emergency: bool = False) -> None:
    with one_sentence():
        answer = ask(do, emergency=emergency)
        if not answer.ok:
            raise RemoteError(answer.sentence)


COMMANDS = (press, release, toggle, replay, status)
for _command in COMMANDS:
    app.command()(_command)
