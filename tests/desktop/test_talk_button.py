"""The big key never stays down by itself, and says what it does."""

import random
from collections.abc import Callable

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QKeyEvent, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ptt_desktop import talk_button
from ptt_desktop.talk_button import KeyState, TalkButton
from tests.desktop.paints import black_and_white

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
SPACE, RETURN = Qt.Key.Key_Space, Qt.Key.Key_Return


class Desk:
    """A window with the key and a line to type in; `heard` is what the key told."""

    def __init__(self, qtbot: QtBot) -> None:
        self.qtbot = qtbot
        self.window = QWidget()
        self.key, self.line = TalkButton(), QLineEdit()
        layout = QVBoxLayout(self.window)
        layout.addWidget(self.key)
        layout.addWidget(self.line)
        self.heard: list[str] = []
        self.key.pushed.connect(lambda: self.heard.append("pushed"))
        self.key.let_go.connect(lambda by_hand: self.heard.append("let go" if by_hand else "lost"))
        self.key.show_state(KeyState.IDLE, "Hold to talk")
        qtbot.addWidget(self.window)
        self.window.show()
        assert QTest.qWaitForWindowActive(self.window)
        self.key.setFocus()
        self.finger = QTest.createTouchDevice()

    def open_other(self) -> None:
        self.other = QWidget()
        self.qtbot.addWidget(self.other)
        self.other.show()
        self.other.activateWindow()
        assert QTest.qWaitForWindowActive(self.other)

    def touch(self, action: str, *fingers: int) -> None:
        sequence = QTest.touchEvent(self.key, self.finger, False)
        for finger in fingers:
            getattr(sequence, action)(finger, self.key.rect().center(), self.key)
        sequence.commit()


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def test_the_mouse_holds_it_wherever_the_mouse_goes(desk: Desk) -> None:
    QTest.mousePress(desk.key, LEFT)
    QTest.mouseMove(desk.key, QPoint(-500, -500))
    assert desk.heard == ["pushed"]

    QTest.mouseRelease(desk.key, LEFT, pos=QPoint(-500, -500))

    assert desk.heard == ["pushed", "let go"]


def test_the_right_button_does_not_push_it(desk: Desk) -> None:
    QTest.mouseClick(desk.key, RIGHT)

    assert desk.heard == []


def test_each_press_of_a_double_click_counts(desk: Desk) -> None:
    QTest.mouseClick(desk.key, LEFT)
    QTest.mouseDClick(desk.key, LEFT)
    QTest.mouseRelease(desk.key, LEFT)

    assert desk.heard == ["pushed", "let go"] * 2


@pytest.mark.parametrize("key", [SPACE, RETURN, Qt.Key.Key_Enter])
def test_space_and_return_hold_it(desk: Desk, key: Qt.Key) -> None:
    QTest.keyPress(desk.key, key)
    assert desk.heard == ["pushed"]

    QTest.keyRelease(desk.key, key)

    assert desk.heard == ["pushed", "let go"]


def test_a_key_that_repeats_itself_is_one_push(desk: Desk) -> None:
    QTest.keyPress(desk.key, SPACE)
    for kind in (QEvent.Type.KeyRelease, QEvent.Type.KeyPress) * 5:
        repeat(desk.key, kind)
    QTest.keyRelease(desk.key, SPACE)

    assert desk.heard == ["pushed", "let go"]


def repeat(widget: QWidget, kind: QEvent.Type) -> None:
    none = Qt.KeyboardModifier.NoModifier
    QCoreApplication.sendEvent(widget, QKeyEvent(kind, SPACE, none, " ", autorep=True))


def test_a_finger_holds_it(desk: Desk) -> None:
    desk.touch("press", 1)
    assert desk.heard == ["pushed"]

    desk.touch("release", 1)

    assert desk.heard == ["pushed", "let go"]


def test_a_second_finger_neither_holds_it_nor_lets_go(desk: Desk) -> None:
    desk.touch("press", 1)
    sequence = QTest.touchEvent(desk.key, desk.finger, False)
    sequence.stationary(1).press(2, desk.key.rect().center(), desk.key).commit()
    assert desk.heard == ["pushed"]

    sequence = QTest.touchEvent(desk.key, desk.finger, False)
    sequence.release(1, desk.key.rect().center(), desk.key).stationary(2).commit()

    assert desk.heard == ["pushed", "let go"]
    desk.touch("release", 2)
    assert desk.heard == ["pushed", "let go"]


def test_two_hands_are_one_push_until_both_are_off(desk: Desk) -> None:
    QTest.keyPress(desk.key, SPACE)
    QTest.mousePress(desk.key, LEFT)
    QTest.keyRelease(desk.key, SPACE)
    assert desk.heard == ["pushed"]

    QTest.mouseRelease(desk.key, LEFT)

    assert desk.heard == ["pushed", "let go"]


def open_dialog(desk: Desk) -> None:
    dialog = QDialog(desk.window)
    dialog.setModal(True)
    dialog.show()


GONE: dict[str, Callable[[Desk], object]] = {
    "the focus": lambda desk: desk.line.setFocus(),
    "the picture": lambda desk: desk.key.hide(),
    "the window's picture": lambda desk: desk.window.hide(),
    "the permission": lambda desk: desk.key.setEnabled(False),
    "the permission of all": lambda desk: desk.window.setEnabled(False),
    "another window": lambda desk: desk.open_other(),
    "a question": open_dialog,
    "the key itself": lambda desk: (desk.key.deleteLater(), flush(desk)),
}


def flush(desk: Desk) -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.mark.parametrize("what", GONE)
@pytest.mark.parametrize("hand", ["mouse", "key", "finger"])
def test_it_is_let_go_when_the_end_could_be_missed(desk: Desk, what: str, hand: str) -> None:
    match hand:
        case "mouse":
            QTest.mousePress(desk.key, LEFT)
        case "key":
            QTest.keyPress(desk.key, SPACE)
        case "finger":
            desk.touch("press", 1)
    assert desk.heard == ["pushed"]

    GONE[what](desk)

    assert desk.heard == ["pushed", "lost"]


def test_the_end_that_comes_after_all_is_not_told_twice(desk: Desk) -> None:
    QTest.mousePress(desk.key, LEFT)
    desk.line.setFocus()

    QTest.mouseRelease(desk.key, LEFT)

    assert desk.heard == ["pushed", "lost"]


def test_a_mouse_whose_release_was_missed_lets_go_when_it_moves(desk: Desk) -> None:
    QTest.mousePress(desk.key, LEFT)

    move_without_buttons(desk.key)

    assert desk.heard == ["pushed", "lost"]


def move_without_buttons(widget: QWidget) -> None:
    none = Qt.MouseButton.NoButton
    middle = QPointF(widget.rect().center())
    moved = QMouseEvent(
        QEvent.Type.MouseMove, middle, middle, none, none, Qt.KeyboardModifier.NoModifier
    )
    QCoreApplication.sendEvent(widget, moved)


def test_what_is_unavailable_cannot_be_pushed_but_can_be_let_go(desk: Desk) -> None:
    QTest.keyPress(desk.key, SPACE)
    desk.key.show_state(KeyState.UNAVAILABLE, "No connection")
    QTest.keyRelease(desk.key, SPACE)
    QTest.mouseClick(desk.key, LEFT)

    assert desk.heard == ["pushed", "let go"]


def test_a_screen_reader_taps_it(desk: Desk, qtbot: QtBot) -> None:
    actions = QAccessible.queryAccessibleInterface(desk.key).actionInterface()

    actions.doAction("Press")

    qtbot.waitUntil(lambda: desk.heard == ["pushed", "let go"])  # Qt shows it for 0.1 s


@pytest.mark.parametrize("seed", range(20))
def test_whatever_happens_pushes_and_ends_take_turns(desk: Desk, seed: int) -> None:
    chance = random.Random(seed)
    happenings: list[Callable[[], object]] = [
        lambda: QTest.mousePress(desk.key, LEFT),
        lambda: QTest.mouseRelease(desk.key, LEFT),
        lambda: QTest.mouseDClick(desk.key, LEFT),
        lambda: QTest.keyPress(desk.key, SPACE),
        lambda: QTest.keyRelease(desk.key, SPACE),
        lambda: QTest.keyPress(desk.key, RETURN),
        lambda: QTest.keyRelease(desk.key, RETURN),
        lambda: move_without_buttons(desk.key),
        lambda: desk.key.setFocus(),
        lambda: desk.line.setFocus(),
        lambda: desk.key.setVisible(chance.random() < 0.7),
        lambda: desk.key.setEnabled(chance.random() < 0.7),
        lambda: desk.key.show_state(chance.choice(list(KeyState)), "Whatever"),
    ]

    for _ in range(60):
        chance.choice(happenings)()
        assert desk.key.held is (len(desk.heard) % 2 == 1)
    desk.window.hide()

    assert desk.heard[::2] == ["pushed"] * (len(desk.heard) // 2)
    assert "pushed" not in desk.heard[1::2]


def test_a_screen_reader_finds_a_button_with_the_text(desk: Desk) -> None:
    desk.key.show_state(KeyState.QUEUED, "You are next", "Ben talks")

    found = QAccessible.queryAccessibleInterface(desk.key)

    assert found.role() is QAccessible.Role.Button
    assert found.text(QAccessible.Text.Name) == "You are next"
    assert found.text(QAccessible.Text.Description) == "Ben talks"


def test_a_new_state_is_said_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(talk_button, "announce", lambda _, sentence: said.append(sentence))

    desk.key.show_state(KeyState.TALKING, "Speak now", "1:00 left")
    desk.key.show_state(KeyState.TALKING, "Speak now", "0:59 left")

    assert said == ["Speak now. 1:00 left"]


def test_each_state_looks_different_without_colour(desk: Desk) -> None:
    desk.key.resize(300, 110)

    looks = {state: shown(desk.key, state) for state in KeyState}

    assert len(set(looks.values())) == len(KeyState)


def shown(key: TalkButton, state: KeyState) -> tuple[bool, ...]:
    key.show_state(state, "The same", "for all")
    return black_and_white(key)


def test_no_state_changes_the_size(desk: Desk) -> None:
    sizes = set()
    for state in KeyState:
        desk.key.show_state(state, state.name * 9, state.name)
        sizes.add(desk.key.sizeHint().toTuple())

    assert len(sizes) == 1
