"""How the floor ring is drawn.

   .---.
 /  sign \\      .-----.                The words are in the ring, or beside it where the widget
|  Name   |    / sign  \\  Name         is much wider than high.
|  0:18   |    \\ 42 s  /  0:18
 \\ 42 s  /      '-----'
   '---'
"""

from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from ptt_desktop import drawing, ring_picture
from ptt_desktop.icons import pixmap
from ptt_desktop.ring_picture import Floor, Picture
from ptt_desktop.theme import Colours, colours

# Implementation
LARGEST, SMALLEST = 1.9, 1.1  # times the font, for the name
WIDE = 1.5  # times the height: from here on the words are beside the ring
THICKNESS = 0.05  # of the diameter
MOST_LINES = 3  # of the name
SIGN, LONE_SIGN = 0.22, 0.3  # of the height inside the ring; with at most one line below it

_BROKEN = {Floor.ASKING, Floor.QUEUED, Floor.UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Line:
    """Of one font and colour; wrapped if it is longer than there is room for."""

    font: QFont
    text: str
    colour: str


def paint(painter: QPainter, area: QRect, font: QFont, shown: Picture) -> None:
    """Everything, in the present colours."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    those = colours()
    ring = _ring_area(area)
    _draw_ring(painter, ring, shown, those)
    name, rest = _name(area, font, shown, those), _rest(font, shown, those)
    if _is_wide(area):
        _draw_column(painter, _inner(ring), shown, [rest[1]])
        _draw_lines(painter, _beside(area, font), [name, rest[0]])
    else:
        _draw_column(painter, _inner(ring), shown, [name, *rest])


def fits(area: QRect, font: QFont, title: str) -> bool:
    """Whether the whole name is seen."""
    return _title(area, font, title)[1] == title


def _is_wide(area: QRect) -> bool:
    return area.width() >= WIDE * area.height()


def _room(area: QRect, font: QFont) -> int:
    """How wide a name may be."""
    return (_beside(area, font) if _is_wide(area) else _inner(_ring_area(area))).width()


def _ring_area(area: QRect) -> QRect:
    side = min(area.width(), area.height())
    left = area.left() + (0 if _is_wide(area) else (area.width() - side) // 2)
    return QRect(left, area.top() + (area.height() - side) // 2, side, side)


def _beside(area: QRect, font: QFont) -> QRect:
    return area.adjusted(_ring_area(area).width() + drawing.em(font), 0, 0, 0)


def _inner(ring: QRect) -> QRect:
    """What lines of words may take of the ring."""
    across, above = round(ring.width() * 0.14), round(ring.height() * 0.16)
    return ring.adjusted(across, above, -across, -above)


def _draw_ring(painter: QPainter, area: QRect, shown: Picture, those: Colours) -> None:
    """A thin track, and what is left of the time as a thick arc from the top, clockwise."""
    thick = max(5.0, THICKNESS * area.width())
    at = QRectF(area).adjusted(thick, thick, -thick, -thick)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(drawing.pen(those.border, thick / 2))
    painter.drawEllipse(at)
    if shown.floor is Floor.FREE:
        return
    arc = drawing.pen(_arc_colour(shown, those), thick)
    arc.setCapStyle(Qt.PenCapStyle.FlatCap)
    if shown.floor in _BROKEN:
        arc.setWidthF(thick / 2)
        arc.setDashPattern([1.6, 1.4])
    elif shown.nearly_over:
        arc.setDashPattern([0.6, 0.25])  # seen without colour, too
    painter.setPen(arc)
    painter.drawArc(at, 90 * 16, -round(shown.share_left * 360 * 16))
    if shown.floor is Floor.EMERGENCY:
        painter.setPen(drawing.pen(those.refused, 2.0))
        painter.drawEllipse(at.adjusted(thick, thick, -thick, -thick))


def _arc_colour(shown: Picture, those: Colours) -> str:
    return those.waiting if shown.nearly_over else ring_picture.colour(shown.floor, those)


def _name(area: QRect, font: QFont, shown: Picture, those: Colours) -> Line:
    fitting, words = _title(area, font, shown.title)
    return Line(fitting, words, those.text)


def _title(area: QRect, font: QFont, title: str) -> tuple[QFont, str]:
    """In which font, and as much of it as is seen."""
    room = _room(area, font)
    fitting = drawing.fitting(font, title, room, largest=LARGEST, smallest=SMALLEST)
    return fitting, drawing.cut(fitting, title, room, MOST_LINES)


def _rest(font: QFont, shown: Picture, those: Colours) -> list[Line]:
    bold = drawing.scaled(font, 1.0, bold=True)
    return [
        Line(font, shown.detail, those.soft_text),
        Line(bold, shown.left_text, _arc_colour(shown, those)),
    ]


def _draw_column(painter: QPainter, area: QRect, shown: Picture, lines: list[Line]) -> None:
    """The sign and below it the lines, in the middle of the ring."""
    size = round((LONE_SIGN if len(lines) == 1 else SIGN) * area.height())
    height = size + sum(_height(line, area.width()) for line in lines)
    top = area.top() + (area.height() - height) // 2
    ink = QColor(ring_picture.colour(shown.floor, colours()))
    drawn = pixmap(ring_picture.sign(shown.floor), size, painter.device().devicePixelRatio(), ink)
    painter.drawPixmap(area.center().x() - size // 2, top, drawn)
    _draw_each(painter, area, top + size, lines, Qt.AlignmentFlag.AlignHCenter)


def _draw_lines(painter: QPainter, area: QRect, lines: list[Line]) -> None:
    """Beside the ring, at half its height."""
    height = sum(_height(line, area.width()) for line in lines)
    top = area.top() + (area.height() - height) // 2
    _draw_each(painter, area, top, lines, Qt.AlignmentFlag.AlignLeft)


def _draw_each(
    painter: QPainter, area: QRect, top: int, lines: list[Line], align: Qt.AlignmentFlag
) -> None:
    for line in lines:
        painter.setFont(line.font)
        painter.setPen(QColor(line.colour))
        height = _height(line, area.width())
        at = QRect(area.left(), top, area.width(), height)
        painter.drawText(at, int(align | drawing.WRAPPED), line.text)
        top += height


def _height(line: Line, width: int) -> int:
    return drawing.wrapped(line.font, line.text, width).height()
