"""`ptt` as a process at a real daemon: what people see when things go well and when they do not."""

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio

from ptt.client.audio_files import read_wav
from ptt_demo.daemon import Daemon
from ptt_demo.measure import find
from tests.support.desk import PTT, desk, join
from tests.support.virtual_sound import VirtualSound, virtual_sound

pty, termios = pytest.importorskip("pty"), pytest.importorskip("termios")

SPEECH = Path(__file__).parents[2] / "clients" / "ptt_demo" / "speech" / "clara.wav"
PATIENCE = 20.0  # s
WITHOUT_DISPLAY = {"DISPLAY": "", "WAYLAND_DISPLAY": ""}


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[VirtualSound]:
    with virtual_sound(tmp_path / "sound", microphones=["mic"], loudspeakers=["ear"]) as sound:
        yield sound


def files(folder: Path, name: str) -> tuple[str, ...]:
    return ("--from-wav", str(SPEECH), "--to-wav", str(folder / f"{name}.wav"))


@pytest.mark.slow
async def test_a_file_is_said_once_and_heard(daemon: Daemon, tmp_path: Path) -> None:
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]
    hears = ("--listen-only", "--to-wav", str(tmp_path / "ben.wav"))

    async with (
        desk(WITHOUT_DISPLAY, tmp_path / "b", ben, *hears) as listener,
        desk(WITHOUT_DISPLAY, tmp_path / "a", anna, *files(tmp_path, "anna")) as talker,
    ):
        await talker.reads("Released after")
        assert len([line for line in talker.lines if line.startswith("Connected to")]) == 1
        await listener.reads("Nobody talks")

    said, heard = (read_wav(path) / 32768.0 for path in (SPEECH, tmp_path / "ben.wav"))
    assert find(said, heard)[1] > 0.8


@pytest.mark.slow
async def test_who_ends_while_talking_gives_back_the_floor(daemon: Daemon, tmp_path: Path) -> None:
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]
    hears = ("--listen-only", "--to-wav", str(tmp_path / "ben.wav"))

    async with desk(WITHOUT_DISPLAY, tmp_path / "b", ben, *hears) as listener:
        async with desk(WITHOUT_DISPLAY, tmp_path / "a", anna, *files(tmp_path, "anna")) as talker:
            await talker.reads("Talk now")
            await listener.reads("Anna talks")
        with trio.fail_after(2.0):
            await listener.reads("Nobody talks")


@pytest.mark.slow
async def test_sound_cards_that_are_pulled_out_are_told_and_survived(
    daemon: Daemon, sound: VirtualSound, tmp_path: Path
) -> None:
    devices = ("--microphone", "mic", "--loudspeaker", "ear")
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]
    says = files(tmp_path, "anna")

    async with desk(
        {**sound.environment, **WITHOUT_DISPLAY}, tmp_path / "b", ben, *devices
    ) as listener:
        sound.pull_out()
        await listener.reads("Sound: The loudspeaker ear is gone")
        before = len(listener.lines)
        async with desk(WITHOUT_DISPLAY, tmp_path / "a", anna, *says) as talker:
            await talker.reads("Talk now")
            await listener.reads("Anna talks", after=before)


@pytest.mark.slow
async def test_a_microphone_that_is_pulled_out_while_talking_gives_back_the_floor(
    daemon: Daemon, sound: VirtualSound, tmp_path: Path
) -> None:
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]
    talks = ("--microphone", "mic", "--to-wav", str(tmp_path / "anna.wav"), "--key", "terminal")
    hears = ("--listen-only", "--to-wav", str(tmp_path / "ben.wav"))
    with_sound = {**sound.environment, **WITHOUT_DISPLAY}

    async with (
        desk(WITHOUT_DISPLAY, tmp_path / "b", ben, *hears) as listener,
        desk(with_sound, tmp_path / "a", anna, *talks) as talker,
    ):
        await talker.types(b" ")
        await talker.reads("Talk now")
        await listener.reads("Anna talks")
        await trio.to_thread.run_sync(sound.wait_until_recording)
        sound.pull_out()
        await talker.reads("Sound: The microphone mic is gone")
        await listener.reads("Nobody talks")
        await talker.types(b" ")
        await talker.types(b" ")  # the next press still finds none, and says so
        await talker.reads("Sound: There is no microphone")


@pytest.mark.slow
async def test_in_a_terminal_the_space_bar_talks_and_ctrl_c_ends(
    daemon: Daemon, tmp_path: Path
) -> None:
    personal = {**WITHOUT_DISPLAY, "XDG_CONFIG_HOME": str(tmp_path), "TERM": "xterm"}
    anna, ben = [await daemon.invite(name) for name in ("Anna", "Ben")]
    await join(personal, anna)
    hears = ("--listen-only", "--to-wav", str(tmp_path / "ben.wav"))
    command = [*PTT, "talk", *files(tmp_path, "anna"), "--key", "terminal"]

    async with desk(WITHOUT_DISPLAY, tmp_path / "b", ben, *hears):
        with pseudo_terminal() as (terminal, program):
            before = termios.tcgetattr(program)
            process = await trio.lowlevel.open_process(
                command,
                env={**os.environ, **personal},
                stdin=program,
                stdout=program,
                stderr=program,
            )
            try:
                await terminal.shows("space: talk")
                terminal.types(b" ")
                await terminal.shows("TALK NOW 0:01")
                await terminal.shows("OPEN")
                terminal.types(b" ")
                await terminal.shows("closed")
                process.send_signal(signal.SIGINT)
                with trio.move_on_after(PATIENCE):
                    await process.wait()
            finally:
                process.kill()
                await process.wait()
            assert process.returncode == 0
            assert termios.tcgetattr(program) == before


@contextmanager
def pseudo_terminal() -> Iterator[tuple["Terminal", int]]:
    """The person's end, and the program's."""
    person, program = pty.openpty()
    try:
        yield Terminal(person), program
    finally:
        os.close(person)
        os.close(program)


class Terminal:
    """The person's end of a pseudo-terminal: what was drawn since the last look."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._drawn = ""

    def types(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    async def shows(self, text: str) -> None:
        with trio.move_on_after(PATIENCE):
            while text not in self._drawn:
                await trio.lowlevel.wait_readable(self._fd)
                octets = os.read(self._fd, 65536).decode(errors="replace")
                self._drawn += re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", octets)
            self._drawn = ""
            return
        raise AssertionError(f"{text!r} was not drawn: {self._drawn[-2000:]}")


@pytest.mark.slow
async def test_an_invite_counts_once_and_only_at_its_server(daemon: Daemon, tmp_path: Path) -> None:
    link = await daemon.invite("Anna")
    personal = {"XDG_CONFIG_HOME": str(tmp_path)}
    await join(personal, link)

    used = await failure(personal, "join", link)
    unknown = await failure(
        personal, "join", link[:-4] + ("AAAA" if link[-4:] != "AAAA" else "BBBB")
    )
    channel = await failure(personal, "talk", *files(tmp_path, "x"), "--channel", "evryone")

    assert used.count("\n") == 1
    assert unknown.count("\n") == 1
    assert channel == "There is no channel evryone for you: did you mean everyone?\n"


async def failure(environment: dict[str, str], *arguments: str) -> str:
    """What a command that fails says."""
    done = await trio.run_process(
        [*PTT, *arguments],
        env={**os.environ, **environment},
        capture_stdout=True,
        capture_stderr=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, b""), done
    return done.stderr.decode()
