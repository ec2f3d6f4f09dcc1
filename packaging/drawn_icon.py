"""The program's icon for Windows or macOS, drawn from the SVG that the window shows."""

import sys
from importlib import resources
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

SIZE = 256  # pixels; the largest that an .ico may hold
ENDINGS = {"win32": "ico", "darwin": "icns"}


def drawn_icon(folder: Path, system: str = sys.platform) -> str | None:
    """Draw it there; its path, or None where programs carry no icon."""
    ending = ENDINGS.get(system)
    if ending is None:
        return None
    image = QImage(SIZE, SIZE, QImage.Format.Format_ARGB32)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    source = (resources.files("ptt_desktop") / "icons" / "ptt.svg").read_bytes()
    QSvgRenderer(source).render(painter, QRectF(image.rect()))
    painter.end()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"ptt.{ending}"
    if not image.save(str(path)):
        raise OSError(f"{path} cannot be written")
    return str(path)
