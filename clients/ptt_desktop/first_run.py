"""The first minute: an invite, the devices, the key, and hearing oneself; one step a page.

    invite -> devices -> key or voice -> hear yourself -> done

Nothing is modal, each step can be skipped, and all of it but the invite stands in the settings.
"""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ptt_desktop.first_invite import InviteStep
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.tasks import Tasks


class FirstRun(QWidget):
    """`begin` shows the first step; `finished` when the last was left."""

    enrolled = Signal(object)
    finished = Signal()

    def __init__(self, store: PreferencesStore, tasks: Tasks) -> None:
        super().__init__()
        self.invite = InviteStep(tasks)
        self._steps: list[QWidget] = [self.invite]
        self._stack = QStackedWidget()
        for step in self._steps:
            self._stack.addWidget(step)
        column = QVBoxLayout(self)
        column.addWidget(self._stack)
        self.invite.enrolled.connect(self.enrolled)
        self.invite.enrolled.connect(lambda _: self.finished.emit())

    def begin(self, link: str = "") -> None:
        """From the first step on, with this invite if there is one."""
        self._stack.setCurrentIndex(0)
        if link:
            self.invite.use_link(link)
