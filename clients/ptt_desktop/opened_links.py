"""Links that the system hands to the running program as an event of Qt, as macOS does."""

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QFileOpenEvent, QGuiApplication

from ptt_desktop.links import SCHEME


class OpenedLinks(QObject):
    """Tells of each link of ours."""

    opened = Signal(str)

    def __init__(self, app: QGuiApplication) -> None:
        super().__init__(app)
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's name."""
        if isinstance(event, QFileOpenEvent) and event.url().scheme() == SCHEME:
            self.opened.emit(event.url().toString())
            return True
        return super().eventFilter(watched, event)
