"""What works here and what does not, as `ptt doctor` finds it; a button where one can mend it."""

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPixmap, QShowEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ptt_desk.checks.examination import Wishes, examine
from ptt_desk.checks.finding import Finding, Verdict
from ptt_desktop.icons import pixmap
from ptt_desktop.mending import Remedy, remedy
from ptt_desktop.sentences import translated
from ptt_desktop.tasks import Tasks
from ptt_desktop.theme import colours

# Implementation
SIGN = 18  # px
_SIGNS = {
    Verdict.OK: "done",
    Verdict.WARNING: "warning",
    Verdict.PROBLEM: "emergency",
    Verdict.SKIPPED: "away",
}


class DoctorPage(QWidget):
    """Looks when it is opened, and again when it is asked to."""

    remedy_wanted = Signal(object)

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._busy = False
        self._again = QPushButton()
        self._again.clicked.connect(self.look)
        self._summary = QLabel(wordWrap=True)
        self._list = QWidget()
        self._rows = QGridLayout(self._list)
        self._rows.setColumnStretch(1, 1)
        self._rows.setAlignment(Qt.AlignmentFlag.AlignTop)
        area = QScrollArea(widgetResizable=True)
        area.setWidget(self._list)
        column = QVBoxLayout(self)
        column.addWidget(self._summary)
        column.addWidget(area, 1)
        column.addWidget(self._again)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts anew; findings with the next look."""
        self._again.setText(self.tr("&Look again"))

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody wants to know."""
        super().showEvent(event)
        self.look()

    def look(self) -> None:
        """Examine everything, unless that goes on already."""
        if not self._busy:
            self._busy = True
            self._again.setEnabled(False)
            self._summary.setText(self.tr("Looking …"))
            _empty(self._rows)
            self._tasks.start(self._examine)

    async def _examine(self) -> None:
        try:
            findings = await examine(Wishes(quick=True), self.show_finding)
            self._summary.setText(self._words(findings))
        finally:
            self._busy = False
            self._again.setEnabled(True)

    def _words(self, findings: list[Finding]) -> str:
        problems = sum(found.verdict is Verdict.PROBLEM for found in findings)
        warnings = sum(found.verdict is Verdict.WARNING for found in findings)
        if not problems and not warnings:
            return self.tr("All is well.")
        counted = self.tr("Problems: {problems}, warnings: {warnings}.")
        return counted.format(problems=problems, warnings=warnings)

    def show_finding(self, finding: Finding) -> None:
        """One more line."""
        row = self._rows.rowCount()
        sign, words = QLabel(), QLabel(wordWrap=True)
        sign.setPixmap(self._sign(finding.verdict))
        sign.setAccessibleName(self._verdict(finding.verdict))
        words.setTextFormat(Qt.TextFormat.PlainText)
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        words.setText(f"{finding.name}: {translated(str(finding))}")
        words.setAccessibleName(f"{sign.accessibleName()}, {words.text()}")
        self._rows.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
        self._rows.addWidget(words, row, 1)
        self._add_remedy(finding, row + 1)

    def _add_remedy(self, finding: Finding, row: int) -> None:
        found = remedy(finding)
        if found is not None:
            button = QPushButton(self._deed(found))
            button.clicked.connect(partial(self.remedy_wanted.emit, found))
            self._rows.addWidget(button, row, 1, Qt.AlignmentFlag.AlignLeft)

    def _deed(self, found: Remedy) -> str:
        return {
            Remedy.JOIN: self.tr("Join by an invite"),
            Remedy.SYSTEM_DEVICES: self.tr("Use the system's devices"),
            Remedy.SET_ASIDE: self.tr("Begin with fresh preferences"),
            Remedy.CHOOSE_KEY: self.tr("Choose a key"),
        }[found]

    def _verdict(self, verdict: Verdict) -> str:
        return {
            Verdict.OK: self.tr("ok"),
            Verdict.WARNING: self.tr("warning"),
            Verdict.PROBLEM: self.tr("problem"),
            Verdict.SKIPPED: self.tr("skipped"),
        }[verdict]

    def _sign(self, verdict: Verdict) -> QPixmap:
        found = colours()
        ink = {Verdict.OK: found.talking, Verdict.WARNING: found.waiting}
        colour = ink.get(verdict, found.refused if verdict is Verdict.PROBLEM else found.soft_text)
        return pixmap(_SIGNS[verdict], SIGN, self.devicePixelRatioF(), colour)


def _empty(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.deleteLater()
