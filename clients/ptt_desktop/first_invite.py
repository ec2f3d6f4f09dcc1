"""The first step: the invite link, and what this device is called at the server."""

import platform
from functools import partial

import trio
from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QWidget

from ptt.client.credentials import Credential, save_credential
from ptt.client.enrolment import enrol
from ptt.errors import PttError
from ptt.security.invitations import InviteLink
from ptt_desktop.sentences import translated
from ptt_desktop.tasks import Tasks


class InviteStep(QWidget):
    """`enrolled` with the credential, which is saved by then; `judged` when `is_ready` may have
    changed: whether there is a link to join by."""

    enrolled = Signal(object)
    judged = Signal()

    def __init__(self, tasks: Tasks) -> None:
        super().__init__()
        self._tasks = tasks
        self._link = QLineEdit(clearButtonEnabled=True)
        self._link.textChanged.connect(self._judge)
        self._paste = QPushButton()
        self._paste.clicked.connect(self._take_clipboard)
        self._name = QLineEdit(platform.node())
        self.is_ready = False
        self._link.returnPressed.connect(self.join)
        self._said = QLabel(wordWrap=True)
        self._words = QLabel(wordWrap=True)
        self._link_label, self._name_label = QLabel(), QLabel()
        self._build()
        self.retranslate()
        self._judge()

    def _build(self) -> None:
        line = QHBoxLayout()
        line.addWidget(self._link, 1)
        line.addWidget(self._paste)
        form = QFormLayout(self)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapAllRows)
        form.addRow(self._words)
        form.addRow(self._link_label, line)
        form.addRow(self._name_label, self._name)
        form.addRow(self._said)
        self._link_label.setBuddy(self._link)
        self._name_label.setBuddy(self._name)

    def retranslate(self) -> None:
        """All texts anew."""
        self._words.setText(
            self.tr("Whoever runs the server gives you an invite: a link that begins with ptt://")
        )
        self._link_label.setText(self.tr("&Invite link"))
        self._name_label.setText(self.tr("&Name of this device"))
        self._link.setPlaceholderText("ptt://…")
        self._paste.setText(self.tr("&Paste"))

    def use_link(self, link: str) -> None:
        """This invite, which somebody opened."""
        self._link.setText(link)
        self._link.setFocus()

    def join(self) -> None:
        """Ask the server, unless the link is none."""
        if self.is_ready:
            self._set_ready(False)
            self._said.setText(self.tr("Asking the server …"))
            self._tasks.start(partial(self._enrol, self._link.text().strip(), self._name.text()))

    async def _enrol(self, link: str, name: str) -> None:
        try:
            credential: Credential = await enrol(link, name)
            await trio.to_thread.run_sync(save_credential, credential)
        except PttError as error:
            self._said.setText(translated(str(error)))
            self._set_ready(True)
            return
        self._said.setText("")
        self._link.clear()
        self.enrolled.emit(credential)

    def _judge(self) -> None:
        """Say at once what is wrong with the link."""
        link = self._link.text().strip()
        sentence = ""
        if link:
            try:
                InviteLink.parse(link)
            except PttError as error:
                sentence = translated(str(error))
        self._said.setText(sentence)
        self._set_ready(bool(link) and not sentence)

    def _set_ready(self, ready: bool) -> None:
        self.is_ready = ready
        self.judged.emit()

    def _take_clipboard(self) -> None:
        self._link.setText(QGuiApplication.clipboard().text().strip())
