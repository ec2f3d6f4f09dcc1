"""Wakes a Trio task from a thread that is not Trio's: an audio callback, a keyboard listener.

    any thread: set() --eventfd or socketpair--> wait_readable --> wait() returns

Chosen over `trio.from_thread.run_sync`, which raises in the callback once the loop has ended and
takes twice as long. The value itself travels by a deque beside it: append first, then set.
"""

import os
import socket
import sys
import threading
from contextlib import suppress
from typing import Protocol

import trio


class _Bell(Protocol):
    """Something with a file descriptor that becomes readable."""

    def ring(self) -> None: ...
    def silence(self) -> None: ...
    def fileno(self) -> int: ...
    def close(self) -> None: ...


class SocketPairBell:
    """Works on every system."""

    def __init__(self) -> None:
        self._receiving, self._sending = socket.socketpair()
        self._receiving.setblocking(False)
        self._sending.setblocking(False)

    def ring(self) -> None:
        """Become readable; one that is so already stays so."""
        with suppress(BlockingIOError):  # full of unread rings: readable it is
            self._sending.send(b"\0")

    def silence(self) -> None:
        """Be readable no more."""
        with suppress(BlockingIOError):
            while self._receiving.recv(4096):
                pass

    def fileno(self) -> int:
        """What becomes readable."""
        return self._receiving.fileno()

    def close(self) -> None:
        """Give back the descriptors."""
        self._receiving.close()
        self._sending.close()


if sys.platform == "linux":

    class EventFdBell:
        """One descriptor and eight octets: Linux only."""

        def __init__(self) -> None:
            self._fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)

        def ring(self) -> None:
            """Become readable; one that is so already stays so."""
            os.eventfd_write(self._fd, 1)

        def silence(self) -> None:
            """Be readable no more."""
            with suppress(BlockingIOError):
                os.eventfd_read(self._fd)

        def fileno(self) -> int:
            """What becomes readable."""
            return self._fd

        def close(self) -> None:
            """Give back the descriptor."""
            os.close(self._fd)

    NativeBell: type[EventFdBell] | type[SocketPairBell] = EventFdBell
else:
    NativeBell = SocketPairBell


class WakeUp:
    """An event that any thread may set, and one Trio task waits for, again and again."""

    def __init__(self, bell: _Bell | None = None) -> None:
        self._bell: _Bell = bell or NativeBell()
        self._guard = threading.Lock()
        self._closed = False

    def set(self) -> None:
        """Wake the task; without effect after `close`. Never blocks for long, never raises."""
        with self._guard:  # or a late callback would ring a descriptor that is another's now
            if not self._closed:
                self._bell.ring()

    async def wait(self) -> None:
        """Return as soon as it was set since the last return."""
        await trio.lowlevel.wait_readable(self._bell.fileno())
        self._bell.silence()

    def close(self) -> None:
        """Give back the descriptors; twice is once."""
        with self._guard:
            if not self._closed:
                self._closed = True
                self._bell.close()
