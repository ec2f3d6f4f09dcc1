"""Who we are to the desktop: an entry in the person's own applications, not shown in menus.

Desktop Entry Specification 1.5. xdg-desktop-portal gives shortcuts since 1.21 only to programs
that have one (its Registry looks the name up); packages of a distribution bring their own.
"""

import os
import sys
from pathlib import Path

import trio

# Implementation
APP_ID = "ptt.Talk"  # of at least two parts, as the Registry demands
SEEN_WITHIN = 1.0  # s, for the portal to notice a new entry: GLib watches the directory

_ENTRY = """\
[Desktop Entry]
Type=Application
Name=Push to talk
Comment=Lets the desktop know which program its shortcuts belong to
Exec=ptt talk
Terminal=true
NoDisplay=true
"""


async def write_desktop_entry() -> None:
    """Unless it is there; without it where this person cannot write. Returns when it is seen."""
    path = desktop_entry_path()
    if sys.platform == "win32" or path.exists():
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_ENTRY, encoding="utf-8")
    except OSError:
        return  # the portal says no again, which is told
    await trio.sleep(SEEN_WITHIN)


def desktop_entry_path(app_id: str = APP_ID) -> Path:
    """Where the desktop looks for entries of this person."""
    return data_home() / "applications" / f"{app_id}.desktop"


def data_home() -> Path:
    """Where data of this person is kept (XDG Base Directory Specification 0.8)."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
