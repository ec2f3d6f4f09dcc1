"""The icon in the tray: what ptt does at present, and a menu with what is wanted in a hurry."""

from PySide6.QtCore import QObject, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ptt_desktop.desk_state import DeskState, Mode, mode
from ptt_desktop.icons import icon

# Implementation
NOTICE = 6000  # ms that a notification stays
_ICONS = {
    Mode.DISCONNECTED: "tray-disconnected",
    Mode.TALKING: "tray-talking",
    Mode.QUEUED: "tray-queued",
    Mode.LISTENING: "tray-listening",
    Mode.MUTED: "tray-muted",
    Mode.IDLE: "tray-idle",
}


class Tray(QObject):
    """Where the desktop has no tray nothing is seen, and `is_there` is false."""

    show_wanted = Signal()
    mute_wanted = Signal(bool)
    away_wanted = Signal(bool)
    channel_chosen = Signal(str)
    quit_wanted = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = QSystemTrayIcon(icon(_ICONS[Mode.DISCONNECTED]), self)
        self._menu = QMenu()
        self._show = self._menu.addAction("")
        self._show.triggered.connect(self.show_wanted)
        self._channels = self._menu.addMenu("")
        self._group = QActionGroup(self)
        self._mute = self._toggle(self.mute_wanted)
        self._away = self._toggle(self.away_wanted)
        self._menu.addSeparator()
        self._quit = self._menu.addAction("")
        self._quit.triggered.connect(self.quit_wanted)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activated)
        self._shown: tuple[object, ...] = ()
        self.retranslate()
        self._icon.show()

    @property
    def is_there(self) -> bool:
        """Whether somebody can see it."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def retranslate(self) -> None:
        """All texts anew, after the language changed."""
        self._show.setText(self.tr("Show the window"))
        self._channels.setTitle(self.tr("Talk in"))
        self._mute.setText(self.tr("Mute everything"))
        self._away.setText(self.tr("I am away"))
        self._quit.setText(self.tr("Quit"))
        self._shown = ()

    def show_desk(self, desk: DeskState, muted: frozenset[str], *, away: bool) -> None:
        """The present state; only what is new is drawn."""
        now = mode(desk, muted)
        shown = (now, desk.names, desk.chosen, desk.floor.talker, muted, away)
        if shown == self._shown:
            return
        self._shown = shown
        self._icon.setIcon(icon(_ICONS[now]))
        self._icon.setToolTip(self._words(now, desk))
        self._mute.setChecked(bool(desk.names) and muted >= set(desk.names))
        self._away.setChecked(away)
        self._show_channels(desk)

    def notify(self, title: str, sentence: str) -> None:
        """A notification of the desktop."""
        self._icon.showMessage(title, sentence, QSystemTrayIcon.MessageIcon.NoIcon, NOTICE)

    def hide(self) -> None:
        """The program ends."""
        self._icon.hide()

    def _toggle(self, wanted: SignalInstance) -> QAction:
        action = QAction(self._menu, checkable=True)
        action.triggered.connect(wanted)
        self._menu.addAction(action)
        return action

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.show_wanted.emit()

    def _show_channels(self, desk: DeskState) -> None:
        self._channels.clear()
        for name in desk.names:
            action = QAction(name, self._channels, checkable=True, checked=name == desk.chosen)
            action.triggered.connect(lambda _, name=name: self.channel_chosen.emit(name))
            self._group.addAction(action)
            self._channels.addAction(action)
        self._channels.setEnabled(bool(desk.names))

    def _words(self, now: Mode, desk: DeskState) -> str:
        floor = desk.floor
        words = {
            Mode.DISCONNECTED: self.tr("ptt: not connected"),
            Mode.TALKING: self.tr("ptt: you talk in {channel}"),
            Mode.QUEUED: self.tr("ptt: you wait for the floor of {channel}"),
            Mode.LISTENING: self.tr("ptt: {talker} talks"),
            Mode.MUTED: self.tr("ptt: everything is muted"),
            Mode.IDLE: self.tr("ptt: nobody talks"),
        }
        talker = floor.talker or next((one.talker for one in desk.channels if one.talker), "")
        return words[now].format(channel=floor.channel, talker=talker)
