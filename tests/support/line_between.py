"""A TCP line to a server that may break the way a dead computer breaks it, not a process.

`reset` answers everything with a reset, as a computer that was started again does; `silent` answers
nothing at all.
"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

OCTETS = 65536


class LineBetween:
    """Listens on `port` and forwards to the port behind it."""

    def __init__(self, behind: int) -> None:
        self._behind = behind
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._open: list[socket.socket] = []
        self._flows = threading.Event()
        self._flows.set()
        threading.Thread(target=self._accept, daemon=True).start()

    def reset(self) -> None:
        """Every connection there is."""
        for each in self._open:
            each.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            with suppress(OSError):  # it may have ended by itself
                each.shutdown(socket.SHUT_RD)  # wakes the thread that reads
            each.close()
        self._open.clear()

    def silence(self) -> None:
        """From now on nothing comes through."""
        self._flows.clear()

    def speak(self) -> None:
        """All that was held up comes through."""
        self._flows.set()

    def close(self) -> None:
        """No more connections."""
        self._flows.set()
        self._listening.close()
        self.reset()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._behind))
                self._open += [near, far]
                for one, other in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=(one, other), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while octets := one.recv(OCTETS):
                self._flows.wait()
                other.sendall(octets)
            other.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(port: int) -> Iterator[LineBetween]:
    """A line to that port of this computer."""
    line = LineBetween(port)
    try:
        yield line
    finally:
        line.close()
