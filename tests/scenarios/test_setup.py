"""`ptt setup` as a process: unattended, and with somebody who types."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ptt_desk.preferences import load_preferences
from tests.support.noise import write_noise
from tests.support.virtual_sound import VirtualSound, virtual_sound

PTT = (sys.executable, "-m", "ptt_console", "setup")
PATIENCE = 30.0  # s


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[VirtualSound]:
    with virtual_sound(tmp_path / "sound", microphones=["mic-a"], loudspeakers=["ear-a"]) as sound:
        yield sound


@pytest.fixture
def environment(sound: VirtualSound, tmp_path: Path) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if "DISPLAY" not in key}
    return {**kept, **sound.environment, "XDG_CONFIG_HOME": str(tmp_path / "config")}


def run(environment: dict[str, str], *options: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*PTT, *options],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )


@pytest.mark.slow
def test_many_computers_are_set_up_without_a_question(
    environment: dict[str, str], tmp_path: Path
) -> None:
    devices = ("--microphone", "mic-a", "--loudspeaker", "ear-a")
    done = run(environment, "--yes", *devices, "--key", "f9", "--key", "mouse4", "--hands-free")

    written = load_preferences(tmp_path / "config" / "ptt" / "ptt.toml")
    assert done.returncode == 0, done.stderr
    assert "Now run: ptt talk" in done.stdout
    assert (written.devices.microphone, written.devices.loudspeaker) == ("mic-a", "ear-a")
    assert written.keys.talk == ("f9", "mouse4")
    assert written.voice.hands_free

    run(environment, "--yes", "--no-hands-free")
    again = load_preferences(tmp_path / "config" / "ptt" / "ptt.toml")
    assert (again.keys.talk, again.voice.hands_free) == (("f9", "mouse4"), False)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ((), "there is no terminal: answer by options and add --yes"),
        (("--yes", "--microphone", "none"), "There is no microphone none"),
        (("--yes", "--key", "f99"), "There is no key 'f99'"),
        (("--yes", "--link", "ptt://x"), "invite link"),
    ],
)
def test_what_cannot_be_set_up_is_a_sentence_and_writes_nothing(
    options: tuple[str, ...], words: str, environment: dict[str, str], tmp_path: Path
) -> None:
    done = run(environment, *options)

    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "config" / "ptt" / "ptt.toml").exists()


@pytest.mark.slow
def test_somebody_who_types_hears_himself_back(
    sound: VirtualSound, environment: dict[str, str], tmp_path: Path
) -> None:
    noise = write_noise(tmp_path / "noise.wav", 20.0, dbfs=-25.0)
    main, side = pty.openpty()
    with subprocess.Popen(PTT, env=environment, stdin=side, stdout=side, stderr=side) as process:
        os.close(side)
        person = Typist(main)
        person.answers("Invite link", "")
        person.answers("Microphones:", "mic-a", number=True)
        person.answers("Loudspeakers:", "ear-a", number=True)
        person.answers("Talk key", "f99")
        person.answers("There is no key 'f99'", "f9")
        person.answers("hands-free", "y")
        said = sound.say("mic-a", noise)
        person.answers("hear yourself back", "y")
        person.reads("Now run: ptt talk")
        said.terminate()

    written = load_preferences(tmp_path / "config" / "ptt" / "ptt.toml")
    assert process.returncode == 0
    assert "Well heard (-2" in person.text
    assert written.devices.microphone == "mic-a"
    assert written.keys.talk == ("f9",)
    assert written.voice.hands_free


class Typist:
    """Reads what the terminal shows and types."""

    def __init__(self, terminal: int) -> None:
        self.text = ""
        self._terminal = terminal
        self._seen = 0

    def reads(self, words: str) -> None:
        """Wait until it says so, after what was read before."""
        until = time.monotonic() + PATIENCE
        while words not in self.text[self._seen :]:
            assert time.monotonic() < until, self.text
            if select.select([self._terminal], [], [], 0.1)[0]:
                self.text += os.read(self._terminal, 4096).decode()
        self._seen = self.text.index(words, self._seen) + len(words)

    def answers(self, question: str, answer: str, *, number: bool = False) -> None:
        """Type this when the question came; `number`: that of the line with these words."""
        self.reads(question)
        if number:
            self.reads("Which")
            lines = [line.split() for line in self.text.splitlines() if answer in line]
            answer = lines[-1][0]
        os.write(self._terminal, answer.encode() + b"\n")
