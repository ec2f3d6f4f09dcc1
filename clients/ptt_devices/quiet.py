"""Keeps what ALSA, PortAudio and X write to standard error out of a person's terminal.

They write to the descriptor, past Python, and in the middle of a picture that is being drawn; what
they mean reaches people as AudioDeviceError and HotkeyError. Python's own messages still come.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

STDERR = 2  # the descriptor


@contextmanager
def quiet_libraries() -> Iterator[None]:
    """Within the block, only Python writes to standard error; without a descriptor, no effect."""
    if not _is_real_stderr():
        yield
        return
    former = sys.stderr
    terminal = os.dup(STDERR)
    _redirect_to(os.open(os.devnull, os.O_WRONLY))
    try:
        with open(terminal, "w", buffering=1, errors="backslashreplace", closefd=False) as stream:
            sys.stderr = stream
            yield
    finally:
        sys.stderr = former
        _redirect_to(terminal)


def _is_real_stderr() -> bool:
    try:
        return sys.stderr.fileno() == STDERR
    except (AttributeError, OSError, ValueError):
        return False


def _redirect_to(descriptor: int) -> None:
    os.dup2(descriptor, STDERR)
    os.close(descriptor)
