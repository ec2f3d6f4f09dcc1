"""Calls that hang in a library: nobody waits for them, and what they bring late is thrown away."""

import threading
from collections.abc import Iterator

import pytest

from ptt.errors import AudioDeviceError
from ptt_devices.sound_thread import AbandonedError, SoundThread, StuckError, Ticket

LIMIT = 0.05
LONG = 10.0


class Hang:
    """A call that does not return until it is let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()
        self.ended = threading.Event()
        self.went_on = False

    def __call__(self, ticket: Ticket) -> str:
        self.let_go.wait(LONG)
        ticket.check()
        self.went_on = True
        return "late"


@pytest.fixture
def hang() -> Iterator[Hang]:
    hang = Hang()
    yield hang
    hang.let_go.set()


def get_stuck(thread: SoundThread, hang: Hang) -> None:
    with pytest.raises(StuckError, match="The microphone Headset does not answer: "):
        thread.call(hang, subject="The microphone Headset", limit=LIMIT, late=hang.ended.set)


def test_all_calls_are_made_on_one_thread() -> None:
    thread = SoundThread()

    used = {thread.call(lambda _: threading.get_ident(), subject="", limit=LONG) for _ in range(5)}

    assert len(used) == 1
    assert used != {threading.get_ident()}


def test_an_error_comes_to_the_caller() -> None:
    def fail(ticket: Ticket) -> None:
        raise AudioDeviceError("There is no microphone.")

    with pytest.raises(AudioDeviceError, match="There is no microphone"):
        SoundThread().call(fail, subject="", limit=LONG)


def test_a_call_that_hangs_is_abandoned_and_the_next_is_made(hang: Hang) -> None:
    thread = SoundThread()
    get_stuck(thread, hang)

    assert thread.call(lambda _: "next", subject="", limit=LONG) == "next"
    assert thread.stuck == ("The microphone Headset",)


def test_an_abandoned_call_that_comes_back_stops_there(hang: Hang) -> None:
    thread = SoundThread()
    get_stuck(thread, hang)

    hang.let_go.set()

    assert hang.ended.wait(LONG)
    assert not hang.went_on
    assert thread.stuck == ()


def test_threads_of_abandoned_calls_end(hang: Hang) -> None:
    thread = SoundThread()
    thread.call(lambda _: None, subject="", limit=LONG)
    before = threading.active_count()
    get_stuck(thread, hang)
    thread.call(lambda _: None, subject="", limit=LONG)
    meanwhile = threading.active_count()

    hang.let_go.set()
    hang.ended.wait(LONG)
    for other in threading.enumerate():
        if other.name == "sound" and threading.active_count() > before:
            other.join(0.1)

    assert (meanwhile, threading.active_count()) == (before + 1, before)


def test_a_ticket_of_a_call_that_is_waited_for_lets_it_go_on() -> None:
    ticket = Ticket("")
    ticket.check()

    ticket.abandoned = True

    with pytest.raises(AbandonedError):
        ticket.check()
