"""One sentence at the top of the window: what is wrong, or was, and what can be done about it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from ptt_desktop.icons import icon, pixmap
from ptt_desktop.theme import colours

# Implementation
SIGN = 20  # px


class Banner(QFrame):
    """Hidden while there is nothing to say. The cross takes the sentence away."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel()
        self._words = QLabel(wordWrap=True)
        self._words.setTextFormat(Qt.TextFormat.PlainText)
        self._deed = QPushButton()
        self._close = QToolButton(autoRaise=True)
        self._close.clicked.connect(self.clear)
        self._do: Callable[[], object] = lambda: None
        self._deed.clicked.connect(lambda: self._do())
        row = QHBoxLayout(self)
        row.addWidget(self._sign, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        row.addWidget(self._deed)
        row.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.retranslate()
        self._paint_signs()
        self.clear()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._paint_signs()

    def _paint_signs(self) -> None:
        self._sign.setPixmap(pixmap("warning", SIGN, self.devicePixelRatioF(), colours().refused))
        self._close.setIcon(icon("close", colours().soft_text))

    def retranslate(self) -> None:
        """The name of the cross, after the language changed."""
        self._close.setAccessibleName(self.tr("Take this sentence away"))
        self._close.setToolTip(self._close.accessibleName())

    @property
    def sentence(self) -> str:
        """What stands there."""
        return self._words.text()

    def say(self, sentence: str, deed: str = "", do: Callable[[], object] = lambda: None) -> None:
        """Show it, with a button if there is a deed."""
        if sentence == self.sentence and deed == self._deed.text():
            return
        self._words.setText(sentence)
        self._words.setAccessibleName(sentence)
        self._deed.setText(deed)
        self._deed.setVisible(bool(deed))
        self._do = do
        self.show()

    def clear(self) -> None:
        """There is nothing to say any more."""
        self._words.setText("")
        self.hide()
