"""The groups of the settings, each for one section of the preferences."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib.util import find_spec

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QPushButton, QWidget

from ptt.errors import PttError
from ptt_desk.preferences import TONES, Preferences
from ptt_desktop.key_capture import KeyCapture
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.settings_parts import DecibelSlider, Group
from ptt_devices.keys import KeyCombination


class KeysGroup(Group):
    """Which keys talk; several do."""

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__(store)
        self.setTitle(self.tr("Keys"))
        self._talk = QWidget()
        self._row = QHBoxLayout(self._talk)
        self._row.setContentsMargins(0, 0, 0, 0)
        self.add(self.tr("Keys to talk"), self._talk)
        another = KeyCapture()
        another.show_words(self.tr("Add a key to talk"))
        another.captured.connect(self._add_key)
        self.form.addRow(another)
        self._add_single(self.tr("Emergency"), "emergency")
        self._add_single(self.tr("Hear the last talk again"), "replay")
        self.add_number(self.tr("A tap is shorter than"), "keys", "latch_ms", (0, 1000), "ms")
        self.add_number(
            self.tr("Microphone stays open for"), "keys", "release_delay_ms", (0, 2000), "ms"
        )
        self.add_hint(self.tr("Hold a key to talk, or tap it once to talk and once to end."))
        self.follow(self._show_keys)

    def _add_single(self, words: str, key: str) -> None:
        capture = KeyCapture()
        capture.captured.connect(lambda name: self._set_single(key, name))
        none = QPushButton(self.tr("None"))
        none.setAccessibleName(self.tr("{key}: no key").format(key=words))
        none.clicked.connect(lambda: self.store.change("keys", **{key: ""}))
        both = QWidget()
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(capture, 1)
        row.addWidget(none)
        self.add(words, both)
        self.follow(
            lambda held: capture.show_words(getattr(held.keys, key) or self.tr("choose a key"))
        )

    def _set_single(self, key: str, name: str) -> None:
        if _is_key(name):
            self.store.change("keys", **{key: name})

    def _add_key(self, name: str) -> None:
        talk = self.store.preferences.keys.talk
        if _is_key(name) and name not in talk:
            self.store.change("keys", talk=(*talk, name))

    def _show_keys(self, held: Preferences) -> None:
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        for name in held.keys.talk:
            button = QPushButton(self.tr("{key}  ✕").format(key=name))
            button.setAccessibleName(self.tr("Do without the key {key}").format(key=name))
            button.setToolTip(button.accessibleName())
            button.setEnabled(len(held.keys.talk) > 1)
            button.clicked.connect(partial(self._drop_key, name))
            self._row.addWidget(button)

    def _drop_key(self, name: str) -> None:
        talk = self.store.preferences.keys.talk
        self.store.change("keys", talk=tuple(key for key in talk if key != name))


class VoiceGroup(Group):
    """Key or hands-free, and what is done to the voice."""

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__(store)
        self.setTitle(self.tr("Voice"))
        self.add_choice(
            "voice",
            "hands_free",
            {
                False: self.tr("Talk by key"),
                True: self.tr(
                    "Talk hands-free\nSpeaking is enough. The microphone is always open, and its "
                    "light is on; nobody hears you until you speak."
                ),
            },
        )
        self.add_number(
            self.tr("A voice is louder than"), "voice", "least_dbfs", (-90, -10), "dBFS", 1
        )
        self.add_number(
            self.tr("Pause that ends it"), "voice", "hang_over_ms", (100, 3000), "ms", 50
        )
        self._add_processing()
        self.add_choice(
            "voice",
            "preroll",
            {
                "off": self.tr(
                    "Keep nothing\nThe microphone opens with the permit; a first syllable may be "
                    "lost. Best for Bluetooth headsets that play music."
                ),
                "from-key-down": self.tr(
                    "Keep what is said from the key on\nNothing is lost; the microphone is closed "
                    "while you do not press."
                ),
                "always-warm": self.tr(
                    "Keep the moment before the key too\nThe microphone stays open and its light "
                    "on; 0.4 s are kept in memory, nothing is sent."
                ),
            },
        )

    def _add_processing(self) -> None:
        ticks = (
            self.add_tick(self.tr("Take out noise"), "voice", "noise_suppression"),
            self.add_tick(self.tr("Even out loudness"), "voice", "gain_control"),
        )
        if find_spec("livekit") is None:
            for tick in ticks:
                tick.setEnabled(False)
            self.add_hint(self.tr("These two need: pip install 'ptt[noise]'"))


class TonesGroup(Group):
    """Short sounds that say what the floor did."""

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__(store)
        self.setTitle(self.tr("Tones"))
        volume = DecibelSlider()
        volume.valueChanged.connect(lambda value: store.change("tones", volume_db=float(value)))
        self.add(self.tr("Volume"), volume)
        self.follow(lambda held: volume.show_value(held.tones.volume_db))
        words = self._words()
        for name in TONES:
            self._add_tone(name, words.get(name, name))

    def _words(self) -> dict[str, str]:
        return {
            "granted": self.tr("Talk now"),
            "denied": self.tr("Refused"),
            "queued": self.tr("You wait"),
            "your-turn": self.tr("Your turn"),
            "limit-near": self.tr("Talk time nearly over"),
            "ended": self.tr("A talk is over"),
            "lost": self.tr("Connection lost"),
            "back": self.tr("Connection back"),
        }

    def _add_tone(self, name: str, words: str) -> None:
        tick = QCheckBox(words)
        tick.clicked.connect(partial(self._switch, name))
        self.follow(lambda held: tick.setChecked(name not in held.tones.off))
        self.form.addRow(tick)

    def _switch(self, name: str, on: bool) -> None:
        off = set(self.store.preferences.tones.off)
        off = off - {name} if on else off | {name}
        self.store.change("tones", off=tuple(sorted(off)))


class PeopleGroup(Group):
    """How loud each person is."""

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__(store)
        self.setTitle(self.tr("People"))
        self._sliders: dict[str, DecibelSlider] = {}
        self.add_number(
            self.tr("Lower other channels by"), "hearing", "ducking_db", (0, 40), "dB", 1
        )
        self.add_hint(self.tr("In the list of people, the menu of a name sets their volume too."))

    def show_people(self, names: Mapping[str, float]) -> None:
        """Those who are here, and those whose volume was set."""
        for name, volume in names.items():
            if name not in self._sliders:
                self._add_person(name)
            self._sliders[name].show_value(volume)

    def _add_person(self, name: str) -> None:
        slider = self._sliders[name] = DecibelSlider()
        slider.valueChanged.connect(partial(self._set, name))
        self.add(name.replace("&", "&&"), slider)

    def _set(self, name: str, decibels: int) -> None:
        volumes = {**self.store.preferences.hearing.volumes, name: float(decibels)}
        kept = {person: volume for person, volume in volumes.items() if volume}
        self.store.change("hearing", volumes=kept)


class WindowGroup(Group):
    """What the window looks like and does."""

    def __init__(
        self,
        store: PreferencesStore,
        languages: Mapping[str, str],
        autostarts: Callable[[], bool],
        set_autostart: Callable[[bool], object],
    ) -> None:
        super().__init__(store)
        self.setTitle(self.tr("Window"))
        themes = {
            "system": self.tr("as the system"),
            "light": self.tr("light"),
            "dark": self.tr("dark"),
        }
        self._add_list(self.tr("Colours"), "theme", themes)
        found = {"": self.tr("as the system"), **languages}
        self._add_list(self.tr("Language"), "language", found)
        self.add_tick(self.tr("Tell who talks while it is hidden"), "window", "notifications")
        self.add_tick(self.tr("Closing leaves it in the tray"), "window", "close_to_tray")
        start = QCheckBox(self.tr("Start with the desktop"))
        start.setChecked(autostarts())

        def change(on: bool) -> None:
            set_autostart(on)
            start.setChecked(autostarts())

        start.clicked.connect(change)
        self.form.addRow(start)

    def _add_list(self, words: str, key: str, choices: Mapping[str, str]) -> None:
        box, codes = QComboBox(), list(choices)
        box.addItems(list(choices.values()))
        box.activated.connect(lambda row: self.store.change("window", **{key: codes[row]}))
        self.add(words, box)

        def show(held: Preferences) -> None:
            code = getattr(held.window, key)
            box.setCurrentIndex(codes.index(code) if code in codes else 0)

        self.follow(show)


class FileGroup(Group):
    """Where all of it is kept."""

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__(store)
        self.setTitle(self.tr("File"))
        path = QLabel(str(store.path), wordWrap=True)
        path.setTextInteractionFlags(path.textInteractionFlags().TextSelectableByMouse)
        self.form.addRow(path)
        self.add_hint(self.tr("Plain text that you can edit; changes hold at once."))
        folder = QPushButton(self.tr("Open the folder"))
        url = QUrl.fromLocalFile(str(store.path.parent))
        folder.clicked.connect(lambda: QDesktopServices.openUrl(url))
        self.form.addRow(folder)


def _is_key(name: str) -> bool:
    try:
        KeyCombination.parse(name)
    except PttError:
        return False
    return True
