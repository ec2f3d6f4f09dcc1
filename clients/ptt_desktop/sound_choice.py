"""Microphone and loudspeaker: chosen from what is plugged in, with a level and a trial.

    list <--each second-- sound system        level <--15 a second-- open microphone

The microphone is open only while this is seen, and shown as open.
"""

from collections.abc import Sequence
from functools import partial

import trio
from PySide6.QtCore import Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QPushButton, QWidget

from ptt.errors import AudioDeviceError
from ptt.media.level import level_dbfs
from ptt.media.tones import Tone, tone_frames
from ptt_desk.checks.microphone import record
from ptt_desk.own_level import Loudness, judged
from ptt_desk.parrot import play
from ptt_desktop.level_meter import LevelMeter
from ptt_desktop.preferences_store import PreferencesStore
from ptt_desktop.sentences import translated
from ptt_desktop.tasks import Tasks
from ptt_devices.devices import Device, Direction, able
from ptt_devices.loudspeaker import PortAudioLoudspeaker
from ptt_devices.microphone import PortAudioMicrophone
from ptt_devices.portaudio import off_the_loop, sound_system

# Implementation
LOOK_AGAIN = 1.0  # s between two looks at what is plugged in
FRAMES_A_PICTURE = 3  # of 20 ms: 17 pictures a second
SAYING = 3.0  # s
TRY_AGAIN = 1.0  # s until a microphone that failed is opened again


class DeviceChoice(QComboBox):
    """One direction's devices by name; the first entry is what the system uses."""

    chosen = Signal(str)

    def __init__(self, direction: Direction) -> None:
        super().__init__()
        self._direction = direction
        self._names: list[str] = []
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(12)
        self.activated.connect(lambda row: self.chosen.emit(self._names[row - 1] if row else ""))

    def show_devices(self, devices: Sequence[Device], chosen: str) -> None:
        """Those there are, and the chosen one even if it is away."""
        found = dict.fromkeys(device.name for device in able(devices, self._direction))
        names = list(found) if not chosen or chosen in found else [chosen, *found]
        wanted = [self.tr("as the system chooses"), *names]
        if wanted != [self.itemText(row) for row in range(self.count())]:
            self._names = names
            self.clear()
            self.addItems(wanted)
        self.setCurrentIndex(names.index(chosen) + 1 if chosen else 0)


class SoundChoice(QWidget):
    """Both devices, the level of the microphone, a tone, and hearing oneself back."""

    def __init__(self, store: PreferencesStore, tasks: Tasks) -> None:
        super().__init__()
        self._store = store
        self._tasks = tasks
        self._watch = trio.CancelScope()
        self._listening = trio.CancelScope()
        self._recording = trio.Lock()  # some devices can be opened only once
        self._labels = QLabel(), QLabel(), QLabel()
        self.microphone = DeviceChoice(Direction.MICROPHONE)
        self.loudspeaker = DeviceChoice(Direction.LOUDSPEAKER)
        self.microphone.chosen.connect(partial(self._choose, "microphone"))
        self.loudspeaker.chosen.connect(partial(self._choose, "loudspeaker"))
        self._meter = LevelMeter()
        self._tone = QPushButton()
        self._tone.clicked.connect(lambda: tasks.start(self._play_tone))
        self._parrot = QPushButton()
        self._parrot.clicked.connect(lambda: tasks.start(self._hear_oneself))
        self._said = QLabel(wordWrap=True)
        self._build()
        self.retranslate()

    def _build(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        rows: tuple[QWidget, ...] = (self.microphone, self._meter, self.loudspeaker)
        for label, field in zip(self._labels, rows, strict=True):
            label.setBuddy(field)
            form.addRow(label, field)
        form.addRow(self._tone)
        form.addRow(self._parrot)
        form.addRow(self._said)

    def retranslate(self) -> None:
        """All texts anew."""
        microphone, level, loudspeaker = self._labels
        microphone.setText(self.tr("&Microphone"))
        level.setText(self.tr("Speak: this moves"))
        loudspeaker.setText(self.tr("Loud&speaker"))
        self.microphone.setAccessibleName(self.tr("Microphone"))
        self.loudspeaker.setAccessibleName(self.tr("Loudspeaker"))
        self._tone.setText(self.tr("Play a &tone"))
        self._parrot.setText(self.tr("&Hear yourself: speak for three seconds"))

    # only while it is seen

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._watch = trio.CancelScope()
        self._tasks.start(partial(self._follow, self._watch))

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._tasks.call(self._watch.cancel)

    async def _follow(self, scope: trio.CancelScope) -> None:
        with scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._list)
                nursery.start_soon(self._show_level)

    async def _list(self) -> None:
        while True:
            try:
                found = await off_the_loop(sound_system().devices)
            except AudioDeviceError as error:
                found = []
                self._said.setText(translated(str(error)))
            chosen = self._store.preferences.devices
            self.microphone.show_devices(found, chosen.microphone)
            self.loudspeaker.show_devices(found, chosen.loudspeaker)
            await trio.sleep(LOOK_AGAIN)

    async def _show_level(self) -> None:
        while True:
            try:
                async with self._recording:
                    with trio.CancelScope() as self._listening:
                        await self._read_level()
            except AudioDeviceError as error:
                self._said.setText(translated(str(error)))
                self._meter.show_level(-100.0, None, open_=False)
                await trio.sleep(TRY_AGAIN)

    async def _read_level(self) -> None:
        name = self._store.preferences.devices.microphone or None
        async with PortAudioMicrophone(name).open() as source:
            self._said.setText("")
            while True:
                frames = [await source.read() for _ in range(FRAMES_A_PICTURE)]
                level = max(level_dbfs(frame) for frame in frames)
                self._meter.show_level(level, None, open_=True)

    # what the person does

    def _choose(self, which: str, name: str) -> None:
        self._store.change("devices", **{which: name})
        self._tasks.call(lambda: self._listening.cancel())

    async def _play_tone(self) -> None:
        await self._play([frame for _ in range(3) for frame in tone_frames(Tone.GRANTED)])

    async def _hear_oneself(self) -> None:
        self._parrot.setEnabled(False)
        self._listening.cancel()
        name = self._store.preferences.devices.microphone or None
        try:
            async with self._recording:
                self._said.setText(self.tr("Speak now …"))
                frames = await record(PortAudioMicrophone(name), SAYING)
            self._said.setText(self._words(*judged(frames)))
            await self._play(frames)
        except AudioDeviceError as error:
            self._said.setText(translated(str(error)))
        finally:
            self._parrot.setEnabled(True)

    async def _play(self, frames: Sequence[bytes]) -> None:
        name = self._store.preferences.devices.loudspeaker or None
        try:
            await play(PortAudioLoudspeaker(name), frames)
        except AudioDeviceError as error:
            self._said.setText(translated(str(error)))

    def _words(self, how: Loudness, loudest: float) -> str:
        words = {
            Loudness.SOFT: self.tr("Hardly anything was heard ({level} dBFS): is it muted?"),
            Loudness.WELL: self.tr("Well heard ({level} dBFS)."),
            Loudness.LOUD: self.tr("That was very loud ({level} dBFS): turn it down a little."),
        }
        return words[how].format(level=round(loudest))
