"""`ptt press` and the like: what they ask, what they say, and how little they load."""

import subprocess
import sys

import pytest
from typer.models import CommandInfo
from typer.testing import CliRunner

from ptt_console import cli, remote_commands
from ptt_console.remote_commands import COMMANDS, app
from ptt_desk.remote_orders import NOBODY, Answer, RemoteError, Status

STATUS = Status(
    person="Anna",
    server="Factory",
    channel="Workshop",
    pressed=True,
    microphone_open=True,
    talker=None,
)


class Told:
    """Answers each order, and keeps it."""

    def __init__(self, answer: Answer | RemoteError) -> None:
        self.answer = answer
        self.orders: list[tuple[str, bool]] = []

    def __call__(self, do: str, *, emergency: bool = False) -> Answer:
        self.orders.append((do, emergency))
        if isinstance(self.answer, RemoteError):
            raise self.answer
        return self.answer


def run(monkeypatch: pytest.MonkeyPatch, told: Told, *arguments: str) -> tuple[int, str, str]:
    monkeypatch.setattr(remote_commands, "ask", told)
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, result.stdout, result.stderr


@pytest.mark.parametrize(
    ("command", "order"),
    [
        ("press", ("press", False)),
        ("press --emergency", ("press", True)),
        ("release", ("release", False)),
        ("toggle", ("toggle", False)),
        ("toggle --emergency", ("toggle", True)),
        ("replay", ("replay", False)),
    ],
)
def test_a_command_is_one_order_and_says_nothing(
    monkeypatch: pytest.MonkeyPatch, command: str, order: tuple[str, bool]
) -> None:
    told = Told(Answer(ok=True))

    assert run(monkeypatch, told, *command.split()) == (0, "", "")
    assert told.orders == [order]


@pytest.mark.parametrize("command", [each.__name__ for each in COMMANDS])
def test_where_nobody_talks_a_command_fails_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    assert run(monkeypatch, Told(RemoteError(NOBODY)), command) == (1, "", f"{NOBODY}\n")


def test_what_was_refused_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    refusal = Answer(ok=False, sentence="There is nothing to hear again.")

    code, _, said = run(monkeypatch, Told(refusal), "replay")

    assert (code, said) == (1, "There is nothing to hear again.\n")


def test_the_status_is_a_line_for_people_or_an_object_for_programs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = Told(Answer(ok=True, status=STATUS))

    _, line, _ = run(monkeypatch, told, "status")
    _, json, _ = run(monkeypatch, told, "status", "--json")

    assert line == (
        "Anna at Factory, in Workshop: nobody talks; your key is pressed, your microphone open.\n"
    )
    assert json.startswith('{"person":"Anna"')
    assert '"talker":null' in json


def test_they_are_commands_of_ptt_as_well() -> None:
    known = {command.name or getattr(command.callback, "__name__", "") for command in _commands()}

    assert {command.__name__ for command in COMMANDS} <= known


def _commands() -> list[CommandInfo]:
    return cli.app.registered_commands


@pytest.mark.slow
def test_they_load_neither_sound_nor_network() -> None:
    heavy = {"trio", "numpy", "opuslib", "sounddevice", "soxr", "rich", "cryptography", "pynput"}
    program = (
        "import sys; sys.argv = ['ptt', 'status']\n"
        "from ptt_console.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: print(*{name.partition('.')[0] for name in sys.modules})"
    )

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert heavy.isdisjoint(done.stdout.split())
    assert "typer" in done.stdout.split()
