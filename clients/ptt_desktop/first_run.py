"""The first minute: an invite, the devices, the key; one step a page.

    invite -> sound, and hear yourself -> key or voice -> done

Nothing is modal, each step can be skipped, and all of it can be found again.
"""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ptt_desktop.first_invite import InviteStep
from ptt_desktop.first_key import KeyStep
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.sound_choice import SoundChoice
from ptt_desktop.tasks import Tasks

# Implementation
LARGER = 1.4  # of a heading


class FirstRun(QWidget):
    """`begin` shows the first step; `finished` when the last was left."""

    enrolled = Signal(object)
    finished = Signal()

    def __init__(self, store: PreferencesStore, tasks: Tasks) -> None:
        super().__init__()
        self.invite = InviteStep(tasks)
        self.sound = SoundChoice(store, tasks)
        self.key = KeyStep(store)
        self._end = QLabel(wordWrap=True)
        self._end.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._steps: list[QWidget] = [self.invite, self.sound, self.key, self._end]
        self._heading, self._count = QLabel(wordWrap=True), QLabel()
        self._stack = QStackedWidget()
        self._back, self._skip, self._next = QPushButton(), QPushButton(), QPushButton()
        self._back.clicked.connect(lambda: self._go(self._stack.currentIndex() - 1))
        self._skip.clicked.connect(self._forward)
        self._next.clicked.connect(self._press_next)
        self.invite.judged.connect(lambda: self._show_buttons())
        self.invite.enrolled.connect(self.enrolled)
        self.invite.enrolled.connect(lambda _: self._forward())
        self._build()
        self.retranslate()

    def _build(self) -> None:
        font = self._heading.font()
        font.setPointSizeF(font.pointSizeF() * LARGER)
        font.setBold(True)
        self._heading.setFont(font)
        for step in self._steps:
            area = QScrollArea(widgetResizable=True)
            area.setFrameShape(QFrame.Shape.NoFrame)
            area.setWidget(step)
            self._stack.addWidget(area)
        self._next.setDefault(True)
        buttons = QHBoxLayout()
        for button in (self._back, self._skip, self._next):
            buttons.addWidget(button)
        column = QVBoxLayout(self)
        column.addWidget(self._count)
        column.addWidget(self._heading)
        column.addWidget(self._stack, 1)
        column.addLayout(buttons)

    def retranslate(self) -> None:
        """All texts anew."""
        self._back.setText(self.tr("&Back"))
        self._skip.setText(self.tr("&Skip"))
        self._end.setText(
            self.tr(
                "Hold the key, or the big button, and speak: what you say before the tone is kept "
                "and sent.\n\n"
                "All of this is also in the menu: Settings, What does not work?, and Join by an "
                "invite link."
            )
        )
        for step in (self.invite, self.sound, self.key):
            step.retranslate()
        self._go(self._stack.currentIndex())

    def begin(self, link: str = "") -> None:
        """From the first step on, with this invite if there is one."""
        self._go(0)
        if link:
            self.invite.use_link(link)

    def _go(self, step: int) -> None:
        self._stack.setCurrentIndex(step)
        titles = (
            self.tr("Join a server"),
            self.tr("Microphone and loudspeaker"),
            self.tr("How you talk"),
            self.tr("Done"),
        )
        self._heading.setText(titles[step])
        counted = self.tr("{step} of {steps}")
        self._count.setText(counted.format(step=step + 1, steps=len(self._steps)))
        self._show_buttons()

    def _show_buttons(self) -> None:
        step, last = self._stack.currentIndex(), len(self._steps) - 1
        self._back.setEnabled(step > 0)
        self._skip.setVisible(step < last)
        joins = step == 0
        words = self.tr("&Join") if joins else self.tr("&Next")
        self._next.setText(self.tr("&Start") if step == last else words)
        self._next.setEnabled(not joins or self.invite.is_ready)

    def _press_next(self) -> None:
        if self._stack.currentIndex() == 0:
            self.invite.join()
        else:
            self._forward()

    def _forward(self) -> None:
        step = self._stack.currentIndex() + 1
        if step < len(self._steps):
            self._go(step)
        else:
            self.finished.emit()
