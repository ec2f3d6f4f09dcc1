"""Links and autostart of Windows: keys of the registry below HKEY_CURRENT_USER.

Microsoft, "Registering an Application to a URI Scheme" and "Run and RunOnce Registry Keys". The
menu is the installer's. A class with a command but without our mark is another program's.
"""

import sys
from collections.abc import Sequence
from subprocess import list2cmdline
from typing import Protocol

from ptt_desktop.links import SCHEME, LinksError
from ptt_desktop.own_command import own_command

# Specification
CLASS = rf"Software\Classes\{SCHEME}"
COMMAND = rf"{CLASS}\shell\open\command"
RUN = r"Software\Microsoft\Windows\CurrentVersion\Run"

# Implementation
MARK = "PttOwn"
NAME = "ptt"
HIDDEN = "--hidden"


class Registry(Protocol):
    """As much of it as is needed here, below HKEY_CURRENT_USER."""

    def read(self, key: str, name: str) -> str | None:
        """None where there is no such key or value."""
        ...

    def write(self, key: str, name: str, value: str) -> None:
        """Makes the key if need be."""
        ...

    def forget(self, key: str, name: str) -> None:
        """Delete the value if it is there."""
        ...

    def forget_all(self, key: str) -> None:
        """Delete the key and all below if it is there."""
        ...


def class_values(command: Sequence[str]) -> list[tuple[str, str, str]]:
    """Key, name and value of all that makes Windows start `command` for a link."""
    return [
        (CLASS, "", f"URL:{SCHEME}"),
        (CLASS, "URL Protocol", ""),
        (CLASS, MARK, "1"),
        (rf"{CLASS}\DefaultIcon", "", f'"{command[0]}",0'),
        (COMMAND, "", f'{list2cmdline(command)} "%1"'),
    ]


class WindowsDesktop:
    """Implements Desktop."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def register(self, *, instead: bool) -> None:
        """By a class of the scheme's name."""
        if not self._is_own() and not instead:
            other = self._registry.read(COMMAND, "")
            raise LinksError(f"{other} opens ptt:// links: take them over in the settings.")
        for key, name, value in class_values(own_command()):
            self._registry.write(key, name, value)

    def unregister(self) -> None:
        """Unless it is another's."""
        if self._is_own():
            self._registry.forget_all(CLASS)

    def is_registered(self) -> bool:
        """With the command as it is now."""
        return all(
            self._registry.read(key, name) == value
            for key, name, value in class_values(own_command())
        )

    def set_autostart(self, *, wanted: bool) -> None:
        """By a value of the Run key."""
        if wanted:
            self._registry.write(RUN, NAME, list2cmdline([*own_command(), HIDDEN]))
        else:
            self._registry.forget(RUN, NAME)

    def autostarts(self) -> bool:
        """Whether there is such a value."""
        return self._registry.read(RUN, NAME) is not None

    def _is_own(self) -> bool:
        absent = self._registry.read(COMMAND, "") is None
        return absent or self._registry.read(CLASS, MARK) is not None


def open_registry() -> Registry:
    """The real one. Raises LinksError on other systems."""
    if sys.platform == "win32":
        from ptt_desktop.windows_registry import WindowsRegistry

        return WindowsRegistry()
    raise LinksError("Only Windows has a registry.")
