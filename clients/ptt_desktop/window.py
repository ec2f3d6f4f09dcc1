"""The window: one page at a time, and what is always reachable from it.

    talk page | first run | settings | doctor

Closing it leaves the program in the tray where there is one, so that a call is still heard.
"""

from collections.abc import Callable
from enum import Enum, auto

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QCloseEvent, QHideEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ptt_desktop.banner import Banner
from ptt_desktop.desk_state import DeskState
from ptt_desktop.icons import icon
from ptt_desktop.theme import colours

# Implementation
SIZE = 400, 680  # px at 100 %
LEAST = 320, 480


class Page(Enum):
    """What the window can show."""

    TALK = auto()
    FIRST_RUN = auto()
    SETTINGS = auto()
    DOCTOR = auto()


class Window(QMainWindow):
    """`hides_on_close`: whether closing leaves the program running, asked each time."""

    quit_wanted = Signal()
    mute_wanted = Signal(bool)
    away_wanted = Signal(bool)
    seen_changed = Signal(bool)

    def __init__(self, hides_on_close: Callable[[], bool]) -> None:
        super().__init__()
        self._hides_on_close = hides_on_close
        self._pages: dict[Page, QWidget] = {}
        self.banner = Banner()
        self._where = QLabel()
        self._where.setTextFormat(Qt.TextFormat.PlainText)
        self._back = QToolButton(autoRaise=True)
        self._back.clicked.connect(lambda: self.open(Page.TALK))
        self._menu_button = QToolButton(autoRaise=True)
        self._menu_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._stack = QStackedWidget()
        self._build()
        self._make_menu()
        self.setWindowIcon(icon("ptt"))
        self.resize(*SIZE)
        self.setMinimumSize(*LEAST)
        self.retranslate()

    def _build(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self._back)
        top.addWidget(self._where, 1)
        top.addWidget(self._menu_button)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.addLayout(top)
        column.addWidget(self.banner)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(whole)

    def _make_menu(self) -> None:
        menu = QMenu(self)
        self._settings = self._action(menu, "settings", "Ctrl+,", lambda: self.open(Page.SETTINGS))
        self._doctor = self._action(menu, "doctor", "Ctrl+D", lambda: self.open(Page.DOCTOR))
        self._join = self._action(menu, "channel", "Ctrl+J", lambda: self.open(Page.FIRST_RUN))
        menu.addSeparator()
        self._mute = self._action(menu, "loudspeaker-off", "Ctrl+M", None)
        self._mute.setCheckable(True)
        self._mute.triggered.connect(self.mute_wanted)
        self._away = self._action(menu, "away", "Ctrl+W", None)
        self._away.setCheckable(True)
        self._away.triggered.connect(self.away_wanted)
        menu.addSeparator()
        self._quit = self._action(menu, "leave", "Ctrl+Q", self.quit_wanted.emit)
        self._menu_button.setMenu(menu)

    def _action(
        self, menu: QMenu, name: str, keys: str, do: Callable[[], object] | None
    ) -> QAction:
        action = QAction(self)
        action.setProperty("sign", name)
        action.setShortcut(QKeySequence(keys))
        if do is not None:
            action.triggered.connect(lambda _: do())
        menu.addAction(action)
        self.addAction(action)  # so that the keys work while the menu is closed
        return action

    def retranslate(self) -> None:
        """All texts of the frame anew."""
        self._settings.setText(self.tr("Settings"))
        self._doctor.setText(self.tr("What does not work?"))
        self._join.setText(self.tr("Join by an invite link"))
        self._mute.setText(self.tr("Mute everything"))
        self._away.setText(self.tr("I am away"))
        self._quit.setText(self.tr("Quit"))
        self._back.setText(self.tr("Back"))
        self._menu_button.setText(self.tr("Menu"))
        for button in (self._back, self._menu_button):
            button.setAccessibleName(button.text())
            button.setToolTip(button.text())
        self._paint_signs()

    def _paint_signs(self) -> None:
        soft = colours().text
        for action in self.actions():
            action.setIcon(icon(str(action.property("sign")), soft))
        self._back.setIcon(icon("back", soft))
        self._menu_button.setIcon(icon("menu", soft))

    # pages

    def add_page(self, page: Page, widget: QWidget) -> None:
        """What is shown as this page."""
        self._pages[page] = widget
        self._stack.addWidget(widget)

    def open(self, page: Page) -> None:
        """Show this page; pages that were never added stay away."""
        if page in self._pages:
            self._stack.setCurrentWidget(self._pages[page])
            self._back.setVisible(page is not Page.TALK)

    @property
    def page(self) -> Page:
        """The one that is shown."""
        shown = self._stack.currentWidget()
        return next(page for page, widget in self._pages.items() if widget is shown)

    # what is shown on each page

    def show_desk(self, desk: DeskState, *, muted: bool, away: bool) -> None:
        """Title, place and ticks."""
        self.setWindowTitle(self._title(desk))
        self._where.setText(self._place(desk))
        self._mute.setChecked(muted)
        self._away.setChecked(away)

    def _title(self, desk: DeskState) -> str:
        floor = desk.floor
        if not desk.connected:
            return self.tr("ptt: not connected")
        if floor.talker is None:
            return self.tr("ptt: {channel}").format(channel=floor.channel)
        words = self.tr("ptt: {talker} talks in {channel}")
        return words.format(talker=floor.talker, channel=floor.channel)

    def _place(self, desk: DeskState) -> str:
        if not desk.person:
            return ""
        if not desk.connected:
            return self.tr("{person}, looking for {server} …").format(
                person=desk.person, server=desk.server
            )
        return self.tr("{person} at {server}").format(person=desk.person, server=desk.server)

    # the frame

    def bring_up(self) -> None:
        """Show it in front of the others."""
        self.show()
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Into the tray, or out."""
        event.ignore()
        if self._hides_on_close():
            self.hide()
        else:
            self.quit_wanted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Somebody sees it."""
        super().showEvent(event)
        self.seen_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Nobody does."""
        super().hideEvent(event)
        self.seen_changed.emit(False)

    def changeEvent(self, event: QEvent) -> None:
        """Another language or other colours."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self._paint_signs()
