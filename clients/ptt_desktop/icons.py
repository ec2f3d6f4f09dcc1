"""The drawings of icons/: symbols in any colour, the program's own icon, and those of the tray.

    icons/NAME.svg --currentColor replaced--> QSvgRenderer --> QPixmap in QPixmapCache

A symbol is drawn in the colour of text unless told otherwise; ask again when the palette changes.
"""

from functools import cache
from importlib import resources

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer

from ptt_desktop.theme import colours

TRAY_STATES = ("idle", "listening", "talking", "queued", "muted", "disconnected")

# Implementation
SIZES = (16, 20, 22, 24, 32, 48, 64)  # at ratio 1, what menus, buttons and trays ask for
RATIOS = (1.0, 2.0)
LARGEST_OF_ROWS = 24  # in lists, where a chosen row has another ground


def icon(name: str, colour: QColor | str | None = None) -> QIcon:
    """The drawing `name`, sharp at the usual sizes on usual and on dense screens."""
    made = QIcon()
    for size in SIZES:
        for ratio in RATIOS:
            made.addPixmap(pixmap(name, size, ratio, colour))
            if size <= LARGEST_OF_ROWS:
                selected = pixmap(name, size, ratio, colours().on_fill)
                made.addPixmap(selected, QIcon.Mode.Selected)
    return made


def program_icon() -> QIcon:
    """The icon of the window and of the program; large too, for whoever switches windows."""
    made = icon("ptt")
    for size in (128, 256):
        made.addPixmap(pixmap("ptt", size))
    return made


def tray_icon(state: str) -> QIcon:
    """One of TRAY_STATES. These bring their own ground: nothing tells a tray's colour."""
    return icon(f"tray-{state}")


def pixmap(name: str, size: int, ratio: float = 1.0, colour: QColor | str | None = None) -> QPixmap:
    """The drawing `name`, `size` wide and high, for a screen of `ratio` pixels to the unit."""
    ink = QColor(colour or colours().text).name()
    key = f"ptt {name} {size} {ratio} {ink}"
    made = QPixmap()
    if not QPixmapCache.find(key, made):
        made = _drawn(name, ink, size, ratio)
        QPixmapCache.insert(key, made)
    return made


def names() -> list[str]:
    """Every drawing there is."""
    files = (resources.files("ptt_desktop") / "icons").iterdir()
    return sorted(file.name.removesuffix(".svg") for file in files if file.name.endswith(".svg"))


def _drawn(name: str, ink: str, size: int, ratio: float) -> QPixmap:
    made = QPixmap(QSize(size, size) * ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    QSvgRenderer(_source(name).replace(b"currentColor", ink.encode())).render(
        painter, QRectF(made.rect())
    )
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@cache
def _source(name: str) -> bytes:
    return (resources.files("ptt_desktop") / "icons" / f"{name}.svg").read_bytes()
