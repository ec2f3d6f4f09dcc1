"""Colours by what they mean, light and dark, and how the system's choice is followed.

    system's scheme or the person's --> palette of the application --> colours()

Widgets that paint themselves ask `colours()` in each paintEvent, so that a change of the palette,
which repaints everything, is all that a change of the scheme needs.
"""

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

Theme = Literal["system", "light", "dark"]


@dataclass(frozen=True, slots=True)
class Colours:
    """One colour for each role, as #rrggbb.

    All but `border`, `outline` and `raised` may be text on `window` and on `panel`; `on_fill` is
    text on any of the others. talking: another's voice; mine: my own, on the air; waiting: asking
    or queued; refused: denied, failed, emergency; outline: the border of what can be pressed.
    """

    window: str
    panel: str
    raised: str
    text: str
    soft_text: str
    border: str
    outline: str
    accent: str
    talking: str
    waiting: str
    refused: str
    mine: str
    focus: str
    on_fill: str


# Radios show receiving in green and sending in red; so do these.
LIGHT = Colours(
    window="#f3f4f6",
    panel="#ffffff",
    raised="#fbfbfc",
    text="#1a1f26",
    soft_text="#545d69",
    border="#d5d9df",
    outline="#7d8693",
    accent="#2256c4",
    talking="#13743a",
    waiting="#8a5700",
    refused="#a8123a",
    mine="#c62a20",
    focus="#2256c4",
    on_fill="#ffffff",
)
DARK = Colours(
    window="#171a1f",
    panel="#20252c",
    raised="#2a3039",
    text="#e9ecf0",
    soft_text="#a9b2be",
    border="#363d48",
    outline="#7f8a99",
    accent="#82acff",
    talking="#62d48d",
    waiting="#f0b74a",
    refused="#ff93a8",
    mine="#ff7a6b",
    focus="#82acff",
    on_fill="#10131a",
)

_SCHEMES = {
    "system": Qt.ColorScheme.Unknown,  # takes back what was chosen before
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


def colours() -> Colours:
    """Those of the present scheme."""
    return DARK if QGuiApplication.palette().window().color().lightness() < 128 else LIGHT


def apply(app: QApplication, theme: Theme) -> None:
    """Paint the application so from now on; "system" follows the system while it runs."""
    app.setStyle("Fusion")  # the only style that takes every colour from the palette
    follower = app.findChild(_Follower) or _Follower(app)
    follower.theme = theme
    # Title bars and the file dialogs of the system know this only.
    app.styleHints().setColorScheme(_SCHEMES[theme])
    follower.paint()


class _Follower(QObject):
    """Paints anew when the system changes its scheme."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.theme: Theme = "system"
        app.styleHints().colorSchemeChanged.connect(self.paint)

    def paint(self) -> None:
        QApplication.setPalette(palette(DARK if self._dark() else LIGHT))

    def _dark(self) -> bool:
        if self.theme == "system":
            return QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
        return self.theme == "dark"


def palette(chosen: Colours) -> QPalette:
    """What the widgets of Qt are painted with."""
    made = QPalette()
    role = QPalette.ColorRole
    for its_role, colour in {
        role.Window: chosen.window,
        role.WindowText: chosen.text,
        role.Base: chosen.panel,
        role.AlternateBase: chosen.window,
        role.Text: chosen.text,
        role.PlaceholderText: chosen.soft_text,
        role.Button: chosen.raised,
        role.ButtonText: chosen.text,
        role.BrightText: chosen.refused,
        role.ToolTipBase: chosen.panel,
        role.ToolTipText: chosen.text,
        role.Highlight: chosen.accent,
        role.HighlightedText: chosen.on_fill,
        role.Accent: chosen.accent,
        role.Link: chosen.accent,
        role.LinkVisited: chosen.accent,
        role.Light: chosen.panel,
        role.Midlight: chosen.raised,
        role.Mid: chosen.border,
        role.Dark: chosen.outline,
        role.Shadow: chosen.outline,
    }.items():
        made.setColor(its_role, QColor(colour))
    for its_role in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, its_role, QColor(chosen.outline))
    return made
