"""Every drawing shows something, and no state of the tray is told by its colour alone."""

from itertools import combinations

import pytest
from PySide6.QtGui import QColor, QImage, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from ptt_desktop import icons, theme

pytestmark = pytest.mark.usefixtures("qapp")

TRAY = 22  # pixels, the smallest tray in use


def strongest(drawn: QPixmap) -> int:
    """The most opaque pixel, 0 to 255."""
    image = drawn.toImage()
    return max(
        image.pixelColor(x, y).alpha() for x in range(image.width()) for y in range(image.height())
    )


def black_and_white(drawn: QPixmap) -> list[bool]:
    """Dark or light, split in the middle between the darkest and the lightest pixel."""
    sheet = QImage(drawn.size(), QImage.Format.Format_RGB32)
    sheet.fill(QColor("white"))
    painter = QPainter(sheet)
    painter.drawPixmap(0, 0, drawn)
    painter.end()
    greys = [
        sheet.pixelColor(x, y).lightness()
        for x in range(sheet.width())
        for y in range(sheet.height())
    ]
    middle = (min(greys) + max(greys)) / 2
    return [grey < middle for grey in greys]


@pytest.mark.parametrize("name", icons.names())
@pytest.mark.parametrize("size", [16, 24])
def test_every_drawing_shows_something(name: str, size: int) -> None:
    assert strongest(icons.pixmap(name, size)) > 150


def test_a_dense_screen_gets_more_pixels_for_the_same_size() -> None:
    drawn = icons.pixmap("microphone", 24, ratio=2.0)

    assert drawn.width() == 48
    assert drawn.deviceIndependentSize().width() == 24


def test_a_symbol_takes_the_colour_that_is_asked_for() -> None:
    drawn = icons.pixmap("microphone", 32, colour=QColor("#12ab34")).toImage()

    assert drawn.pixelColor(16, 10).name() == "#12ab34"


def test_a_symbol_is_drawn_in_the_colour_of_text(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")

    drawn = icons.pixmap("microphone", 32).toImage()

    theme.apply(qapp, "system")
    assert drawn.pixelColor(16, 10).name() == theme.DARK.text


@pytest.mark.parametrize(("one", "other"), list(combinations(icons.TRAY_STATES, 2)))
def test_states_of_the_tray_differ_in_black_and_white(one: str, other: str) -> None:
    drawings = (black_and_white(icons.pixmap(f"tray-{name}", TRAY)) for name in (one, other))

    different = sum(ours != theirs for ours, theirs in zip(*drawings, strict=True))

    assert different > TRAY * TRAY * 0.08


def test_icons_bring_the_sizes_that_menus_and_trays_ask_for() -> None:
    assert {size.width() for size in icons.tray_icon("idle").availableSizes()} >= {16, 22, 32, 64}
    assert {size.width() for size in icons.program_icon().availableSizes()} >= {16, 48, 256}
