"""A screen reader is spoken to only where there is one."""

from collections.abc import Iterator

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ptt_desktop.announcement import announce


@pytest.fixture
def _listening() -> Iterator[None]:
    QAccessible.setActive(True)
    yield
    QAccessible.setActive(False)


@pytest.mark.usefixtures("_listening")
@pytest.mark.parametrize("sentence", ["Speak now.", ""])
def test_whatever_is_said_to_a_screen_reader_is_taken(qtbot: QtBot, sentence: str) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    announce(widget, sentence)

    assert QAccessible.isActive()


def test_without_a_screen_reader_nothing_is_said(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)

    announce(widget, "Speak now.")

    assert not QAccessible.isActive()
