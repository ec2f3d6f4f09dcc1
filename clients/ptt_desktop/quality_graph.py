"""The network's quality: one word, bars as telephones show them, and how it was of late."""

from collections import deque
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ptt_desktop import drawing
from ptt_desktop.theme import Colours, colours

# Implementation
SAMPLES = 60  # one a second: the last minute
STEPS = 100  # of the score; the graph is lower than that
BARS = 3
WORD = 0.3  # of the width, so that the graph stays where it is when the word changes
GAP = 0  # steps: there was no connection


@dataclass(frozen=True, slots=True)
class Picture:
    """Two equal ones look the same. steps: the scores, oldest first, in STEPS."""

    word: str = ""
    steps: tuple[int, ...] = ()

    @property
    def bars(self) -> int:
        """How many of BARS are filled: 1 for each third, 0 without a connection."""
        last = self.steps[-1] if self.steps else GAP
        return 0 if last == GAP else min(BARS, 1 + BARS * last // (STEPS + 1))


class QualityGraph(QLabel):
    """A label, so that screen readers read it as text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._steps: deque[int] = deque(maxlen=SAMPLES)
        self._picture = Picture()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def add(self, quality_word: str, score: float, text: str) -> None:
        """The last second. score: 0 is no connection; text: the sentence to be read."""
        self._steps.append(round(STEPS * min(max(score, 0.0), 1.0)))
        picture = Picture(quality_word, tuple(self._steps))
        if text != self.accessibleName():
            self.setAccessibleName(text)
            self.setToolTip(text)
        if picture != self._picture:
            self._picture = picture
            self.update()

    def minimumSizeHint(self) -> QSize:
        em = drawing.em(self.font())
        return QSize(em * 10, round(em * 1.8))

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        em, those, area = drawing.em(self.font()), colours(), QRectF(self.rect())
        bars = QRectF(area.left() + 1, area.center().y() - em / 2, em * 1.2, em)
        _draw_bars(painter, bars, self._picture.bars, those)
        left = bars.right() + em / 2
        left += self._draw_word(painter, left, area, those) + em * 0.7
        graph = QRectF(left, area.top() + 3, area.right() - left - 2, area.height() - 6)
        if graph.width() > em:
            _draw_graph(painter, graph, self._picture, those)

    def _draw_word(self, painter: QPainter, left: float, area: QRectF, those: Colours) -> float:
        bold = drawing.scaled(self.font(), 1.0, bold=True)
        word = drawing.cut(bold, self._picture.word, round(area.width() * 0.45))
        width = drawing.wrapped(bold, word, 10_000).width() + 1.0
        painter.setFont(bold)
        painter.setPen(QColor(those.text))
        at = QRectF(left, area.top(), width, area.height())
        painter.drawText(at, int(Qt.AlignmentFlag.AlignVCenter), word)
        return max(width, WORD * area.width())


def _colour(bars: int, those: Colours) -> str:
    return (those.refused, those.refused, those.waiting, those.talking)[bars]


def _draw_bars(painter: QPainter, at: QRectF, filled: int, those: Colours) -> None:
    """Higher to the right; those that are not filled are hollow, and without any it is crossed."""
    step = at.width() / BARS
    for index in range(BARS):
        height = at.height() * (index + 1) / BARS
        bar = QRectF(at.left() + index * step, at.bottom() - height, step * 0.68, height)
        full = index < filled
        painter.setPen(drawing.pen(_colour(filled, those) if full else those.outline))
        painter.setBrush(QColor(_colour(filled, those)) if full else Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(bar.adjusted(0.5, 0.5, -0.5, -0.5), 1.0, 1.0)
    if not filled:
        painter.setPen(drawing.pen(those.refused, 2.0))
        painter.drawLine(at.topLeft(), at.bottomRight())


def _draw_graph(painter: QPainter, at: QRectF, shown: Picture, those: Colours) -> None:
    """A line from the right, with a pale area below it, broken where there was no connection."""
    painter.setPen(drawing.pen(those.border))
    painter.drawLine(at.bottomLeft(), at.bottomRight())
    ink = QColor(_colour(shown.bars, those))
    for run in _runs(shown.steps, at):
        _draw_run(painter, run, at.bottom(), ink)


def _runs(steps: tuple[int, ...], at: QRectF) -> list[list[QPointF]]:
    """The points of each stretch without a gap."""
    runs: list[list[QPointF]] = [[]]
    first = SAMPLES - len(steps)
    for index, step in enumerate(steps, start=first):
        if step == GAP:
            runs.append([])
        else:
            x = at.left() + at.width() * index / (SAMPLES - 1)
            runs[-1].append(QPointF(x, at.bottom() - at.height() * step / STEPS))
    return [run for run in runs if run]


def _draw_run(painter: QPainter, run: list[QPointF], bottom: float, ink: QColor) -> None:
    area = QPainterPath(QPointF(run[0].x(), bottom))
    line = QPainterPath(run[0])
    for point in run:
        area.lineTo(point)
        line.lineTo(point)
    area.lineTo(QPointF(run[-1].x(), bottom))
    pale = QColor(ink)
    pale.setAlphaF(0.18)
    painter.fillPath(area, pale)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(drawing.pen(ink.name(), 1.6))
    painter.drawPath(line)
