"""How the level meter is drawn: a bar with a scale below it; closed, it is hatched and says so."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QPainter, QPainterPath, QPolygonF

from ptt_desktop import drawing, level_scale
from ptt_desktop.theme import Colours, colours

# Implementation
MARGIN = 10  # pixels beside the track, for half of the mark and the ends of the scale
SCALE = (-80, -60, -40, -20, 0)
SMALL = 0.8  # times the font, for the scale
RADIUS = 4.0


@dataclass(frozen=True, slots=True)
class Reading:
    """What is shown, in pixels of the screen from the quiet end."""

    level: int
    peak: int
    threshold: int | None
    is_open: bool


def least_size(font: QFont) -> QSize:
    """Room for mark, bar and scale."""
    return QSize(drawing.em(font) * 10, round(drawing.em(font) * 2.5))


def track(area: QRect, font: QFont) -> QRect:
    """Where the bar is."""
    em = drawing.em(font)
    return QRect(area.left() + MARGIN, area.top() + round(em * 0.6), area.width() - 2 * MARGIN, em)


def paint(
    painter: QPainter, area: QRect, font: QFont, shown: Reading, closed: str, focused: bool
) -> None:
    """Everything, in the present colours; `closed` is the word for it."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    those, at = colours(), QRectF(track(area, font))
    ratio = painter.device().devicePixelRatio()
    _track(painter, at, those)
    if shown.is_open:
        _bar(painter, at, shown, ratio, those)
    else:
        _closed(painter, at, _beside_mark(at, shown, ratio), font, closed, those)
    _frame(painter, at, those)
    _scale(painter, at, font, those)
    if shown.threshold is not None:
        _mark(painter, at, at.left() + shown.threshold / ratio, focused, those)


def _rounded(at: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(at, RADIUS, RADIUS)
    return path


def _track(painter: QPainter, at: QRectF, those: Colours) -> None:
    painter.fillPath(_rounded(at), QColor(those.panel))


def _frame(painter: QPainter, at: QRectF, those: Colours) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(drawing.pen(those.outline))
    painter.drawPath(_rounded(at))


def _bar(painter: QPainter, at: QRectF, shown: Reading, ratio: float, those: Colours) -> None:
    """Pale where no voice is taken for one, and another colour where it is too loud."""
    painter.save()
    painter.setClipPath(_rounded(at))
    ends = [
        at.left() + (shown.threshold or 0) / ratio,
        at.left() + level_scale.place(level_scale.LOUD, at.width()),
        at.left() + level_scale.place(level_scale.TOO_LOUD, at.width()),
        at.right(),
    ]
    inks = [drawing.mixed(those.talking, those.panel, 0.45)]
    inks += [QColor(ink) for ink in (those.talking, those.waiting, those.refused)]
    start, level = at.left(), at.left() + shown.level / ratio
    for end, ink in zip(ends, inks, strict=True):
        until = min(max(end, start), level)
        painter.fillRect(QRectF(start, at.top(), max(0.0, until - start), at.height()), ink)
        start = max(start, until)
    _peak(painter, at, at.left() + shown.peak / ratio, those)
    painter.restore()


def _peak(painter: QPainter, at: QRectF, x: float, those: Colours) -> None:
    if x > at.left() + RADIUS:
        painter.fillRect(QRectF(x - 2.0, at.top(), 2.0, at.height()), QColor(those.text))


def _beside_mark(at: QRectF, shown: Reading, ratio: float) -> QRectF:
    """The larger part of the track."""
    if shown.threshold is None:
        return at
    x = shown.threshold / ratio
    if x < at.width() / 2:
        return at.adjusted(x, 0, 0, 0)
    return at.adjusted(0, 0, x - at.width(), 0)


def _closed(
    painter: QPainter, at: QRectF, part: QRectF, font: QFont, word: str, those: Colours
) -> None:
    hatch = drawing.mixed(those.outline, those.panel, 0.6)
    painter.fillPath(_rounded(at), QBrush(hatch, Qt.BrushStyle.BDiagPattern))
    small = drawing.scaled(font, SMALL, bold=True)
    word = drawing.cut(small, word, round(part.width()) - 12)
    behind = QRectF(0, 0, drawing.wrapped(small, word, 10_000).width() + 12, at.height() - 2)
    behind.moveCenter(part.center())
    painter.fillRect(behind, QColor(those.panel))
    painter.setFont(small)
    painter.setPen(QColor(those.soft_text))
    painter.drawText(part, int(Qt.AlignmentFlag.AlignCenter), word)


def _scale(painter: QPainter, at: QRectF, font: QFont, those: Colours) -> None:
    small = drawing.scaled(font, SMALL)
    painter.setFont(small)
    painter.setPen(QColor(those.soft_text))
    for dbfs in SCALE:
        x = at.left() + level_scale.place(dbfs, at.width())
        label = QRectF(x - 30, at.bottom() + 2, 60, drawing.em(small))
        align = Qt.AlignmentFlag.AlignHCenter
        if dbfs == SCALE[0]:
            label.moveLeft(at.left() - MARGIN)
            align = Qt.AlignmentFlag.AlignLeft
        elif dbfs == SCALE[-1]:
            label.moveRight(at.right() + MARGIN)
            align = Qt.AlignmentFlag.AlignRight
        painter.drawText(label, int(align), f"{dbfs} dB" if dbfs == SCALE[-1] else str(dbfs))


def _mark(painter: QPainter, at: QRectF, x: float, focused: bool, those: Colours) -> None:
    """A line over the whole bar, with a head to take hold of."""
    ink = QColor(those.accent)
    halo = drawing.pen(those.window, 5.0)
    painter.setPen(halo)
    painter.drawLine(QPointF(x, at.top() - 2), QPointF(x, at.bottom() + 2))
    painter.setPen(drawing.pen(those.accent, 2.5))
    painter.drawLine(QPointF(x, at.top() - 2), QPointF(x, at.bottom() + 2))
    head = QPolygonF([QPointF(x - 6, at.top() - 6), QPointF(x + 6, at.top() - 6)])
    head.append(QPointF(x, at.top() + 3))
    painter.setPen(drawing.pen(those.window))
    painter.setBrush(ink)
    painter.drawPolygon(head)
    if focused:
        around = QRectF(x - 8.5, at.top() - 6.5, 17, at.height() + 11)
        drawing.draw_focus(painter, around, RADIUS, those.focus)
