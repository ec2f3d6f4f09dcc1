"""Signs follow the colours while the window is up, also those of what does not change otherwise."""

import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QIcon, QImage
from PySide6.QtWidgets import QApplication, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from ptt_desk.channel_state import State
from ptt_desktop.banner import Banner
from ptt_desktop.channels_view import ChannelsView
from ptt_desktop.floor_panel import FloorPanel
from ptt_desktop.theme import apply


def picture(icon: QIcon) -> QImage:
    return icon.pixmap(QSize(16, 16)).toImage()


def people(qtbot: QtBot) -> ChannelsView:
    view = ChannelsView()
    qtbot.addWidget(view)
    view.show_channels([State("Everyone", joined=True, members=("Anna",))], "Everyone")
    return view


def icons(widget: QWidget) -> list[QIcon]:
    if isinstance(widget, ChannelsView):
        row = widget.topLevelItem(0)
        return [row.icon(0), row.child(0).icon(0)]
    buttons = [*widget.findChildren(QPushButton), *widget.findChildren(QToolButton)]
    return [button.icon() for button in buttons if not button.icon().isNull()]


@pytest.mark.parametrize("kind", [people, FloorPanel, Banner])
def test_signs_follow_the_colours(qtbot: QtBot, qapp: QApplication, kind: object) -> None:
    apply(qapp, "light")
    widget = kind(qtbot) if kind is people else kind()  # type: ignore[operator]
    qtbot.addWidget(widget)
    widget.show()
    before = [picture(icon) for icon in icons(widget)]

    apply(qapp, "dark")
    qapp.processEvents()

    after = [picture(icon) for icon in icons(widget)]
    assert before
    assert all(one != other for one, other in zip(before, after, strict=True))
    apply(qapp, "system")


def test_the_sign_of_a_chosen_row_differs_from_its_ground(qtbot: QtBot, qapp: QApplication) -> None:
    apply(qapp, "light")
    icon = icons(people(qtbot))[0]

    chosen = icon.pixmap(QSize(16, 16), QIcon.Mode.Selected).toImage()

    assert chosen != picture(icon)
