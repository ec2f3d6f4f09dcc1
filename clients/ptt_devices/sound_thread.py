"""Runs the calls that may block for ever, one at a time, on a thread of their own.

PortAudio is not thread-safe and, on Windows, its objects belong to the thread that made them:
so one thread makes all calls. A sound server that hangs, or a driver, holds a call until it lives
again; then nobody waits any longer than `limit`: the call is abandoned with its thread, another
thread takes the next calls, and what the abandoned call brings in the end is thrown away.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue
from typing import Generic, TypeVar

from ptt.errors import AudioDeviceError

T = TypeVar("T")


def no_answer(subject: str) -> str:
    """The sentence about a device, or the sound system, that holds a call."""
    return f"{subject} does not answer: choose another device, or start the computer's sound anew."


class StuckError(AudioDeviceError):
    """A call took longer than its limit, and was abandoned."""


class AbandonedError(Exception):
    """Ends the rest of an abandoned call, on its thread."""


class Ticket:
    """What a running call knows of itself."""

    def __init__(self, subject: str) -> None:
        self.subject = subject
        self.abandoned = False

    def check(self) -> None:
        """To be called after every step that may have blocked; raises AbandonedError."""
        if self.abandoned:
            raise AbandonedError


class _Job(Generic[T]):
    def __init__(self, work: Callable[[Ticket], T], subject: str, late: Callable[[], None]) -> None:
        self.ticket = Ticket(subject)
        self.late = late
        self.ended = threading.Event()
        self.result: list[T] = []
        self.error: BaseException | None = None
        self._work = work

    def run(self) -> None:
        try:
            self.result.append(self._work(self.ticket))
        except BaseException as error:
            self.error = error


class SoundThread:
    """Its `call` may be used from any thread, and blocks."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._guard = threading.Lock()  # of the moment at which a call ends or is abandoned
        self._jobs: SimpleQueue[_Job[object]] | None = None
        self._stuck: list[Ticket] = []

    @property
    def stuck(self) -> tuple[str, ...]:
        """What the calls are about that were abandoned and have not come back yet."""
        return tuple(ticket.subject for ticket in self._stuck)

    def call(
        self,
        work: Callable[[Ticket], T],
        *,
        subject: str,
        limit: float,
        late: Callable[[], None] = lambda: None,
    ) -> T:
        """Its result or error; StuckError after `limit` seconds, and `late` whenever it ends then.

        `subject` names the device in the sentence.
        """
        job = _Job(work, subject, late)
        with self._turn:
            self._queue().put(job)  # type: ignore[arg-type]  # the queue holds jobs of all kinds
            if not job.ended.wait(limit):
                self._abandon(job)
        if job.ticket.abandoned:
            raise StuckError(no_answer(job.ticket.subject))
        if job.error is not None:
            raise job.error
        return job.result[0]

    def _queue(self) -> "SimpleQueue[_Job[object]]":
        if self._jobs is None:
            self._jobs = SimpleQueue()
            threading.Thread(target=self._run, args=[self._jobs], daemon=True, name="sound").start()
        return self._jobs

    def _abandon(self, job: "_Job[T]") -> None:
        with self._guard:
            if not job.ended.is_set():
                job.ticket.abandoned = True
                self._stuck.append(job.ticket)
                self._jobs = None

    def _run(self, jobs: "SimpleQueue[_Job[object]]") -> None:
        while True:
            job = jobs.get()
            job.run()
            with self._guard:
                job.ended.set()
                if not job.ticket.abandoned:
                    continue
                self._stuck.remove(job.ticket)
            return job.late()
