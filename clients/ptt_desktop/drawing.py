"""Words and lines as drawn widgets need them: scaled to the font, wrapped or cut with dots."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen

# Between words where that helps, else within one: a name has to be read to its end.
WRAPPED = Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere


def scaled(font: QFont, factor: float, *, bold: bool = False) -> QFont:
    """A larger or smaller one of the same family."""
    made = QFont(font)
    if font.pointSizeF() > 0.0:
        made.setPointSizeF(font.pointSizeF() * factor)
    else:
        made.setPixelSize(round(font.pixelSize() * factor))
    made.setBold(bold)
    return made


def em(font: QFont) -> int:
    """The height of a line: what sizes are counted in, so that they grow with the font."""
    return QFontMetrics(font).height()


def wrapped(font: QFont, text: str, width: int) -> QSize:
    """What the text takes in lines of at most this width; nothing without a text."""
    if not text:
        return QSize(0, 0)
    return QFontMetrics(font).boundingRect(QRect(0, 0, width, 10_000), WRAPPED, text).size()


def fitting(font: QFont, text: str, width: int, *, largest: float, smallest: float) -> QFont:
    """In bold, as large as a line of this width permits; the smallest if none does."""
    for tenths in range(round(largest * 10), round(smallest * 10), -1):
        tried = scaled(font, tenths / 10, bold=True)
        if QFontMetrics(tried).horizontalAdvance(text) <= width:
            return tried
    return scaled(font, smallest, bold=True)


def cut(font: QFont, text: str, width: int, lines: int = 1) -> str:
    """The text, or its beginning and dots if so many lines of this width cannot hold it."""
    metrics = QFontMetrics(font)
    for eighth in range(8 * lines, 7, -1):  # the last word of a line leaves some of it empty
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, eighth * width // 8)
        if lines == 1 or wrapped(font, shown, width).height() <= lines * metrics.lineSpacing():
            break
    return shown


def pen(colour: str, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Of a role's colour."""
    return QPen(QColor(colour), width, style)


def mixed(colour: str, ground: str, share: float) -> QColor:
    """`share` of the colour laid over the ground."""
    over, under = QColor(colour), QColor(ground)
    return QColor.fromRgbF(
        under.redF() + share * (over.redF() - under.redF()),
        under.greenF() + share * (over.greenF() - under.greenF()),
        under.blueF() + share * (over.blueF() - under.blueF()),
    )


def draw_focus(painter: QPainter, around: QRectF, radius: float, colour: str) -> None:
    """The frame of what has the focus of the keyboard."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(pen(colour, 2.0))
    painter.drawRoundedRect(around, radius, radius)
