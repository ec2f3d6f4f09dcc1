"""ptt:// links and autostart of Windows and macOS, as far as that can be tried anywhere."""

import plistlib
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QFileOpenEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from ptt_desktop.links import LinksError
from ptt_desktop.links_macos import MacDesktop, bundle_properties, launch_agent
from ptt_desktop.links_windows import CLASS, COMMAND, RUN, WindowsDesktop, class_values
from ptt_desktop.opened_links import OpenedLinks


class PretendRegistry:
    """Implements Registry."""

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], str] = {}

    def read(self, key: str, name: str) -> str | None:
        return self.values.get((key, name))

    def write(self, key: str, name: str, value: str) -> None:
        self.values[key, name] = value

    def forget(self, key: str, name: str) -> None:
        self.values.pop((key, name), None)

    def forget_all(self, key: str) -> None:
        inside = [each for each in self.values if each[0] == key or each[0].startswith(f"{key}\\")]
        for each in inside:
            del self.values[each]


def test_windows_starts_us_for_a_link() -> None:
    registry = PretendRegistry()
    desktop = WindowsDesktop(registry)

    desktop.register(instead=False)

    assert desktop.is_registered()
    assert registry.values[COMMAND, ""].endswith(' "%1"')
    assert registry.values[CLASS, "URL Protocol"] == ""
    desktop.unregister()
    assert registry.values == {}


def test_a_path_with_spaces_is_one_argument_to_windows() -> None:
    values = class_values([r"C:\Program Files\ptt\ptt-desktop.exe"])

    assert (COMMAND, "", r'"C:\Program Files\ptt\ptt-desktop.exe" "%1"') in values


def test_on_windows_too_another_program_keeps_the_links() -> None:
    registry = PretendRegistry()
    registry.write(COMMAND, "", "other.exe %1")
    desktop = WindowsDesktop(registry)

    with pytest.raises(LinksError, match=r"other\.exe"):
        desktop.register(instead=False)
    desktop.unregister()

    assert registry.values == {(COMMAND, ""): "other.exe %1"}
    desktop.register(instead=True)
    assert desktop.is_registered()


def test_windows_starts_us_with_the_desktop_only_when_wished() -> None:
    registry = PretendRegistry()
    desktop = WindowsDesktop(registry)

    desktop.set_autostart(wanted=True)
    assert desktop.autostarts()
    assert registry.values[RUN, "ptt"].endswith("--hidden")

    desktop.set_autostart(wanted=False)
    assert not desktop.autostarts()


def test_the_bundle_for_macos_names_the_scheme_and_why_it_listens() -> None:
    properties = bundle_properties("1.2")

    assert properties["CFBundleURLTypes"][0]["CFBundleURLSchemes"] == ["ptt"]  # type: ignore[index]
    assert properties["NSMicrophoneUsageDescription"]
    assert plistlib.loads(plistlib.dumps(properties)) == properties


def test_macos_starts_us_at_login_only_when_wished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    desktop = MacDesktop()

    desktop.set_autostart(wanted=True)
    assert desktop.autostarts()

    desktop.set_autostart(wanted=False)
    assert not desktop.autostarts()
    agent = plistlib.loads(launch_agent(["/x/ptt-desktop"]))
    assert agent["ProgramArguments"] == ["/x/ptt-desktop", "--hidden"]


def test_macos_opens_links_with_the_bundle_only(monkeypatch: pytest.MonkeyPatch) -> None:
    desktop = MacDesktop()

    with pytest.raises(LinksError, match="paste"):
        desktop.register(instead=False)

    monkeypatch.setattr(sys, "executable", "/Applications/ptt.app/Contents/MacOS/ptt-desktop")
    desktop.register(instead=False)
    assert desktop.is_registered()


def test_a_link_that_the_system_hands_over_is_told(qtbot: QtBot) -> None:
    app = QGuiApplication.instance()
    assert isinstance(app, QGuiApplication)
    links = OpenedLinks(app)

    with qtbot.waitSignal(links.opened) as told:
        QCoreApplication.sendEvent(app, QFileOpenEvent(QUrl("ptt://example.com/abc#key")))

    assert told.args == ["ptt://example.com/abc#key"]
    app.removeEventFilter(links)
