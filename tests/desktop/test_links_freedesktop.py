"""ptt:// links, the menu and the autostart of Linux: files of the person, and no others."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ptt_desktop import links, own_command
from ptt_desktop.links import LinksError
from ptt_desktop.links_freedesktop import (
    MARK,
    autostart_entry,
    menu_entry,
    opener,
    quoted,
    with_opener,
)

ENTRY = "ptt.Desktop.desktop"

pytestmark = pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="other systems")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
    monkeypatch.setenv("XDG_DATA_DIRS", str(tmp_path / "usr"))
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_once_registered_links_come_here_and_the_menu_has_our_icon(home: Path) -> None:
    assert not links.is_registered()

    links.register()

    assert links.is_registered()
    entry = (home / "data/applications" / ENTRY).read_text()
    assert "MimeType=x-scheme-handler/ptt;" in entry
    assert "Name[de]=" in entry
    assert (
        (home / "data/icons/hicolor/scalable/apps/ptt.Desktop.svg").read_text().startswith("<svg")
    )
    assert opener((home / "config/mimeapps.list").read_text()) == ENTRY


def test_registering_twice_changes_nothing(home: Path) -> None:
    links.register()
    before = (home / "config/mimeapps.list").read_text()

    links.register()

    assert (home / "config/mimeapps.list").read_text() == before


def test_taken_back_nothing_of_it_remains(home: Path) -> None:
    other = "[Default Applications]\ntext/html=firefox.desktop\n"
    defaults = write(home / "config/mimeapps.list", other)
    links.register()

    links.unregister()

    assert not links.is_registered()
    assert defaults.read_text() == other
    left = [path.name for path in (home / "data").rglob("*") if path.is_file()]
    assert [name for name in left if name != "mimeinfo.cache"] == []


def test_another_program_keeps_the_links_until_it_is_told_otherwise(home: Path) -> None:
    text = "[Default Applications]\nx-scheme-handler/ptt=other.desktop\n"
    defaults = write(home / "config/mimeapps.list", text)

    with pytest.raises(LinksError, match=r"other\.desktop opens"):
        links.register()

    assert defaults.read_text() == text
    links.register(instead=True)
    assert links.is_registered()


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("etc/mimeapps.list", "[Default Applications]\nx-scheme-handler/ptt=other.desktop\n"),
        (
            "usr/applications/mimeapps.list",
            "[Default Applications]\nx-scheme-handler/ptt=other.desktop\n",
        ),
        ("usr/applications/mimeinfo.cache", "[MIME Cache]\nx-scheme-handler/ptt=other.desktop;\n"),
    ],
)
def test_another_program_of_the_whole_system_keeps_the_links_too(
    home: Path, place: str, text: str
) -> None:
    write(home / place, text)

    with pytest.raises(LinksError, match=r"other\.desktop"):
        links.register()
    assert not (home / "config/mimeapps.list").exists()

    links.register(instead=True)
    assert links.is_registered()


def test_an_entry_that_somebody_wrote_stays_as_it_is(home: Path) -> None:
    theirs = menu_entry(["/opt/ptt/ptt-desktop"]).replace(f"{MARK}\n", "")
    entry = write(home / "data/applications" / ENTRY, theirs)

    links.register()
    links.unregister()

    assert entry.read_text() == theirs


def test_a_program_that_was_moved_is_no_longer_registered_but_can_be(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links.register()
    program = write(home / "elsewhere/ptt-desktop", "")
    monkeypatch.setattr(sys, "executable", str(program.with_name("python")))

    assert not links.is_registered()
    links.register()

    assert links.is_registered()
    assert f"Exec={program} %u" in (home / "data/applications" / ENTRY).read_text()


def test_the_defaults_may_be_a_link_to_another_file(home: Path) -> None:
    real = write(home / "dotfiles/mimeapps.list", "[Added Associations]\n")
    (home / "config").mkdir()
    (home / "config/mimeapps.list").symlink_to(real)

    links.register()

    assert (home / "config/mimeapps.list").is_symlink()
    assert opener(real.read_text()) == ENTRY


def test_where_nothing_can_be_written_it_is_said(home: Path) -> None:
    write(home / "data", "no folder")

    with pytest.raises(LinksError, match="cannot be written"):
        links.register()


def test_it_starts_with_the_desktop_only_when_wished(home: Path) -> None:
    assert not links.autostarts()

    links.set_autostart(True)
    assert links.autostarts()
    entry = (home / "config/autostart" / ENTRY).read_text()
    assert entry == autostart_entry(own_command.own_command())
    assert "--hidden" in entry

    links.set_autostart(False)
    assert not links.autostarts()


@pytest.mark.parametrize("line", ["Hidden=true", "X-GNOME-Autostart-enabled=false"])
def test_an_autostart_that_the_desktop_has_switched_off_is_off(home: Path, line: str) -> None:
    write(home / "config/autostart" / ENTRY, f"[Desktop Entry]\n{line}\n")

    assert not links.autostarts()


@pytest.mark.parametrize(
    ("part", "written"),
    [
        ("/usr/bin/ptt", "/usr/bin/ptt"),
        ("/home/anna b/ptt", '"/home/anna b/ptt"'),
        ("100%", "100%%"),
        ('a"b', r'"a\\"b"'),
        ("a$b", r'"a\\$b"'),
        ("a\\b", r'"a\\\\b"'),
        ("", '""'),
    ],
)
def test_each_part_of_a_command_is_quoted_as_exec_wants_it(part: str, written: str) -> None:
    assert quoted([part]) == written


def test_only_our_line_of_the_defaults_changes() -> None:
    defaults = (
        "[Added Associations]\nx-scheme-handler/ptt=other.desktop;\n\n"
        "[Default Applications]\ntext/html=a.desktop\nx-scheme-handler/ptt = b.desktop;c.desktop\n"
    )

    assert opener(defaults) == "b.desktop"
    assert with_opener(defaults, "x.desktop") == (
        "[Added Associations]\nx-scheme-handler/ptt=other.desktop;\n\n"
        "[Default Applications]\nx-scheme-handler/ptt=x.desktop\ntext/html=a.desktop\n"
    )


def test_without_defaults_there_is_a_section_of_them_then() -> None:
    assert (
        with_opener("", "x.desktop") == "[Default Applications]\nx-scheme-handler/ptt=x.desktop\n"
    )
    assert with_opener("", "") == ""


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("desktop-file-validate"), reason="needs desktop-file-utils")
@pytest.mark.parametrize("make", [menu_entry, autostart_entry])
def test_the_entries_are_valid(tmp_path: Path, make: Callable[[list[str]], str]) -> None:
    entry = write(tmp_path / ENTRY, make(["/home/anna b/$x/ptt", "desktop"]))

    done = subprocess.run(
        ["desktop-file-validate", str(entry)], check=False, capture_output=True, text=True
    )

    assert done.stdout + done.stderr == ""
