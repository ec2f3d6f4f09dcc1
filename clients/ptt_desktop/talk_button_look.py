"""How the talk button is drawn: one colour, one sign and one edge for each state.

+-----------------------------+        the sign is beside the words, or above them
|   (sign)  Text in bold      |        where the button is high enough
|           detail            |
+-----------------------------+
"""

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from ptt_desktop import drawing
from ptt_desktop.icons import pixmap
from ptt_desktop.theme import Colours, colours

# Implementation
TITLE = 1.3  # times the font
PADDING = 0.9  # em, between the edge and what is in it
SIGN = 2.2  # em
RADIUS = 10.0


class KeyState(Enum):
    """What the key does at present."""

    IDLE = auto()
    ASKING = auto()
    QUEUED = auto()
    TALKING = auto()
    LATCHED = auto()  # talking, and nothing is held down
    UNAVAILABLE = auto()


@dataclass(frozen=True, slots=True)
class Face:
    """What the button shows now. held: something holds it down; hovered: the mouse is over it."""

    state: KeyState = KeyState.IDLE
    text: str = ""
    detail: str = ""
    held: bool = False
    hovered: bool = False
    focused: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """The sign, the colour of edge and sign, whether that fills the button, and the edge's line."""

    sign: str
    colour: str
    filled: bool = False
    line: Qt.PenStyle = Qt.PenStyle.SolidLine


def look(state: KeyState, those: Colours) -> Look:
    """Each state differs from any other in its sign, and in fill or line from its neighbours."""
    match state:
        case KeyState.IDLE:
            return Look("microphone", those.accent)
        case KeyState.ASKING:
            return Look("asking", those.accent, line=Qt.PenStyle.DashLine)
        case KeyState.QUEUED:
            return Look("queued", those.waiting, line=Qt.PenStyle.DashLine)
        case KeyState.TALKING:
            return Look("talking", those.mine, filled=True)
        case KeyState.LATCHED:
            return Look("latched", those.mine, filled=True)
        case KeyState.UNAVAILABLE:
            return Look("microphone-off", those.soft_text, line=Qt.PenStyle.DotLine)


def least_size(font: QFont) -> QSize:
    """Room for the sign beside two lines of each text, so that no state changes the size."""
    em = drawing.em(font)
    title = drawing.em(drawing.scaled(font, TITLE, bold=True))
    return QSize(em * 14, round(2 * title + 2 * em + 2 * PADDING * em))


def paint(painter: QPainter, area: QRect, font: QFont, face: Face) -> None:
    """Everything, in the present colours."""
    those = colours()
    shown = look(face.state, those)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _ground(painter, QRectF(area), face, shown, those)
    padding = round(PADDING * drawing.em(font))
    inside = area.adjusted(padding, padding // 2, -padding, -padding // 2)
    ink = those.on_fill if shown.filled else shown.colour
    words = those.on_fill if shown.filled else those.text
    if face.state is KeyState.UNAVAILABLE:
        words = those.soft_text
    _Content(painter, inside, font, face).draw(shown.sign, ink, words)


def _ground(painter: QPainter, area: QRectF, face: Face, shown: Look, those: Colours) -> None:
    """The key itself; a second frame outside it has the focus."""
    edge = area.adjusted(4.5, 4.5, -4.5, -4.5)
    if face.focused:
        drawing.draw_focus(painter, area.adjusted(1, 1, -1, -1), RADIUS + 3.0, those.focus)
    painter.setPen(drawing.pen(shown.colour, 2.0, shown.line))
    painter.setBrush(_fill(face, shown, those))
    painter.drawRoundedRect(edge, RADIUS, RADIUS)
    if face.held:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(drawing.pen(those.on_fill if shown.filled else shown.colour, 2.0))
        painter.drawRoundedRect(edge.adjusted(4, 4, -4, -4), RADIUS - 4.0, RADIUS - 4.0)


def _fill(face: Face, shown: Look, those: Colours) -> QColor:
    """Of states that do not fill it the colour is hinted at, more so under a hand."""
    if face.state is KeyState.UNAVAILABLE:
        return QColor(those.window)
    if shown.filled:
        return QColor(shown.colour)
    return drawing.mixed(shown.colour, those.raised, 0.16 if face.held or face.hovered else 0.06)


class _Content:
    """Sign and words, in the middle of their area."""

    def __init__(self, painter: QPainter, area: QRect, font: QFont, face: Face) -> None:
        self._painter, self._area, self._face = painter, area, face
        self._fonts = drawing.scaled(font, TITLE, bold=True), drawing.scaled(font, 1.0)
        self._sign = round(SIGN * drawing.em(font))
        self._gap = drawing.em(font) // 2

    def draw(self, sign: str, ink: str, words: str) -> None:
        """Above each other where two lines of each text would fit, else beside each other."""
        if self._area.height() >= self._sign + self._gap + self._two_lines:
            self._stacked(sign, ink, words)
        else:
            self._beside(sign, ink, words)

    @property
    def _two_lines(self) -> int:
        return 2 * sum(drawing.em(font) for font in self._fonts)

    def _stacked(self, sign: str, ink: str, words: str) -> None:
        height = self._sign + self._gap + self._height(self._area.width())
        top = self._area.top() + (self._area.height() - height) // 2
        self._draw_sign(self._area.center().x() - self._sign // 2, top, sign, ink)
        below = QRect(self._area)
        below.setTop(top + self._sign + self._gap)
        self._draw_words(below, Qt.AlignmentFlag.AlignHCenter, words)

    def _beside(self, sign: str, ink: str, words: str) -> None:
        room = self._area.width() - self._sign - 2 * self._gap
        width = min(room, self._width(room))
        left = self._area.left() + (self._area.width() - width - self._sign - 2 * self._gap) // 2
        self._draw_sign(left, self._area.center().y() - self._sign // 2, sign, ink)
        height = self._height(width)
        top = self._area.top() + max(0, (self._area.height() - height) // 2)
        words_area = QRect(left + self._sign + 2 * self._gap, top, width, self._area.height())
        self._draw_words(words_area, Qt.AlignmentFlag.AlignLeft, words)

    def _width(self, room: int) -> int:
        return max(
            drawing.wrapped(font, text, room).width() + 1
            for font, text in zip(self._fonts, self._texts, strict=True)
        )

    def _height(self, width: int) -> int:
        return sum(
            drawing.wrapped(font, text, width).height()
            for font, text in zip(self._fonts, self._texts, strict=True)
        )

    @property
    def _texts(self) -> tuple[str, str]:
        return self._face.text, self._face.detail

    def _draw_sign(self, left: int, top: int, sign: str, ink: str) -> None:
        ratio = self._painter.device().devicePixelRatio()
        self._painter.drawPixmap(left, top, pixmap(sign, self._sign, ratio, QColor(ink)))

    def _draw_words(self, area: QRect, align: Qt.AlignmentFlag, words: str) -> None:
        self._painter.setPen(QColor(words))
        for font, text in zip(self._fonts, self._texts, strict=True):
            self._painter.setFont(font)
            self._painter.drawText(area, int(align | drawing.WRAPPED), text)
            area = area.adjusted(0, drawing.wrapped(font, text, area.width()).height(), 0, 0)
