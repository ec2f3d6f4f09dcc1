"""Colours can be told apart from what is behind them, and follow whoever chooses."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

from ptt_desktop import theme
from ptt_desktop.theme import DARK, LIGHT, Colours

SETS = pytest.mark.parametrize("those", [LIGHT, DARK], ids=["light", "dark"])
ON_WINDOW = ("text", "soft_text", "accent", "talking", "waiting", "refused", "mine", "focus")
FILLED = ("accent", "talking", "waiting", "refused", "mine")


@pytest.fixture(autouse=True)
def _as_before(qapp: QApplication) -> Iterator[None]:
    yield
    theme.apply(qapp, "system")


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, from 1 to 21."""
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: QColor) -> float:
    red, green, blue = (linear(part) for part in (colour.redF(), colour.greenF(), colour.blueF()))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


@SETS
@pytest.mark.parametrize("behind", ["window", "panel", "raised"])
@pytest.mark.parametrize("role", ON_WINDOW)
def test_whatever_is_written_can_be_read(those: Colours, behind: str, role: str) -> None:
    assert contrast(getattr(those, role), getattr(those, behind)) >= 4.5


@SETS
@pytest.mark.parametrize("fill", FILLED)
def test_whatever_is_written_on_a_filled_area_can_be_read(those: Colours, fill: str) -> None:
    assert contrast(those.on_fill, getattr(those, fill)) >= 4.5


@SETS
@pytest.mark.parametrize("behind", ["window", "panel", "raised"])
def test_the_border_of_a_control_can_be_seen(those: Colours, behind: str) -> None:
    assert contrast(those.outline, getattr(those, behind)) >= 3.0  # WCAG 1.4.11


@pytest.mark.parametrize(("chosen", "those"), [("light", LIGHT), ("dark", DARK)])
def test_the_choice_of_the_person_is_painted(
    qapp: QApplication, chosen: theme.Theme, those: Colours
) -> None:
    theme.apply(qapp, chosen)

    assert theme.colours() == those
    assert qapp.palette().color(QPalette.ColorRole.WindowText) == QColor(those.text)


def test_a_system_that_tells_no_scheme_is_light(qapp: QApplication) -> None:
    theme.apply(qapp, "dark")

    theme.apply(qapp, "system")

    assert theme.colours() == LIGHT


def test_the_scheme_of_the_system_is_followed_while_it_runs(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.apply(qapp, "system")
    hints = qapp.styleHints()

    monkeypatch.setattr(type(hints), "colorScheme", lambda _: Qt.ColorScheme.Dark)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert theme.colours() == DARK


def test_the_system_is_not_followed_by_who_chose(
    qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    theme.apply(qapp, "light")
    hints = qapp.styleHints()

    monkeypatch.setattr(type(hints), "colorScheme", lambda _: Qt.ColorScheme.Dark)
    hints.colorSchemeChanged.emit(Qt.ColorScheme.Dark)

    assert theme.colours() == LIGHT
