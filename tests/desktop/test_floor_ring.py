"""The ring says whose the floor is without colour too, and paints no more than it must."""

from collections.abc import Callable

import pytest
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ptt_desktop import ring_picture
from ptt_desktop.floor_ring import FloorRing
from ptt_desktop.ring_picture import Floor, Picture
from tests.desktop.paints import Paints, black_and_white

STATES: dict[Floor, Callable[[FloorRing], None]] = {
    Floor.FREE: lambda ring: ring.show_free("Anna"),
    Floor.ASKING: lambda ring: ring.show_asking("Anna"),
    Floor.QUEUED: lambda ring: ring.show_queued("Anna"),
    Floor.TALKER: lambda ring: ring.show_talker("Anna", "", 0.5, False, False),
    Floor.MINE: lambda ring: ring.show_talker("Anna", "", 0.5, True, False),
    Floor.EMERGENCY: lambda ring: ring.show_talker("Anna", "", 0.5, False, True),
    Floor.REPLAY: lambda ring: ring.show_replay("Anna", "", 0.5),
    Floor.UNAVAILABLE: lambda ring: ring.show_unavailable("Anna"),
}


@pytest.fixture
def ring(qtbot: QtBot) -> FloorRing:
    made = FloorRing()
    qtbot.addWidget(made)
    made.resize(200, 200)
    made.show()
    QApplication.processEvents()
    return made


def test_each_state_looks_different_without_colour(ring: FloorRing) -> None:
    looks = set()
    for show in STATES.values():
        show(ring)
        looks.add(black_and_white(ring))

    assert len(looks) == len(Floor) == len(STATES)


def test_a_screen_reader_reads_the_sentence_as_text(ring: FloorRing) -> None:
    ring.show_talker("Ben", "0:18", 0.7, False, False, sentence="Ben has talked for 18 seconds.")

    found = QAccessible.queryAccessibleInterface(ring)

    assert found.role() is QAccessible.Role.StaticText
    assert found.text(QAccessible.Text.Name) == "Ben has talked for 18 seconds."


def test_without_a_sentence_it_reads_what_is_shown(ring: FloorRing) -> None:
    ring.show_talker("Ben", "for 0:18", 0.7, False, False, left_text="42 s left")

    assert ring.accessibleName() == "Ben. for 0:18. 42 s left"


def test_what_looks_the_same_is_not_painted_again(ring: FloorRing) -> None:
    ring.show_talker("Ben", "for 0:18", 0.7, False, False)
    QApplication.processEvents()
    paints = Paints(ring)

    ring.show_talker("Ben", "for 0:18", 0.7001, False, False, sentence="Another sentence.")
    QApplication.processEvents()

    assert paints.count == 0


@pytest.mark.parametrize("share", [0.69, None])
def test_what_looks_different_is_painted(ring: FloorRing, share: float | None) -> None:
    ring.show_talker("Ben", "for 0:18", 0.7, False, False)
    QApplication.processEvents()
    paints = Paints(ring)

    ring.show_talker("Ben", "for 0:18", share, False, False)
    QApplication.processEvents()

    assert paints.count == 1


def test_a_name_that_is_cut_is_told_in_the_tool_tip(ring: FloorRing) -> None:
    name = "Alexandra Katharina Wilhelmine von Hohenstein-Oppenheim zu Ellrichshausen"
    ring.show_talker(name, "", None, False, False)
    assert ring.toolTip() == name

    ring.resize(800, 200)

    assert ring.toolTip() == ""


@pytest.mark.parametrize(
    ("share", "over"), [(1.0, False), (0.11, False), (0.1, True), (0.0, True), (-1.0, True)]
)
def test_the_last_tenth_warns(share: float, over: bool) -> None:
    shown = Picture(Floor.MINE, "You", steps=ring_picture.steps(share))

    assert shown.nearly_over is over
    assert 0.0 <= shown.share_left <= 1.0


def test_without_a_limit_nothing_ends() -> None:
    shown = Picture(Floor.TALKER, "Ben", steps=ring_picture.steps(None))

    assert shown.share_left == 1.0
    assert not shown.nearly_over
