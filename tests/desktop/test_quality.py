"""The network in one word, and the minute behind it."""

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ptt_desktop.quality import Grade, judged, score
from ptt_desktop.quality_graph import BARS, SAMPLES, Picture, QualityGraph
from tests.desktop.paints import Paints


@pytest.mark.parametrize(
    ("loss", "jitter", "delay", "rtt", "grade"),
    [
        (0.0, 0.0, 0.0, 0.0, Grade.GOOD),
        (0.005, 0.010, 0.060, 0.020, Grade.GOOD),
        (0.01, 0.010, 0.060, 0.020, Grade.FAIR),
        (0.0, 0.040, 0.060, 0.020, Grade.FAIR),
        (0.0, 0.010, 0.060, 0.200, Grade.FAIR),
        (0.0, 0.010, 0.160, 0.020, Grade.FAIR),
        (0.08, 0.010, 0.060, 0.020, Grade.POOR),
        (0.0, 0.120, 0.060, 0.020, Grade.POOR),
        (0.0, 0.010, 0.300, 0.300, Grade.POOR),
        (1.0, 9.0, 9.0, 9.0, Grade.POOR),
        (0.0, 0.0, 0.0, None, Grade.NONE),
    ],
)
def test_the_worst_figure_decides(
    loss: float, jitter: float, delay: float, rtt: float | None, grade: Grade
) -> None:
    assert judged(loss, jitter, delay, rtt) is grade


def test_the_score_falls_as_the_loss_grows_and_ends_above_no_connection() -> None:
    scores = [score(percent / 100, 0.0, 0.0, 0.0) for percent in range(101)]

    assert scores == sorted(scores, reverse=True)
    assert scores[0] == 1.0
    assert scores[-1] > score(0.0, 0.0, 0.0, None) == 0.0


@pytest.fixture
def graph(qtbot: QtBot) -> QualityGraph:
    made = QualityGraph()
    qtbot.addWidget(made)
    made.resize(330, 30)
    made.show()
    made.add("good", 0.9, "The network is good.")
    QApplication.processEvents()
    return made


@pytest.mark.parametrize(
    ("last", "bars"), [(0, 0), (1, 1), (33, 1), (34, 2), (66, 2), (68, 3), (100, BARS)]
)
def test_each_third_of_the_score_is_a_bar(last: int, bars: int) -> None:
    assert Picture("", (100, last)).bars == bars


def test_nothing_known_is_no_bar() -> None:
    assert Picture().bars == 0


def test_a_screen_reader_reads_the_sentence(graph: QualityGraph) -> None:
    graph.add("bad", 0.2, "The network is bad: 12 % are lost.")

    found = QAccessible.queryAccessibleInterface(graph)

    assert found.role() is QAccessible.Role.StaticText
    assert found.text(QAccessible.Text.Name) == "The network is bad: 12 % are lost."


def test_a_minute_that_was_all_the_same_is_not_painted_again(graph: QualityGraph) -> None:
    for _ in range(SAMPLES):
        graph.add("good", 0.9, "The network is good.")
    QApplication.processEvents()
    paints = Paints(graph)

    graph.add("good", 0.9, "The network is good: 12 ms.")
    QApplication.processEvents()

    assert paints.count == 0


def test_what_is_older_than_a_minute_is_forgotten(graph: QualityGraph) -> None:
    once = graph.grab().toImage()
    graph.add("bad", 0.1, "")
    for _ in range(SAMPLES):
        graph.add("good", 0.9, "")
    full = graph.grab().toImage()

    for _ in range(SAMPLES):
        graph.add("good", 0.9, "")

    assert graph.grab().toImage() == full != once


def test_a_gap_is_seen(graph: QualityGraph) -> None:
    for _ in range(SAMPLES):
        graph.add("good", 0.9, "")
    before = graph.grab().toImage()

    for _ in range(10):
        graph.add("good", 0.0, "")
    for _ in range(10):
        graph.add("good", 0.9, "")

    assert graph.grab().toImage() != before
