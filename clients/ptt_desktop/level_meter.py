"""The microphone's level, and on it the mark from which on a voice is taken for one.

    -80 |=========:::::|::::        '          | 0 dBFS
              level    threshold    peak

To Qt and to screen readers it is a slider, whose value is the threshold in whole dB.
"""

import time
from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy, QWidget

from ptt_desktop import level_scale
from ptt_desktop.level_meter_look import Reading, least_size, paint, track
from ptt_desktop.level_scale import FallingPeak

# Implementation
GRIP = 10  # pixels on either side of the mark that take hold of it
STEP, PAGE = 1, 6  # dB


class LevelMeter(QAbstractSlider):
    """Emits `threshold_chosen` (dBFS) when a person moved the mark, not when it was told."""

    threshold_chosen = Signal(float)

    def __init__(
        self, parent: QWidget | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self._clock = clock
        self._peak = FallingPeak()
        self._level, self._peak_level = float(level_scale.LOWEST), float(level_scale.LOWEST)
        self._threshold: float | None = None
        self._open = False
        self._grip = 0.0  # from the mark to where the mouse took hold of it
        self._painted: Reading | None = None
        self.setOrientation(Qt.Orientation.Horizontal)
        self.setRange(level_scale.LOWEST, level_scale.HIGHEST)
        self.setSingleStep(STEP)
        self.setPageStep(PAGE)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("Microphone level"))
        self._show_words()
        self.valueChanged.connect(self._choose)

    def show_level(self, dbfs: float, threshold: float | None, open_: bool) -> None:
        """threshold: None if no voice is waited for; while it is dragged, the hand's is shown."""
        if not open_:
            dbfs = level_scale.LOWEST
        self._level, self._peak_level = dbfs, self._peak.shown(dbfs, self._clock())
        if threshold is None or not self.isSliderDown():
            self._show_threshold(threshold)
        if open_ is not self._open:
            self._open = open_
            self._show_words()
        self._repaint()

    def _show_threshold(self, threshold: float | None) -> None:
        if threshold == self._threshold:
            return
        if (threshold is None) is not (self._threshold is None):
            self._let_focus(threshold is not None)
        self._threshold = threshold
        if threshold is not None:
            with QSignalBlocker(self):
                self.setValue(round(threshold))
        self._show_words()

    def _let_focus(self, wanted: bool) -> None:
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if wanted else Qt.FocusPolicy.NoFocus)
        if not wanted:
            self.setSliderDown(False)
            self.unsetCursor()

    def _show_words(self) -> None:
        """For screen readers; the level itself would never let them come to an end."""
        word = self.tr("The microphone is open.") if self._open else self.tr("Microphone closed")
        if self._threshold is not None:
            word += " " + self.tr("The value is the level from which on a voice is heard.")
        self.setAccessibleDescription(word)

    # The hand

    def _choose(self, value: int) -> None:
        """Whatever moved the slider: mouse, keys, a screen reader."""
        if self._threshold is not None:
            self._threshold = float(value)
            self.threshold_chosen.emit(self._threshold)
            self._repaint()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        distance = self._from_mark(event)
        if distance is None or event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._grip = distance
        self.setSliderDown(True)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            at = track(self.rect(), self.font())
            place = event.position().x() - self._grip - at.left()
            self.setValue(round(level_scale.level(place, at.width())))
        elif self._from_mark(event) is not None:
            self.setCursor(Qt.CursorShape.SplitHCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()  # who scrolls past it has not chosen anything

    def _from_mark(self, event: QMouseEvent) -> float | None:
        """How far right of the mark, if near enough to take hold of it."""
        if self._threshold is None:
            return None
        at = track(self.rect(), self.font())
        mark = at.left() + level_scale.place(self._threshold, at.width())
        distance = event.position().x() - mark
        return distance if abs(distance) <= GRIP else None

    # How it looks

    def _reading(self) -> Reading:
        """In pixels of the screen: what is equal there looks equal."""
        at, ratio = track(self.rect(), self.font()), self.devicePixelRatioF()

        def pixels(dbfs: float) -> int:
            return round(level_scale.place(dbfs, at.width()) * ratio)

        threshold = None if self._threshold is None else pixels(self._threshold)
        return Reading(pixels(self._level), pixels(self._peak_level), threshold, self._open)

    def _repaint(self) -> None:
        if self._reading() != self._painted:
            self.update()

    def minimumSizeHint(self) -> QSize:
        return least_size(self.font())

    def sizeHint(self) -> QSize:
        return least_size(self.font())

    def paintEvent(self, event: QPaintEvent) -> None:
        self._painted = self._reading()
        closed = self.tr("Microphone closed")
        paint(QPainter(self), self.rect(), self.font(), self._painted, closed, self.hasFocus())
