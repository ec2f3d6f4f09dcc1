"""The threshold is moved by a person, told by the program, and never mistaken for the other."""

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ptt_desktop import level_scale
from ptt_desktop.level_meter import LevelMeter
from ptt_desktop.level_meter_look import track
from ptt_desktop.level_scale import FALL, FallingPeak
from tests.desktop.paints import Paints

LEFT = Qt.MouseButton.LeftButton


class Desk:
    """A meter of 400 pixels; `chosen` is what it told, `now` is its time."""

    def __init__(self, qtbot: QtBot) -> None:
        self.now = 100.0
        self.chosen: list[float] = []
        self.meter = LevelMeter(clock=lambda: self.now)
        self.meter.threshold_chosen.connect(self.chosen.append)
        qtbot.addWidget(self.meter)
        self.meter.resize(400, 40)
        self.meter.show()
        self.meter.show_level(-60.0, -45.0, True)
        QApplication.processEvents()

    def at(self, dbfs: float) -> QPoint:
        bar = track(self.meter.rect(), self.meter.font())
        return QPoint(
            round(bar.left() + level_scale.place(dbfs, bar.width())), round(bar.center().y())
        )


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_the_mark_is_dragged(desk: Desk) -> None:
    QTest.mousePress(desk.meter, LEFT, pos=desk.at(-45.0))
    QTest.mouseMove(desk.meter, desk.at(-50.0))
    QTest.mouseMove(desk.meter, desk.at(-30.0))
    QTest.mouseRelease(desk.meter, LEFT, pos=desk.at(-30.0))
    QTest.mouseMove(desk.meter, desk.at(-10.0))

    assert desk.chosen == [-50.0, -30.0]


def test_the_mark_does_not_jump_to_where_it_is_held(desk: Desk) -> None:
    beside = desk.at(-45.0) + QPoint(7, 0)

    QTest.mousePress(desk.meter, LEFT, pos=beside)
    QTest.mouseMove(desk.meter, beside + QPoint(1, 0))

    assert desk.chosen == []


def test_a_press_far_from_the_mark_moves_nothing(desk: Desk) -> None:
    QTest.mousePress(desk.meter, LEFT, pos=desk.at(-20.0))
    QTest.mouseMove(desk.meter, desk.at(-10.0))

    assert desk.chosen == []


@pytest.mark.parametrize(
    ("key", "threshold"),
    [
        (Qt.Key.Key_Right, -44.0),
        (Qt.Key.Key_Up, -44.0),
        (Qt.Key.Key_Left, -46.0),
        (Qt.Key.Key_PageUp, -39.0),
        (Qt.Key.Key_Home, -80.0),
        (Qt.Key.Key_End, 0.0),
    ],
)
def test_keys_move_it(desk: Desk, key: Qt.Key, threshold: float) -> None:
    QTest.keyClick(desk.meter, key)

    assert desk.chosen == [threshold]


def test_a_screen_reader_moves_it(desk: Desk) -> None:
    found = QAccessible.queryAccessibleInterface(desk.meter)
    assert found.role() is QAccessible.Role.Slider

    found.valueInterface().setCurrentValue(-38)

    assert desk.chosen == [-38.0]
    assert found.valueInterface().currentValue() == -38


def test_the_program_moves_it_without_an_echo(desk: Desk) -> None:
    desk.meter.show_level(-60.0, -33.4, True)

    assert desk.chosen == []
    assert desk.meter.value() == -33


def test_the_hand_is_not_pulled_away(desk: Desk) -> None:
    QTest.mousePress(desk.meter, LEFT, pos=desk.at(-45.0))
    QTest.mouseMove(desk.meter, desk.at(-30.0))

    desk.meter.show_level(-60.0, -45.0, True)

    assert desk.meter.value() == -30


def test_the_wheel_moves_nothing(desk: Desk) -> None:
    at, none = QPointF(desk.at(-45.0)), Qt.KeyboardModifier.NoModifier
    turned = QWheelEvent(
        at, at, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip

    QApplication.sendEvent(desk.meter, turned)

    assert desk.chosen == []
    assert not turned.isAccepted()


def test_without_a_threshold_nothing_can_be_moved(desk: Desk) -> None:
    desk.meter.show_level(-60.0, None, True)

    QTest.mousePress(desk.meter, LEFT, pos=desk.at(-45.0))
    QTest.mouseMove(desk.meter, desk.at(-30.0))

    assert desk.chosen == []
    assert desk.meter.focusPolicy() is Qt.FocusPolicy.NoFocus


def test_a_threshold_that_goes_while_it_is_dragged_is_let_go(desk: Desk) -> None:
    QTest.mousePress(desk.meter, LEFT, pos=desk.at(-45.0))

    desk.meter.show_level(-60.0, None, True)
    desk.meter.show_level(-60.0, -45.0, True)
    QTest.mouseMove(desk.meter, desk.at(-30.0))

    assert desk.chosen == []


def test_a_closed_microphone_is_said(desk: Desk) -> None:
    desk.meter.show_level(-20.0, None, False)

    assert desk.meter.accessibleDescription() == "Microphone closed"


SAME: dict[str, Callable[[Desk], None]] = {
    "the same": lambda desk: desk.meter.show_level(-60.0, -45.0, True),
    "less than a pixel of the bar": lambda desk: desk.meter.show_level(-60.01, -45.0, True),
    "less than a pixel of the mark": lambda desk: desk.meter.show_level(-60.0, -45.02, True),
}


@pytest.mark.parametrize("what", SAME)
def test_what_looks_the_same_is_not_painted_again(desk: Desk, what: str) -> None:
    paints = Paints(desk.meter)

    SAME[what](desk)
    QApplication.processEvents()

    assert paints.count == 0


@pytest.mark.parametrize(
    ("dbfs", "threshold", "is_open"),
    [(-59.0, -45.0, True), (-60.0, -44.0, True), (-60.0, None, True), (-60.0, -45.0, False)],
)
def test_what_looks_different_is_painted(
    desk: Desk, dbfs: float, threshold: float | None, is_open: bool
) -> None:
    paints = Paints(desk.meter)

    desk.meter.show_level(dbfs, threshold, is_open)
    QApplication.processEvents()

    assert paints.count == 1


def test_a_falling_peak_is_painted_although_the_level_rests(desk: Desk) -> None:
    desk.meter.show_level(-20.0, -45.0, True)
    desk.meter.show_level(-60.0, -45.0, True)
    QApplication.processEvents()
    paints = Paints(desk.meter)

    desk.now += 0.5
    desk.meter.show_level(-60.0, -45.0, True)
    QApplication.processEvents()

    assert paints.count == 1


def test_peaks_fall_steadily_until_something_is_louder() -> None:
    peak = FallingPeak()

    assert peak.shown(-10.0, 100.0) == -10.0
    assert peak.shown(-60.0, 100.5) == pytest.approx(-10.0 - 0.5 * FALL)
    assert peak.shown(-15.0, 100.6) == -15.0
    assert peak.shown(-120.0, 200.0) == level_scale.LOWEST


@pytest.mark.parametrize("dbfs", [-80.0, -45.5, 0.0])
def test_a_place_and_its_level_agree(dbfs: float) -> None:
    assert level_scale.level(level_scale.place(dbfs, 400.0), 400.0) == pytest.approx(dbfs)


@pytest.mark.parametrize(("dbfs", "place"), [(-200.0, 0.0), (20.0, 400.0)])
def test_what_is_off_the_scale_is_at_its_end(dbfs: float, place: float) -> None:
    assert level_scale.place(dbfs, 400.0) == place
