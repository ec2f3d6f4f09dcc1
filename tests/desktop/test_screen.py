"""The screen on which the window is tried shows what programs show, and its hand reaches them."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QColor

from tests.support.desktop_screen import DesktopScreen, Program, desktop_screen, until
from tests.support.screen_picture import screen_picture

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def screen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DesktopScreen]:
    with desktop_screen(tmp_path_factory.mktemp("screen")) as screen:
        yield screen


@pytest.fixture
def program(screen: DesktopScreen) -> Iterator[Program]:
    program = screen.start(sys.executable, "-m", "tests.support.small_window")
    yield program
    program.end()


def test_a_screen_reader_finds_names_roles_and_values(program: Program) -> None:
    program.wait_for("push button", "Talk")

    assert program.find("text", "Your name")
    assert program.wait_for("slider", "Threshold").value == 30


def test_a_mouse_button_that_is_held_presses_what_it_points_at(
    screen: DesktopScreen, program: Program
) -> None:
    program.point_at("push button", "Talk")

    screen.display.button_down()
    program.wait_for("label", "speech")
    screen.display.button_up()

    program.wait_for("label", "was heard")


def test_keys_go_to_the_widget_that_has_the_focus(screen: DesktopScreen, program: Program) -> None:
    program.click("text", "Your name")
    screen.display.type("Anna")
    program.wait_for("text", "Anna")
    screen.press_key("shift+Tab")
    screen.press_key("space")

    program.wait_for("label", "Anna was heard")


def test_the_tray_shows_an_icon_that_can_be_clicked(
    screen: DesktopScreen, program: Program
) -> None:
    program.wait_for("push button", "Talk")
    (icon,) = until(lambda: program.tray_icons, "the icon")

    screen.display.point_at(icon[0] + icon[2] // 2, icon[1] + icon[3] // 2)
    screen.display.click(1)

    program.wait_for("label", "from the tray")


def test_a_picture_shows_the_whole_screen(
    screen: DesktopScreen, program: Program, tmp_path: Path
) -> None:
    program.wait_for("push button", "Talk")
    (icon,) = until(lambda: program.tray_icons, "the icon")
    screen.display.point_at(0, 0)

    def is_red() -> bool:
        image = screen_picture(screen.folder / "pictures")
        return image.pixelColor(icon[0] + icon[2] // 2, icon[1] + icon[3] // 2) == QColor("red")

    until(is_red, "a red icon")
    screen.screenshot(tmp_path / "screen.png")

    assert (tmp_path / "screen.png").read_bytes().startswith(b"\x89PNG")


def test_closing_by_the_window_manager_ends_what_has_but_one_window(
    screen: DesktopScreen, program: Program
) -> None:
    program.wait_for("push button", "Talk")
    program.window()

    screen.close_active_window()

    assert program.process.wait(10) == 0
    assert not program.windows


def test_on_a_dense_screen_all_is_larger_and_the_hand_still_hits(tmp_path: Path) -> None:
    with desktop_screen(tmp_path / "dense", dpi=192) as dense:
        program = dense.start(sys.executable, "-m", "tests.support.small_window")

        program.click("push button", "Talk")

        program.wait_for("label", "was heard")
        seen = program.wait_for("push button", "Talk").area
        window = dense.windows.area(program.window())
        assert seen[2] > 300, "twice the width it has at 96 dpi"
        assert seen[0] + seen[2] <= window[0] + window[2]
