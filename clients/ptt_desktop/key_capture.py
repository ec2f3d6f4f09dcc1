"""A field that takes a key by its being pressed: key, combination, lone modifier or button."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QPushButton, QWidget

from ptt_desktop.key_names import key_name, mouse_name, with_modifiers

_MODIFIERS = ("ctrl", "alt", "shift", "cmd")


class KeyCapture(QPushButton):
    """Press it, then the key. `captured` with its name as in the preferences; Escape gives up."""

    captured = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ""
        self._waits = False
        self._modifier = ""
        self.clicked.connect(self._begin)

    def show_words(self, words: str) -> None:
        """What stands on it while it waits for nothing."""
        self._words = words
        if not self._waits:
            self._say(words)

    def _begin(self) -> None:
        self._waits, self._modifier = True, ""
        self._say(self.tr("Press the key now (Esc: leave it)"))
        self.grabKeyboard()
        self.grabMouse()

    def _end(self, name: str = "") -> None:
        if self._waits:
            self._waits = False
            self.releaseKeyboard()
            self.releaseMouse()
            self._say(self._words)
            if name:
                self.captured.emit(name)

    def _say(self, words: str) -> None:
        self.setText(words)
        self.setAccessibleName(words)

    def event(self, event: QEvent) -> bool:
        if self._waits and isinstance(event, QKeyEvent):
            if event.type() == QEvent.Type.KeyPress and not event.isAutoRepeat():
                self._pressed(event)
            elif event.type() == QEvent.Type.KeyRelease and self._modifier:
                self._end(self._modifier)
            return True
        return super().event(event)

    def _pressed(self, event: QKeyEvent) -> None:
        name = key_name(event)
        if event.key() == Qt.Key.Key_Escape and not event.modifiers():
            self._end()
        elif name.startswith(_MODIFIERS):
            self._modifier = name  # alone if it comes up before another key goes down
        elif name:
            self._end(with_modifiers(name, event.modifiers()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = mouse_name(event.button())
        if not self._waits:
            super().mousePressEvent(event)
        elif name:
            self._end(name)
        elif not self.rect().contains(event.position().toPoint()):
            self._end()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._end()
