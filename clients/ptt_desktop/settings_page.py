"""The settings: what people change, in groups; each preference holds as soon as it is changed."""

from collections.abc import Callable, Iterable, Mapping

from PySide6.QtWidgets import QFrame, QGroupBox, QScrollArea, QVBoxLayout, QWidget

from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.settings_groups import (
    FileGroup,
    KeysGroup,
    PeopleGroup,
    TonesGroup,
    VoiceGroup,
    WindowGroup,
)
from ptt_desktop.sound_choice import SoundChoice
from ptt_desktop.tasks import Tasks


class SettingsPage(QScrollArea):
    """`languages`: codes and names; the two others ask and say whether ptt starts by itself."""

    def __init__(
        self,
        store: PreferencesStore,
        tasks: Tasks,
        languages: Mapping[str, str],
        autostarts: Callable[[], bool],
        set_autostart: Callable[[bool], object],
    ) -> None:
        super().__init__(widgetResizable=True)
        self._store = store
        self._tasks = tasks
        self._languages = languages
        self._autostarts, self._set_autostart = autostarts, set_autostart
        self._people: PeopleGroup | None = None
        self._present: frozenset[str] = frozenset()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.retranslate()

    def retranslate(self) -> None:
        """Build all of it in the present language."""
        at = self.verticalScrollBar().value()
        whole = QWidget()
        column = QVBoxLayout(whole)
        for group in self._groups():
            column.addWidget(group)
        column.addStretch()
        self.setWidget(whole)
        self._show_people()
        self.verticalScrollBar().setValue(at)

    def _groups(self) -> list[QWidget]:
        store = self._store
        self._people = PeopleGroup(store)
        window = WindowGroup(store, self._languages, self._autostarts, self._set_autostart)
        return [
            self._sound(),
            KeysGroup(store),
            VoiceGroup(store),
            TonesGroup(store),
            self._people,
            window,
            FileGroup(store),
        ]

    def _sound(self) -> QGroupBox:
        group = QGroupBox(self.tr("Sound"))
        column = QVBoxLayout(group)
        column.addWidget(SoundChoice(self._store, self._tasks))
        return group

    def show_people(self, names: Iterable[str]) -> None:
        """Who is in the channels, so that they can be made louder or softer."""
        present = frozenset(names)
        if present != self._present:
            self._present = present
            self._show_people()

    def _show_people(self) -> None:
        volumes = self._store.preferences.hearing.volumes
        names = sorted(self._present | set(volumes), key=str.casefold)
        if self._people is not None:
            self._people.show_people({name: volumes.get(name, 0.0) for name in names})
