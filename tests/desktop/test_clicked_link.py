"""A link that is clicked at somewhere on the desktop comes to what was registered."""

import shutil
from pathlib import Path

import pytest

from ptt_desktop import links, own_command
from tests.support.desktop_screen import desktop_screen

LINK = "ptt://ptt.example:17880/?invite=one-time&key=hash%20of"


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("xdg-open") is None, reason="needs xdg-utils")
def test_a_clicked_link_starts_the_registered_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "told"
    stand_in = tmp_path / "ptt-desktop"
    stand_in.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >{told}\n')
    stand_in.chmod(0o755)
    monkeypatch.setattr(own_command.sys, "executable", str(tmp_path / "python"))
    with desktop_screen(tmp_path / "screen") as screen:
        for name, value in screen.environment.items():
            monkeypatch.setenv(name, value)
        links.register()

        # Not by the means of whichever desktop the tests are started on.
        generic = {"XDG_CURRENT_DESKTOP": "X-Generic"}
        opening = screen.start("xdg-open", LINK, environment=generic)

        assert opening.process.wait(10) == 0
        assert told.read_text().splitlines() == [LINK]
