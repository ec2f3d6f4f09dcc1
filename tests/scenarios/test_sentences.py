"""What goes wrong at a command is one sentence on stderr that says what to do, and exit code 1."""

import os
import sqlite3
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
import trio

from ptt_demo.daemon import Daemon

PATIENCE = 30.0  # s
LISTENS = ("--plain", "--listen-only")


async def complaint(home: Path, module: str, *arguments: str) -> str:
    """The one sentence with which the command ends."""
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home), "DISPLAY": ""}
    run = partial(
        subprocess.run,
        [sys.executable, "-m", module, *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env=environment,
        timeout=PATIENCE,
        check=False,
    )
    done = await trio.to_thread.run_sync(run)
    assert done.returncode == 1, done.stderr
    (sentence,) = done.stderr.splitlines()
    assert sentence.endswith((".", "?", ")."))
    return sentence


def other_last_digit(link: str) -> str:
    """A link whose key differs in one character."""
    return link[:-5] + ("A" if link[-5] != "A" else "B") + link[-4:]


@pytest.mark.slow
async def test_a_link_that_does_not_fit_is_refused_with_a_reason(
    daemon: Daemon, tmp_path: Path
) -> None:
    link = await daemon.invite("Anna")
    token, key = link.partition("?invite=")[2].split("&")
    join = partial(complaint, tmp_path, "ptt_console", "join")

    assert "not known here" in await join(link.replace(token, "A" * len(token)))
    assert "not the one that invited" in await join(other_last_digit(link))
    assert "Copy the whole link" in await join(link.removesuffix(f"&{key}"))

    with sqlite3.connect(daemon.data / "ptt.sqlite3") as database:
        database.execute("UPDATE invites SET expires_at = 1")
    database.close()
    assert "expired" in await join(link)


@pytest.mark.slow
async def test_a_client_without_place_channel_or_server_says_so(
    daemon: Daemon, tmp_path: Path
) -> None:
    talk = partial(complaint, tmp_path, "ptt_console", "talk", *LISTENS)
    to_wav = ("--to-wav", str(tmp_path / "heard.wav"))
    assert "ptt join" in await talk(*to_wav)

    link = await daemon.invite("Anna")
    join = [sys.executable, "-m", "ptt_console", "join", link]
    home = {**os.environ, "HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    await trio.run_process(join, env=home, capture_stdout=True)
    assert "everyone" in await talk("--channel", "evryone", *to_wav)

    daemon.process.terminate()
    await daemon.process.wait()
    assert "is the server running" in await talk(*to_wav)


@pytest.mark.slow
async def test_a_daemon_that_cannot_start_says_why(daemon: Daemon, tmp_path: Path) -> None:
    run = partial(complaint, tmp_path, "ptt.switchboard", "run")
    config = tmp_path / "pttd.toml"
    config.write_text("prot = 3\n")

    taken = await run("--data", str(tmp_path / "other"), "--port", str(daemon.port))
    assert f"port {daemon.port} is taken" in taken
    assert "Another pttd" in await run("--data", str(daemon.data), "--port", "0")
    assert 'Did you mean "port"' in await run("--config", str(config))
