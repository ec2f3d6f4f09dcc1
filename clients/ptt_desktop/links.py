"""Who opens ptt:// links, our place in the menu, and whether the window comes with the desktop.

    links.py --> links_freedesktop.py   entries and an icon below XDG_DATA_HOME, mimeapps.list
             --> links_windows.py       keys below HKEY_CURRENT_USER
             --> links_macos.py         the bundle says it; a launch agent for the start

Nothing here needs an administrator, and what is not ours stays as it is. All functions read or
write files: call them where waiting does no harm. They raise LinksError.
"""

import sys
from typing import Protocol

from ptt.errors import PttError

SCHEME = "ptt"
APP_ID = "ptt.Desktop"


class LinksError(PttError):
    """The desktop cannot be told, or has been told otherwise by somebody else."""


class Desktop(Protocol):
    """What a desktop can be told about a program of one person."""

    def register(self, *, instead: bool) -> None:
        """Be in the menu and open links; `instead`: of whatever else opens them now."""
        ...

    def unregister(self) -> None:
        """Take that back."""
        ...

    def is_registered(self) -> bool:
        """Whether a link would come here."""
        ...

    def set_autostart(self, *, wanted: bool) -> None:
        """Whether the window shall come with the desktop, hidden."""
        ...

    def autostarts(self) -> bool:
        """Whether it will."""
        ...


def register(*, instead: bool = False) -> None:
    """Open ptt:// links from now on, and stand in the menu.

    Raises LinksError if another program opens them, unless we shall do it `instead`.
    """
    desktop().register(instead=instead)


def unregister() -> None:
    """As if we had never been here."""
    desktop().unregister()


def is_registered() -> bool:
    """Whether a click on a link comes to this program as it is installed now."""
    return desktop().is_registered()


def set_autostart(wanted: bool) -> None:
    """Start with the desktop, in the tray; or no more."""
    desktop().set_autostart(wanted=wanted)


def autostarts() -> bool:
    """Whether the desktop starts us."""
    return desktop().autostarts()


def desktop() -> Desktop:
    """The one of this system."""
    if sys.platform == "win32":
        from ptt_desktop.links_windows import WindowsDesktop, open_registry

        return WindowsDesktop(open_registry())
    if sys.platform == "darwin":
        from ptt_desktop.links_macos import MacDesktop

        return MacDesktop()
    from ptt_desktop.links_freedesktop import FreeDesktop

    return FreeDesktop()
