"""The floor of a channel, large: whose it is, for how long, and how much talk time is left.

Has no clock: whoever shows it tells the words and the share anew, as often as it likes; only what
looks different is painted.
"""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from ptt_desktop.floor_ring_look import fits, paint
from ptt_desktop.ring_picture import Floor, Picture, steps

# Implementation
LEAST, USUAL = 140, 220  # pixels at scale 1


class FloorRing(QLabel):
    """A label, so that screen readers read it as text: the `sentence` of whoever shows it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = Picture(Floor.UNAVAILABLE, "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_free(self, text: str, detail: str = "", *, sentence: str = "") -> None:
        """Nobody talks."""
        self._show(Picture(Floor.FREE, text, detail), sentence)

    def show_talker(
        self,
        name: str,
        since_text: str,
        share_left: float | None,
        mine: bool,
        emergency: bool,
        *,
        left_text: str = "",
        sentence: str = "",
    ) -> None:
        """Somebody talks, or I do. share_left: of the talk time, 1 to 0, None without a limit."""
        floor = Floor.EMERGENCY if emergency else Floor.MINE if mine else Floor.TALKER
        self._show(Picture(floor, name, since_text, left_text, steps(share_left)), sentence)

    def show_asking(self, text: str, detail: str = "", *, sentence: str = "") -> None:
        """My request is on its way."""
        self._show(Picture(Floor.ASKING, text, detail), sentence)

    def show_queued(self, text: str, detail: str = "", *, sentence: str = "") -> None:
        """I wait, and the floor is not known to be anybody's."""
        self._show(Picture(Floor.QUEUED, text, detail), sentence)

    def show_replay(
        self, name: str, detail: str, share_left: float | None = None, *, sentence: str = ""
    ) -> None:
        """A burst is heard again."""
        self._show(Picture(Floor.REPLAY, name, detail, "", steps(share_left)), sentence)

    def show_unavailable(self, text: str, detail: str = "", *, sentence: str = "") -> None:
        """There is no floor: not joined, no connection."""
        self._show(Picture(Floor.UNAVAILABLE, text, detail), sentence)

    def _show(self, picture: Picture, sentence: str) -> None:
        said = sentence or ". ".join(
            text for text in (picture.title, picture.detail, picture.left_text) if text
        )
        if said != self.accessibleName():
            self.setAccessibleName(said)
        if picture != self._picture:
            self._picture = picture
            self._show_cut_name()
            self.update()

    def _show_cut_name(self) -> None:
        whole = fits(self.rect(), self.font(), self._picture.title)
        self.setToolTip("" if whole else self._picture.title)

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST, LEAST)

    def sizeHint(self) -> QSize:
        return QSize(USUAL, USUAL)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._show_cut_name()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint(QPainter(self), self.rect(), self.font(), self._picture)
