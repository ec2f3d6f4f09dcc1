"""The floor of the chosen channel, large: the ring, who waits, why I was refused, two buttons."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ptt_desktop.floor_picture import FloorPicture, Kind
from ptt_desktop.floor_ring import FloorRing
from ptt_desktop.icons import icon
from ptt_desktop.sentences import translated
from ptt_desktop.theme import colours

# Implementation
MOST_NAMED = 5  # of those who wait


class FloorPanel(QWidget):
    """`show_floor` as often as time goes on; only what is new is drawn."""

    replay_wanted = Signal()
    leave_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ring = FloorRing()
        self._below = QLabel(wordWrap=True)
        self._below.setTextFormat(Qt.TextFormat.PlainText)
        self._below.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._leave = QPushButton()
        self._leave.clicked.connect(self.leave_wanted)
        self._leave.hide()
        self._replay = QPushButton()
        self._replay.clicked.connect(self.replay_wanted)
        self._shown: tuple[object, ...] = ()
        buttons = QHBoxLayout()
        buttons.addWidget(self._leave)
        buttons.addWidget(self._replay)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._ring, 1)
        column.addWidget(self._below)
        column.addLayout(buttons)
        self.retranslate()

    def retranslate(self) -> None:
        """All texts anew."""
        self._leave.setText(self.tr("&Leave the queue"))
        self._replay.setText(self.tr("Hear the last talk &again"))
        self._shown = ()
        self.paint_signs()

    def paint_signs(self) -> None:
        """In the present colours."""
        self._leave.setIcon(icon("leave"))
        self._replay.setIcon(icon("replay"))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._shown = ()
            self.paint_signs()

    def show_floor(
        self, picture: FloorPicture, channel: str, elsewhere: tuple[str, str] | None = None
    ) -> None:
        """The floor of this channel as it is now; `elsewhere` somebody talks: who, and where."""
        if self._shown == (picture, channel, elsewhere):
            return
        self._shown = picture, channel, elsewhere
        self._show_ring(picture, channel)
        words = self._words_below(picture, elsewhere)
        self._below.setText(words)
        self._below.setStyleSheet(f"color: {colours().refused}" if picture.why else "")
        self._leave.setVisible(picture.kind is Kind.QUEUED)
        self._replay.setEnabled(picture.kind in (Kind.FREE, Kind.AGAIN))

    def _show_ring(self, picture: FloorPicture, channel: str) -> None:
        sentence = self._sentence(picture, channel)
        match picture.kind:
            case Kind.TAKEN | Kind.MINE:
                mine = picture.kind is Kind.MINE
                self._ring.show_talker(
                    self.tr("You talk") if mine else picture.who,
                    clock(picture.since),
                    picture.share,
                    mine=mine,
                    emergency=picture.emergency,
                    left_text=self._left(picture.left),
                    sentence=sentence,
                )
            case Kind.QUEUED:
                talks = self.tr("{who} talks").format(who=picture.who) if picture.who else ""
                self._ring.show_queued(sentence, talks, sentence=sentence)
            case Kind.ASKED:
                self._ring.show_asking(sentence, sentence=sentence)
            case Kind.AGAIN:
                self._ring.show_replay(picture.who, self.tr("heard again"), sentence=sentence)
            case Kind.CLOSED | Kind.OFFLINE:
                self._ring.show_unavailable(sentence, sentence=sentence)
            case Kind.FREE:
                self._ring.show_free(sentence, sentence=sentence)

    def _left(self, seconds: int | None) -> str:
        if seconds is None:
            return ""
        return self.tr("{time} left").format(time=clock(seconds))

    def _sentence(self, picture: FloorPicture, channel: str) -> str:
        """The floor in one sentence, for a screen reader and for the middle of the ring."""
        words = {
            Kind.OFFLINE: self.tr("Not connected"),
            Kind.CLOSED: self.tr("Not in this channel"),
            Kind.FREE: self.tr("Nobody talks"),
            Kind.ASKED: self.tr("Asking for the floor"),
            Kind.QUEUED: self.tr("You wait, place {place}"),
            Kind.MINE: self.tr("You talk in {channel}"),
            Kind.TAKEN: self.tr("{who} talks in {channel}"),
            Kind.AGAIN: self.tr("Again: {who}"),
        }
        if not channel and picture.kind is not Kind.OFFLINE:
            return self.tr("There is no channel for you yet")
        if picture.emergency and picture.kind is Kind.TAKEN:
            return self.tr("Emergency: {who} talks").format(who=picture.who)
        return words[picture.kind].format(place=picture.place, channel=channel, who=picture.who)

    def _words_below(self, picture: FloorPicture, elsewhere: tuple[str, str] | None) -> str:
        if picture.silent:
            return self.tr("Nobody speaks: the floor goes back in a moment.")
        if picture.kind is Kind.QUEUED:
            names = self._named(picture.before)
            return self.tr("Before you: {names}").format(names=names or self.tr("nobody"))
        if picture.waiting:
            return self.tr("Waiting: {names}").format(names=self._named(picture.waiting))
        if elsewhere is not None and not picture.why:
            who, where = elsewhere
            return self.tr("{who} talks in {channel}").format(who=who, channel=where)
        return translated(picture.why)

    def _named(self, names: tuple[str, ...]) -> str:
        listed = ", ".join(names[:MOST_NAMED])
        more = len(names) - MOST_NAMED
        return self.tr("{names} and %n more", "", more).format(names=listed) if more > 0 else listed


def clock(seconds: int) -> str:
    """As on a watch."""
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}"
