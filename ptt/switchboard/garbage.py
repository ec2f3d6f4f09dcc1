"""Looks for unreachable cycles when connections have left some, not whenever many come.

A connection that has ended leaves some 60 objects that hold each other (TLS, Hypercorn, h11),
33 KB. Python looks for such cycles in all of its memory each time that has grown by a quarter:
nine times while a thousand clients join, for 0.37 s at the end, and finds nothing. So here the
full search is made by us, when enough connections have ended to be worth it; Python's own
searches among young objects go on.
"""

import ctypes
import gc
import sys
from collections.abc import Callable

# Implementation
YOUNG = 5000  # objects made, less those that are gone, between two searches among the young
MIDDLE = 10  # of those, until what has survived is searched once more
NEVER = 1 << 30
WORTH_IT = 100  # connections ended: some 3 MB, found in 0.1 s
SHARE = 0.25  # of those that are open: a search takes time for each of them


def search_young_only() -> None:
    """What is here now stays for good; Python makes no full search any more."""
    gc.set_threshold(YOUNG, MIDDLE, NEVER)
    gc.collect()
    gc.freeze()


def search_all() -> None:
    """Find all cycles, and give the pages that are free now back to the system.

    What connections leave lies between what others still need: the C library would keep most of
    it, and grow by 3 KB with each connection that comes and goes.
    """
    gc.collect()
    if _trim is not None:
        _trim(0)


def _find_trim() -> Callable[[int], int] | None:
    """int malloc_trim(size_t pad) of glibc; other libraries and systems have none."""
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


_trim = _find_trim()


class ConnectionRemains:
    """Counts connections; `search` is a full collection."""

    def __init__(self, search: Callable[[], object] = search_all) -> None:
        self._search = search
        self._open = 0
        self._ended = 0

    def note_begin(self) -> None:
        """One was accepted."""
        self._open += 1

    def note_end(self) -> None:
        """One is over; now and then this takes 0.3 ms for each that is open."""
        self._open -= 1
        self._ended += 1
        if self._ended >= max(WORTH_IT, SHARE * self._open):
            self._ended = 0
            self._search()
