"""How often a widget is painted, and how it looks without colour."""

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget


class Paints(QObject):
    """Counts from now on."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def black_and_white(widget: QWidget) -> tuple[bool, ...]:
    """Every second pixel, dark or light, split in the middle between the darkest and lightest."""
    image = widget.grab().toImage()
    lightness = [
        QColor(image.pixel(x, y)).lightness()
        for x in range(0, image.width(), 2)
        for y in range(0, image.height(), 2)
    ]
    middle = (min(lightness) + max(lightness)) / 2
    return tuple(each < middle for each in lightness)
