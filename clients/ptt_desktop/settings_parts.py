"""What the groups of the settings are made of: each control shows a preference and changes it."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFormLayout,
    QGroupBox,
    QLabel,
    QRadioButton,
    QSlider,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from ptt_desk.preferences import Preferences
from ptt_desktop.preferences_store import PreferencesStore

Show = Callable[[Preferences], None]


class Group(QGroupBox):
    """A heading, and controls below each other. Filled anew when the language changes."""

    def __init__(self, store: PreferencesStore) -> None:
        super().__init__()
        self.store = store
        self._shows: list[Show] = []
        self.form = QFormLayout(self)
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        store.changed.connect(self.show_preferences)

    def show_preferences(self, preferences: Preferences) -> None:
        """As they are now."""
        for show in self._shows:
            show(preferences)

    def follow(self, show: Show) -> None:
        """Call it now, and with each change."""
        self._shows.append(show)
        show(self.store.preferences)

    def add(self, words: str, field: QWidget) -> None:
        """A line with a label that belongs to the field."""
        label = QLabel(words)
        label.setBuddy(field)
        field.installEventFilter(self)
        field.setAccessibleName(words.replace("&", "").rstrip(":"))
        self.form.addRow(label, field)

    def add_hint(self, words: str) -> None:
        """A sentence in small."""
        hint = QLabel(words, wordWrap=True)
        hint.setForegroundRole(self.palette().ColorRole.PlaceholderText)
        self.form.addRow(hint)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # Whoever scrolls the page must not change what the mouse happens to be over.
        if event.type() == QEvent.Type.Wheel:
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    # kinds of controls

    def add_tick(self, words: str, section: str, key: str) -> QCheckBox:
        """True or false."""
        tick = QCheckBox(words)
        tick.clicked.connect(lambda on: self.store.change(section, **{key: on}))
        self.follow(lambda held: tick.setChecked(getattr(getattr(held, section), key)))
        self.form.addRow(tick)
        return tick

    def add_number(
        self, words: str, section: str, key: str, span: tuple[int, int], unit: str, step: int = 10
    ) -> QSpinBox:
        """A whole number within bounds."""
        box = QSpinBox(minimum=span[0], maximum=span[1], singleStep=step)
        box.setSuffix(f" {unit}")
        box.setKeyboardTracking(False)
        kind = type(getattr(getattr(self.store.preferences, section), key))
        box.valueChanged.connect(lambda value: self.store.change(section, **{key: kind(value)}))
        self.follow(lambda held: _set_quietly(box, round(getattr(getattr(held, section), key))))
        self.add(words, box)
        return box

    def add_choice(self, section: str, key: str, words: dict[object, str]) -> None:
        """One of a few, each with a sentence."""
        column, buttons = QVBoxLayout(), QButtonGroup(self)
        for value, sentence in words.items():
            radio = self._radio(section, key, value, sentence)
            buttons.addButton(radio)
            column.addWidget(radio)
            self._add_explanation(column, radio, sentence.partition("\n")[2])
        self.form.addRow(column)

    def _radio(self, section: str, key: str, value: object, sentence: str) -> QRadioButton:
        radio = QRadioButton(sentence.partition("\n")[0])
        radio.clicked.connect(lambda: self.store.change(section, **{key: value}))
        self.follow(lambda held: radio.setChecked(getattr(getattr(held, section), key) == value))
        return radio

    def _add_explanation(self, column: QVBoxLayout, radio: QRadioButton, hint: str) -> None:
        if hint:
            below = QLabel(hint, wordWrap=True)
            below.setForegroundRole(self.palette().ColorRole.PlaceholderText)
            below.setIndent(2 * radio.fontMetrics().height())
            radio.setAccessibleDescription(hint)
            column.addWidget(below)


class DecibelSlider(QSlider):
    """-40 to 12 dB, with a word for the middle."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setRange(-40, 12)
        self.setPageStep(6)

    def show_value(self, decibels: float) -> None:
        """Without telling anybody."""
        with QSignalBlocker(self):
            self.setValue(round(decibels))
        self.setToolTip(f"{decibels:+.0f} dB")


def _set_quietly(box: QSpinBox, value: int) -> None:
    with QSignalBlocker(box):
        box.setValue(value)
