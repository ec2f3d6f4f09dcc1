"""The big key: what holds it down, and how that ends.

    mouse, finger, Space or Return --> _down --first--> pushed
                                             --last---> let_go(True)
    focus, window or picture gone ---------> empty ---> let_go(False)

Does not talk: whoever listens asks for the floor. What it shows is told by `show_state`.
"""

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QEventPoint, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QTouchEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ptt_desktop.announcement import announce
from ptt_desktop.talk_button_look import Face, KeyState, least_size, paint

__all__ = ["KeyState", "TalkButton"]

KEYS = frozenset({Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter})

# After any of these the end of what holds the key down may never arrive.
LOST = frozenset(
    {
        QEvent.Type.FocusOut,
        QEvent.Type.Hide,
        QEvent.Type.WindowDeactivate,
        QEvent.Type.WindowBlocked,
        QEvent.Type.DeferredDelete,
    }
)
MOUSE, FINGER = "mouse", "finger"


class TalkButton(QAbstractButton):
    """Emits `pushed` and `let_go` strictly in turn, `pushed` first.

    let_go(by_hand): False if the hand's own end was not seen, so that nobody takes a push that was
    cut short for a tap. While UNAVAILABLE it cannot be pushed; what is held stays held.
    """

    pushed = Signal()
    let_go = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._face = Face()
        self._down: set[str] = set()
        self._finger = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)  # shows moves without a button too: see mouseMoveEvent
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)
        self.clicked.connect(self._tap)  # by a screen reader alone: mouse and keys end above

    @property
    def held(self) -> bool:
        """Whether anything holds the key down."""
        return bool(self._down)

    def show_state(self, state: KeyState, text: str, detail: str = "") -> None:
        """Show it; a screen reader is told at once when the state or the text is another."""
        shown = replace(self._face, state=state, text=text, detail=detail)
        if shown == self._face:
            return
        news = (state, text) != (self._face.state, self._face.text)
        self._face = shown
        self.setAccessibleName(text)
        self.setAccessibleDescription(detail)
        if news:
            announce(self, f"{text}. {detail}" if detail else text)
        self.update()

    # What holds it down

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._press(MOUSE)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        # The key stays down wherever the mouse goes, but its release went to somebody else.
        if not event.buttons() & Qt.MouseButton.LeftButton:
            self._lose(MOUSE)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() is Qt.MouseButton.LeftButton:
            self._release(MOUSE)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() not in KEYS:
            super().keyPressEvent(event)
        elif not event.isAutoRepeat():
            self._press(f"key {event.key()}")

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() not in KEYS:
            super().keyReleaseEvent(event)
        elif not event.isAutoRepeat():
            self._release(f"key {event.key()}")

    def event(self, event: QEvent) -> bool:
        disabled = event.type() is QEvent.Type.EnabledChange and not self.isEnabled()
        if disabled or event.type() in LOST:
            self._lose(*self._down)
        elif isinstance(event, QTouchEvent):
            self._touched(event)
            return True
        return super().event(event)

    def _touched(self, event: QTouchEvent) -> None:
        """The first finger counts, until it is up; others may rest beside it."""
        if event.type() is QEvent.Type.TouchCancel:
            self._lose(FINGER)
        for point in event.points():
            match point.state():
                case QEventPoint.State.Pressed if FINGER not in self._down:
                    self._finger = point.id()
                    self._press(FINGER)
                case QEventPoint.State.Released if point.id() == self._finger:
                    self._release(FINGER)
                case _:
                    pass

    # How that ends

    def _tap(self) -> None:
        self._press("tap")
        self._release("tap")

    def _press(self, source: str) -> None:
        unavailable = self._face.state is KeyState.UNAVAILABLE or not self.isVisible()
        if unavailable or source in self._down:
            return
        first = not self._down
        self._down.add(source)
        if first:
            self._show_held()
            self.pushed.emit()

    def _release(self, source: str, *, by_hand: bool = True) -> None:
        if source not in self._down:
            return
        self._down.discard(source)
        if not self._down:
            self._show_held()
            self.let_go.emit(by_hand)

    def _lose(self, *sources: str) -> None:
        for source in sources:
            self._release(source, by_hand=False)

    # How it looks

    def _show_held(self) -> None:
        self.setDown(self.held)
        self.update()

    def minimumSizeHint(self) -> QSize:
        return least_size(self.font())

    def sizeHint(self) -> QSize:
        return least_size(self.font())

    def paintEvent(self, event: QPaintEvent) -> None:
        face = replace(
            self._face, held=self.held, hovered=self.underMouse(), focused=self.hasFocus()
        )
        paint(QPainter(self), self.rect(), self.font(), face)
