"""How this program is started again: what the desktop writes into its menu, links and autostart."""

import sys
from pathlib import Path

# Implementation
PROGRAM = "ptt-desktop"  # opens the window without a console on Windows


def own_command() -> list[str]:
    """Program and arguments; a link or an option may follow."""
    folder = Path(sys.executable).parent
    if found := _program(folder, PROGRAM):
        return [found]
    if found := _program(folder, "ptt"):
        return [found, "desktop"]
    return [sys.executable, "-m", "ptt_console", "desktop"]


def _program(folder: Path, name: str) -> str | None:
    """Not resolved: in a virtual environment the programs stand beside the link to Python."""
    for path in (folder / name, folder / f"{name}.exe"):
        if path.is_file():
            return str(path)
    return None
