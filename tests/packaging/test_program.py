"""The stand-alone program that `make program` builds runs where there is no Python of ours."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desktop_screen import DesktopScreen, desktop_screen

PROGRAM = Path(__file__).parents[2] / "out" / "program" / "ptt-desktop"
OURS = ("PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (PROGRAM / "ptt").exists(), reason="needs `make program`"),
]


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in OURS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/usr/bin:/bin")


@pytest.fixture
def screen(bare: None, tmp_path: Path) -> Iterator[DesktopScreen]:
    with desktop_screen(tmp_path / "screen") as screen:
        yield screen


def run(*arguments: str, home: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [str(PROGRAM / "ptt"), *arguments],
        env={**os.environ, **environment, "HOME": str(home)},
        check=False,
        capture_output=True,
        text=True,
        timeout=30,
    )


def test_it_finds_its_own_libraries(bare: None, tmp_path: Path) -> None:
    said = run("doctor", "--quick", home=tmp_path).stdout

    assert "Opus encodes and decodes." in said
    assert "PortAudio finds" in said


def test_it_says_which_version_it_is(bare: None, tmp_path: Path) -> None:
    said = run("--version", home=tmp_path)

    assert said.returncode == 0
    assert said.stdout.startswith("ptt ")


def test_it_hears_keys(screen: DesktopScreen, tmp_path: Path) -> None:
    said = run("doctor", "--quick", home=tmp_path, **screen.environment).stdout

    assert "! warning  key" not in said, said
    assert "x problem  key" not in said, said


def test_it_opens_the_window(screen: DesktopScreen) -> None:
    program = screen.start(str(PROGRAM / "ptt-desktop"))

    program.wait_for("text", "Invite link")

    assert program.windows
    assert program.end() == 0
