"""The channels, and in each the people who are there; where the key talks is the chosen one.

A tick before a channel: to be in it. The menu of a row (right button, menu key) has the rest.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QIcon
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QWidget

from ptt_desk.channel_state import State
from ptt_desktop.icons import icon
from ptt_desktop.people import Doing, PersonRow, people
from ptt_desktop.theme import colours

# Implementation
NAME, STATE = 0, 1  # columns
VOLUMES = (6.0, 3.0, 0.0, -6.0, -12.0, -20.0)  # dB
_ROLE = Qt.ItemDataRole.UserRole

_ICONS = {
    Doing.TALKING: "talking",
    Doing.QUEUED: "queued",
    Doing.MUTED: "loudspeaker-off",
    Doing.AWAY: "away",
    Doing.HERE: "person",
}


class ChannelsView(QTreeWidget):
    """`show_channels` as often as something happens: only what is new is drawn."""

    chosen = Signal(str)  # a channel
    joined = Signal(str, bool)  # a channel: to be in it or not
    muted = Signal(str, bool)  # a channel: not to be heard or to be heard
    volume_chosen = Signal(str, float)  # a person's, dB

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, tuple[object, ...]] = {}
        self._muted: frozenset[str] = frozenset()
        self._volumes: dict[str, float] = {}
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.header().setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        self.header().setSectionResizeMode(STATE, QHeaderView.ResizeMode.ResizeToContents)
        self.header().setStretchLastSection(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._open_menu)
        self.currentItemChanged.connect(self._choose)
        self.itemChanged.connect(self._tick)
        self.retranslate()

    def use(self, muted: Iterable[str], volumes: Mapping[str, float]) -> None:
        """What the person chose: channels that are not heard, loudness of people in dB."""
        self._muted, self._volumes = frozenset(muted), dict(volumes)
        self._shown.clear()

    def retranslate(self) -> None:
        """All texts anew, with the next picture."""
        self.setAccessibleName(self.tr("Channels and people"))
        self.clear()
        self._shown.clear()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            with QSignalBlocker(self):
                self._paint_signs()

    def _paint_signs(self) -> None:
        for row in self._rows():
            row.setIcon(NAME, self._channel_icon(muted=self._name(row) in self._muted))
            for item in _children(row):
                item.setIcon(NAME, _person_icon(item.data(STATE, _ROLE)))

    def show_channels(self, states: Sequence[State], chosen: str) -> None:
        """All of them, the chosen one marked."""
        with QSignalBlocker(self):
            if [self._name(row) for row in self._rows()] != [state.channel for state in states]:
                self._build(states)
            for row, state in zip(self._rows(), states, strict=True):
                self._show_channel(row, state, chosen=state.channel == chosen)

    def _rows(self) -> list[QTreeWidgetItem]:
        return _children(self.invisibleRootItem())

    @staticmethod
    def _name(item: QTreeWidgetItem) -> str:
        return str(item.data(NAME, _ROLE))

    def _build(self, states: Sequence[State]) -> None:
        self.clear()
        self._shown.clear()
        for state in states:
            row = QTreeWidgetItem(self, [state.channel, ""])
            row.setData(NAME, _ROLE, state.channel)
            row.setFlags(row.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            row.setExpanded(True)

    def _show_channel(self, row: QTreeWidgetItem, state: State, *, chosen: bool) -> None:
        rows = people(state)
        muted = state.channel in self._muted
        shown = (rows, state.joined, state.talker, muted, chosen, state.may_talk)
        if self._shown.get(state.channel) == shown:
            return
        self._shown[state.channel] = shown
        self._show_head(row, state, muted=muted, chosen=chosen)
        self._show_people(row, rows)

    def _show_head(self, row: QTreeWidgetItem, state: State, *, muted: bool, chosen: bool) -> None:
        font = row.font(NAME)
        font.setBold(chosen)
        row.setFont(NAME, font)
        row.setIcon(NAME, self._channel_icon(muted=muted))
        ticked = Qt.CheckState.Checked if state.joined else Qt.CheckState.Unchecked
        row.setCheckState(NAME, ticked)
        words = self._channel_words(state, muted=muted)
        row.setText(STATE, words)
        row.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, f"{state.channel}: {words}")
        row.setToolTip(NAME, self.tr("Ticked: you are in this channel and hear it."))
        current = self.currentItem()
        if chosen and (current is None or current.parent() is None):
            self.setCurrentItem(row)

    @staticmethod
    def _channel_icon(*, muted: bool) -> QIcon:
        return icon("loudspeaker-off" if muted else "channel", colours().soft_text)

    def _channel_words(self, state: State, *, muted: bool) -> str:
        if not state.joined:
            return self.tr("not joined")
        if muted:
            return self.tr("muted")
        if not state.may_talk:
            return self.tr("listen only")
        return self.tr("%n here", "", len(state.members))

    def _show_people(self, row: QTreeWidgetItem, rows: Sequence[PersonRow]) -> None:
        for item in _children(row)[len(rows) :]:
            row.removeChild(item)
        while row.childCount() < len(rows):
            QTreeWidgetItem(row)
        for item, person in zip(_children(row), rows, strict=True):
            self._show_person(item, person)

    def _show_person(self, item: QTreeWidgetItem, person: PersonRow) -> None:
        if item.data(NAME, _ROLE) == person.name and item.data(STATE, _ROLE) == person:
            return
        item.setData(NAME, _ROLE, person.name)
        item.setData(STATE, _ROLE, person)
        name = self.tr("{name} (you)").format(name=person.name) if person.me else person.name
        words = self._person_words(person)
        item.setText(NAME, name)
        item.setText(STATE, words)
        item.setIcon(NAME, _person_icon(person))
        spoken = f"{name}: {words}" if words else name
        item.setData(NAME, Qt.ItemDataRole.AccessibleTextRole, spoken)

    def _person_words(self, person: PersonRow) -> str:
        words = {
            Doing.TALKING: self.tr("talks"),
            Doing.QUEUED: self.tr("waits, place {place}").format(place=person.place),
            Doing.MUTED: self.tr("hears nothing"),
            Doing.AWAY: self.tr("away"),
            Doing.HERE: "",
        }
        return words[person.doing]

    # what the person does

    def _choose(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.chosen.emit(self._name(item.parent() or item))

    def _tick(self, item: QTreeWidgetItem, column: int) -> None:
        if item.parent() is None and column == NAME:
            self.joined.emit(self._name(item), item.checkState(NAME) == Qt.CheckState.Checked)

    def _open_menu(self, at: QPoint) -> None:
        item = self.itemAt(at) or self.currentItem()
        if item is not None:
            menu = self._channel_menu(item) if item.parent() is None else self._person_menu(item)
            menu.popup(self.viewport().mapToGlobal(at))

    def _channel_menu(self, item: QTreeWidgetItem) -> QMenu:
        name, menu = self._name(item), QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        joined = item.checkState(NAME) == Qt.CheckState.Checked
        _add(menu, self.tr("In this channel"), joined, partial(self.joined.emit, name))
        _add(menu, self.tr("Muted"), name in self._muted, partial(self.muted.emit, name))
        return menu

    def _person_menu(self, item: QTreeWidgetItem) -> QMenu:
        name, menu = self._name(item), QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        group = QActionGroup(menu)
        menu.addSection(self.tr("Volume of {name}").format(name=name))
        for volume in VOLUMES:
            words = self.tr("as it is") if volume == 0.0 else f"{volume:+.0f} dB"
            now = self._volumes.get(name, 0.0) == volume
            choose = partial(self._choose_volume, name, volume)
            group.addAction(_add(menu, words, now, choose))
        return menu

    def _choose_volume(self, name: str, volume: float, chosen: bool) -> None:
        if chosen:
            self.volume_chosen.emit(name, volume)


def _children(item: QTreeWidgetItem) -> list[QTreeWidgetItem]:
    found = (item.child(number) for number in range(item.childCount()))
    return [child for child in found if child is not None]


def _add(menu: QMenu, words: str, ticked: bool, toggled: Callable[[bool], object]) -> QAction:
    action = QAction(words, menu, checkable=True, checked=ticked)
    action.toggled.connect(toggled)
    menu.addAction(action)
    return action


def _person_icon(person: PersonRow) -> QIcon:
    return icon(_ICONS[person.doing], _colour(person.doing))


def _colour(doing: Doing) -> str:
    found = colours()
    return {Doing.TALKING: found.talking, Doing.QUEUED: found.waiting}.get(doing, found.soft_text)
