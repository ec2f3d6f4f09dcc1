"""What goes wrong at a command is one sentence on stderr that says what to do, and exit code 1.

A microphone that is pulled out meanwhile ends no command: see test_console.py.
"""

import os
import re
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import trio

from ptt.net.datagrams import open_datagram_socket
from ptt_demo.daemon import Daemon

pytestmark = pytest.mark.slow

PATIENCE = 30.0  # s
SENTENCE = re.compile(r"[A-Z\"'/][^\n]*[.?]\n")
NEXT_SENTENCE = re.compile(r"[.?!] [A-Z]")
ALONE = "127.0.0.1"


class Shell:
    """Runs commands as somebody with a home of their own, no display and no sound."""

    def __init__(self, home: Path) -> None:
        own = {"HOME": str(home), "XDG_CONFIG_HOME": str(home), "XDG_DATA_HOME": str(home)}
        nothing = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "PULSE_SERVER": "unix:/nowhere"}
        self._environment = {**os.environ, **own, **nothing}

    async def complaint(self, module: str, *arguments: object) -> str:
        """The one sentence with which the command ends."""
        done = await self._run(module, *arguments)
        assert done.returncode == 1, done
        assert SENTENCE.fullmatch(done.stderr), done.stderr
        assert not NEXT_SENTENCE.search(done.stderr), done.stderr
        return done.stderr

    async def ptt(self, *arguments: object) -> str:
        """What `ptt` complains about."""
        return await self.complaint("ptt_console", *arguments)

    async def pttd(self, *arguments: object) -> str:
        """What `pttd` complains about."""
        return await self.complaint("ptt.switchboard", *arguments)

    async def joins(self, link: str) -> None:
        """`ptt join`, which goes well."""
        assert (await self._run("ptt_console", "join", link)).returncode == 0

    async def _run(self, module: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
        def run() -> "subprocess.CompletedProcess[str]":
            return subprocess.run(
                [sys.executable, "-m", module, *(str(each) for each in arguments)],
                capture_output=True,
                text=True,
                stdin=subprocess.DEVNULL,
                env=self._environment,
                timeout=PATIENCE,
                check=False,
            )

        return await trio.to_thread.run_sync(run)


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def other_key(link: str) -> str:
    """A link whose key differs in one character."""
    return link[:-5] + ("A" if link[-5] != "A" else "B") + link[-4:]


async def test_a_link_that_does_not_fit_is_refused_with_a_reason(
    daemon: Daemon, shell: Shell
) -> None:
    link = await daemon.invite("Anna")
    token, key = link.partition("?invite=")[2].split("&")
    half = link.partition(token[-6:])[0]

    assert "not known here: ask for a new" in await shell.ptt(
        "join", link.replace(token, "A" * len(token))
    )
    assert "not the one that invited" in await shell.ptt("join", other_key(link))
    assert "copy the whole link" in await shell.ptt("join", link.removesuffix(f"&{key}"))
    assert "copy the whole link" in await shell.ptt("join", half)
    assert "begins with ptt://" in await shell.ptt("join", link.removeprefix("ptt:"))
    with closing(sqlite3.connect(daemon.data / "ptt.sqlite3")) as database, database:
        database.execute("UPDATE invites SET expires_at = 1")
    assert "has expired: ask for a new" in await shell.ptt("join", link)


async def test_a_client_without_place_channel_or_server_says_so(
    daemon: Daemon, shell: Shell, tmp_path: Path
) -> None:
    talk = ("talk", "--plain", "--to-wav", tmp_path / "heard.wav")
    assert "not enrolled: run `ptt join`" in await shell.ptt(*talk)

    link = await daemon.invite("Anna")
    await shell.joins(link)

    assert "already been used: ask for a new" in await shell.ptt("join", link)
    assert "no channel evryone for you: did you mean everyone?" in await shell.ptt(
        *talk, "--listen-only", "--channel", "evryone"
    )
    assert "no microphone: plug one in" in await shell.ptt(*talk)
    assert "no loudspeaker: plug one in" in await shell.ptt("talk", "--listen-only")
    assert "not enrolled at Nowhere: run" in await shell.ptt(*talk, "--server", "Nowhere")
    assert "none.wav is not a readable WAV file (No such file" in await shell.ptt(
        *talk, "--from-wav", tmp_path / "none.wav"
    )
    assert "x.wav cannot be written (No such file" in await shell.ptt(
        "talk", "--listen-only", "--to-wav", tmp_path / "none" / "x.wav"
    )
    daemon.process.terminate()
    await daemon.process.wait()
    assert "is the server running" in await shell.ptt(*talk, "--listen-only")


async def test_a_daemon_that_finds_its_place_taken_says_by_what(
    daemon: Daemon, shell: Shell, tmp_path: Path
) -> None:
    there = ("run", "--host", ALONE, "--data", tmp_path / "other", "--port")

    assert f"TCP port {daemon.port} is taken" in await shell.pttd(*there, daemon.port)
    with port_free_for_tcp_only() as port:
        assert f"UDP port {port} on {ALONE} is taken" in await shell.pttd(*there, port)
    assert "Another pttd" in await shell.pttd("run", "--data", daemon.data, "--port", 0)


@contextmanager
def port_free_for_tcp_only() -> Iterator[int]:
    """A port that another program has for UDP."""
    taken = open_datagram_socket(ALONE, 0)
    try:
        with socket.create_server((ALONE, taken.port)):
            pass  # for TCP it is free
        yield taken.port
    finally:
        taken.close()


IN_VAIN = [
    (["--host", "192.0.2.77"], 'Cannot listen on "192.0.2.77"'),
    (["--host", "x.invalid"], 'Cannot listen on "x.invalid"'),
    (["--host", "localhost"], "not an IP address to listen on: choose"),
    (["--port", "99999"], "from 0 to 65535"),
    (["--data", "FILE"], "File exists): choose another folder with --data"),
    (["--data", "FILE/data"], "Not a directory): choose another folder with --data"),
    (["--config", "FILE"], 'unknown key "prot": did you mean "port"?'),
    (["--config", "none.toml"], "Cannot read none.toml: No such file"),
]


@pytest.mark.parametrize(("options", "words"), IN_VAIN)
async def test_a_daemon_that_cannot_work_so_says_why(
    options: list[str], words: str, shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "pttd.toml"
    file.write_text("prot = 3\n")
    own = [] if "--config" in options else ["--config", os.devnull]
    elsewhere = [] if "--data" in options else ["--data", tmp_path / "data"]
    port = [] if "--port" in options else ["--port", 0]

    said = await shell.pttd(
        "run", *own, *elsewhere, *port, *(each.replace("FILE", str(file)) for each in options)
    )

    assert words in said


async def test_a_folder_that_may_not_be_written_is_named(shell: Shell, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    if os.access(folder, os.W_OK):
        pytest.skip("this user may write everywhere")

    for words in (("run", "--port", 0), ("invite", "Anna"), ("people", "list")):
        assert "choose another folder with --data" in await shell.pttd(*words, "--data", folder)


async def test_a_database_that_cannot_be_used_is_named(
    daemon: Daemon, shell: Shell, tmp_path: Path
) -> None:
    file = daemon.data / "ptt.sqlite3"
    with closing(sqlite3.connect(file)) as other:
        other.execute("BEGIN IMMEDIATE")
        locked = await shell.pttd("invite", "Ben", "--data", daemon.data)
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / file.name).write_bytes(b"no database" * 1000)

    assert "is locked by another program: close it" in locked
    for words in (("people", "list"), ("run", "--host", ALONE, "--port", 0)):
        damaged = await shell.pttd(*words, "--data", tmp_path / "old")
        assert "is damaged (file is not a database): restore it" in damaged


WRONG_WORDS = [
    ("people revoke Ana", 'nobody called "Ana": did you mean "Anna"?'),
    ("people remove Zorro", 'nobody called "Zorro" (known: Anna).'),
    ("people revoke Anna telephone", 'Anna has no device "telephone".'),
    ("channels remove evryone", 'no channel "evryone": did you mean "everyone"?'),
    ("channels add everyone", 'already a channel "everyone": choose another name'),
    ("channels set everyone", "name at least one option"),
    ("channels role everyone Anna tallk", 'no role "tallk": did you mean "talk"?'),
    ("invite Anna --host a/b", '"a/b" is no name or address of a computer: choose'),
]


async def test_who_or_what_is_not_there_is_told_with_the_nearest(
    daemon: Daemon, shell: Shell
) -> None:
    await daemon.invite("Anna")

    for command, words in WRONG_WORDS:
        assert words in await shell.pttd(*command.split(), "--data", daemon.data)


async def test_options_in_front_of_a_command_are_refused(shell: Shell, tmp_path: Path) -> None:
    data = ("--data", tmp_path / "data")

    for words in (
        (*data, "invite", "Anna"),
        ("channels", *data, "list"),
        ("people", *data, "list"),
    ):
        assert "Write the options behind the command" in await shell.pttd(*words)
    assert not (tmp_path / "data").exists()
