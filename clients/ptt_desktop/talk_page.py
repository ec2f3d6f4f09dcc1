"""The page that is open all day: channels and people, the floor, the big key, level and network."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from ptt_desk.channel_state import Own, State
from ptt_desk.meters import Meters
from ptt_desktop.channels_view import ChannelsView
from ptt_desktop.desk_state import DeskState
from ptt_desktop.floor_panel import FloorPanel
from ptt_desktop.floor_picture import floor_picture
from ptt_desktop.level_meter import LevelMeter
from ptt_desktop.quality import Grade, judged, score
from ptt_desktop.quality_graph import QualityGraph
from ptt_desktop.talk_button import TalkButton
from ptt_desktop.talk_button_look import KeyState


class TalkPage(QWidget):
    """What it wants done, it says by the signals of its parts. `talk_limit`: of a channel, in s."""

    threshold_chosen = Signal(float)

    def __init__(self, talk_limit: Callable[[str], float]) -> None:
        super().__init__()
        self._talk_limit = talk_limit
        self._desk = DeskState()
        self._meters = Meters()
        self._key = ""
        self.channels = ChannelsView()
        self.floor = FloorPanel()
        self.button = TalkButton()
        self._meter = LevelMeter()
        self._meter.threshold_chosen.connect(self.threshold_chosen)
        self._quality = QualityGraph()
        self._build()

    def _build(self) -> None:
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.floor, 2)
        column.addWidget(self.button, 1)
        column.addWidget(self._meter)
        column.addWidget(self._quality)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.channels)
        split.addWidget(lower)
        split.setChildrenCollapsible(False)
        split.setStretchFactor(0, 1)
        split.setSizes([230, 410])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)

    def name_key(self, key: str) -> None:
        """The key that talks in every window, for the button's small print."""
        self._key = key

    def show_desk(self, desk: DeskState, now: float) -> None:
        """Something happened."""
        self._desk = desk
        self.channels.show_channels(desk.channels, desk.chosen)
        self._show_floor(now)

    def show_meters(self, found: Meters, now: float) -> None:
        """Time went on."""
        self._meters = found
        self._meter.show_level(found.level, found.threshold, found.microphone_open)
        self._show_floor(now)
        self._show_quality(found)

    def _show_floor(self, now: float) -> None:
        floor = self._desk.floor
        limit = self._talk_limit(floor.channel) if floor.talker is not None else 0.0
        picture = floor_picture(floor, now, limit)
        self.floor.show_floor(picture, floor.channel, self._desk.elsewhere)
        self.button.show_state(*self._button(floor))

    def _button(self, floor: State) -> tuple[KeyState, str, str]:
        hint = self.tr("or hold {key}").format(key=self._key) if self._key else ""
        if not self._desk.connected:
            return KeyState.UNAVAILABLE, self.tr("Not connected"), ""
        if not floor.joined:
            return KeyState.UNAVAILABLE, self.tr("Not in this channel"), ""
        if not floor.may_talk:
            return KeyState.UNAVAILABLE, self.tr("You may only listen here"), ""
        match floor.own:
            case Own.ASKING:
                return KeyState.ASKING, self.tr("Asking …"), self.tr("speak: it is kept")
            case Own.QUEUED:
                place = self.tr("Waiting, place {place}").format(place=floor.position)
                return KeyState.QUEUED, place, self.tr("hold on, or let go to leave")
            case Own.TALKING if self._meters.latched:
                return KeyState.LATCHED, self.tr("You talk"), self.tr("tap once more to end")
            case Own.TALKING:
                return KeyState.TALKING, self.tr("You talk"), self.tr("let go to end")
            case Own.LISTENING if self._meters.threshold is not None:
                return KeyState.IDLE, self.tr("Speak to talk"), self.tr("or hold this key")
            case Own.LISTENING:
                return KeyState.IDLE, self.tr("Hold to talk"), hint

    def _show_quality(self, found: Meters) -> None:
        rtt = found.rtt if self._desk.connected else None
        grade = judged(found.loss, found.jitter, found.delay, rtt)
        words = {
            Grade.GOOD: self.tr("good network"),
            Grade.FAIR: self.tr("fair network"),
            Grade.POOR: self.tr("poor network"),
            Grade.NONE: self.tr("no network"),
        }
        share = score(found.loss, found.jitter, found.delay, rtt)
        self._quality.add(words[grade], share, self._figures(found))

    def _figures(self, found: Meters) -> str:
        figures = self.tr("loss {loss} %, jitter {jitter} ms, round trip {trip}")
        trip = "?" if found.rtt is None else f"{1000 * found.rtt:.0f} ms"
        return figures.format(
            loss=round(100 * found.loss), jitter=round(1000 * found.jitter), trip=trip
        )

    def retranslate(self) -> None:
        """All texts anew; what changes by itself follows with the next picture."""
        self.floor.retranslate()
        self.channels.retranslate()
