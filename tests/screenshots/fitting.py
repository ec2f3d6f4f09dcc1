"""Looks for what is cut and what overlaps in a window, as Qt itself measures texts."""

from collections.abc import Iterator
from itertools import combinations

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QPushButton,
    QRadioButton,
    QSplitterHandle,
    QStackedWidget,
    QToolButton,
    QWidget,
)

_WITH_TEXT = (QLabel, QPushButton, QCheckBox, QRadioButton, QToolButton)
_SLACK = 1  # pixel, of rounding


def unfitting(window: QWidget) -> Iterator[str]:
    """A sentence for each text that has less room than it needs, and each pair that overlaps."""
    for widget in window.findChildren(QWidget):
        if not widget.isVisibleTo(window) or widget.visibleRegion().isEmpty():
            continue
        if isinstance(widget, _WITH_TEXT) and _text(widget):
            yield from _cut(widget)
        yield from _overlaps(widget)
        yield from _sticking_out(widget, window)


def _text(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text()
    return ""


def _cut(widget: QWidget) -> Iterator[str]:
    needed = _needed(widget)
    has = widget.size()
    if needed.width() > has.width() + _SLACK or needed.height() > has.height() + _SLACK:
        yield (
            f"{type(widget).__name__} {_text(widget)!r} needs {needed.width()}x{needed.height()}"
            f" and has {has.width()}x{has.height()}"
        )


def _needed(widget: QWidget) -> QSize:
    if isinstance(widget, QLabel) and widget.wordWrap():
        longest = max(
            widget.fontMetrics().horizontalAdvance(word) for word in _text(widget).split()
        )
        return QSize(longest, widget.heightForWidth(widget.width()))
    return widget.minimumSizeHint() if isinstance(widget, QLabel) else widget.sizeHint()


def _overlaps(parent: QWidget) -> Iterator[str]:
    if isinstance(parent, QStackedWidget | QComboBox) or parent.layout() is None:
        return
    children = [
        child
        for child in parent.children()
        if isinstance(child, QWidget)
        and child.isVisible()
        and not child.isWindow()
        and not isinstance(child, QSplitterHandle)
    ]
    for one, other in combinations(children, 2):
        if one.geometry().intersects(other.geometry()):
            yield f"{_name(one)} and {_name(other)} overlap in {_name(parent)}"


def _sticking_out(widget: QWidget, window: QWidget) -> Iterator[str]:
    """Sideways: downwards may be scrolled."""
    if not isinstance(widget, QGroupBox | QLabel | QAbstractButton | QComboBox):
        return
    left = widget.mapTo(window, widget.rect().topLeft()).x()
    area = QRect(left, 0, widget.width(), 1)
    if area.left() < 0 or area.right() > window.width():
        yield f"{_name(widget)} sticks out of the window"


def _name(widget: QWidget) -> str:
    said = _text(widget) or widget.accessibleName()
    return f"{type(widget).__name__} {said!r}" if said else type(widget).__name__
