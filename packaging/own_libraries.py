"""Runs before the program: libraries that stand beside it are found before those of the system.

opuslib and sounddevice ask ctypes.util.find_library, which knows only what the system installed.
"""

import ctypes.util
import sys
from pathlib import Path

_BESIDE = Path(sys._MEIPASS)  # where PyInstaller's programs have their files
_of_the_system = ctypes.util.find_library


def find_library(name: str) -> str | None:
    """Ours if there is one."""
    for pattern in (f"lib{name}.so*", f"lib{name}*.dylib", f"{name}.dll", f"lib{name}*.dll"):
        for path in sorted(_BESIDE.glob(pattern)):
            return str(path)
    return _of_the_system(name)


ctypes.util.find_library = find_library
