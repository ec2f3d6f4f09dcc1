"""The third step: key or hands-free, and whether the key arrives from any other window."""

from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QRadioButton, QVBoxLayout, QWidget

from ptt_desk.preferences import Preferences
from ptt_desktop.icons import pixmap
from ptt_desktop.key_capture import KeyCapture
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.theme import colours

# Implementation
SIGN = 24  # px


class KeyStep(QWidget):
    """`tried` while it is seen: keys are shown here instead of talking."""

    tried = Signal(bool)

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__()
        self._store = store
        self._by_key, self._by_voice = QRadioButton(), QRadioButton()
        self._by_key.clicked.connect(lambda: store.change("voice", hands_free=False))
        self._by_voice.clicked.connect(lambda: store.change("voice", hands_free=True))
        self._voice_hint, self._words = QLabel(wordWrap=True), QLabel(wordWrap=True)
        self._sign, self._heard = QLabel(), QLabel(wordWrap=True)
        self._other = KeyCapture()
        self._other.captured.connect(lambda name: store.change("keys", talk=(name,)))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for part in (self._by_key, self._words, self._sign, self._heard, self._other):
            column.addWidget(part)
        column.addSpacing(self.fontMetrics().height())
        column.addWidget(self._by_voice)
        column.addWidget(self._voice_hint)
        column.addStretch()
        store.changed.connect(self._show)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts anew."""
        self._by_key.setText(self.tr("Talk by &key"))
        self._by_voice.setText(self.tr("Talk hands-&free"))
        self._voice_hint.setText(
            self.tr("Speaking is enough. The microphone is open, and nobody hears you until then.")
        )
        self._other.show_words(self.tr("Take another key"))
        self._show(self._store.preferences)
        self.forget()

    def forget(self) -> None:
        """No key has arrived yet."""
        self._heard.setText(self.tr("Nothing yet."))
        self._sign.setPixmap(pixmap("asking", SIGN, self.devicePixelRatioF()))

    def note(self, way: str) -> None:
        """The key arrived, by this way."""
        self._heard.setText(
            self.tr("It arrived, whichever window you use ({way}).").format(way=way)
        )
        ratio = self.devicePixelRatioF()
        self._sign.setPixmap(pixmap("done", SIGN, ratio, colours().talking))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.forget()
        self.tried.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.tried.emit(False)

    def _show(self, held: Preferences) -> None:
        self._by_key.setChecked(not held.voice.hands_free)
        self._by_voice.setChecked(held.voice.hands_free)
        keys = ", ".join(held.keys.talk)
        self._words.setText(
            self.tr(
                "Press your key now: {keys}. If nothing arrives, the button in the window and "
                "`ptt press` still talk."
            ).format(keys=keys)
        )
