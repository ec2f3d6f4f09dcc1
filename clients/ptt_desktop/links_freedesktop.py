"""The menu, links and autostart of Linux and BSD.

Desktop Entry Specification 1.5, Desktop Application Autostart 0.5, Association between MIME types
and applications 1.0.1, Icon Theme Specification 0.13. All of it is this person's own, below the
XDG folders; a file that does not bear our mark was written by somebody else and is left alone.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import resources
from itertools import chain
from pathlib import Path

from ptt_desktop.links import APP_ID, SCHEME, LinksError
from ptt_desktop.own_command import own_command
from ptt_devices.desktop_entry import data_home, desktop_entry_path

# Specification
_DEFAULTS = "[Default Applications]"
_CAPABLE = "[MIME Cache]"  # of mimeinfo.cache: who is able to, chosen or not
_TYPE = f"x-scheme-handler/{SCHEME}"
_TO_BE_QUOTED = set(" \t\n\"'\\><~|&;$*?#()`")
_TO_BE_ESCAPED = '"`$\\'

# Implementation
MARK = "X-Ptt-Own=true"
HIDDEN = "--hidden"  # so that the window does not come up by itself each morning
FILE_NAME = f"{APP_ID}.desktop"
_TELL_WITHIN = 10.0  # s; update-desktop-database reads every entry of the person

_MENU = f"""\
[Desktop Entry]
Type=Application
Name=Push to talk
Name[de]=Sprechen auf Knopfdruck
GenericName=Intercom
GenericName[de]=Gegensprechanlage
Comment=Press a key and talk to the people in your channel
Comment[de]=Taste drücken und mit den Leuten im Kanal sprechen
Exec={{command}}
Icon={APP_ID}
Terminal=false
Categories=Network;Chat;Telephony;
Keywords=intercom;radio;walkie-talkie;voice;
Keywords[de]=Funk;Sprechanlage;Walkie-Talkie;Stimme;
MimeType={_TYPE};
StartupNotify=true
StartupWMClass={SCHEME}
{MARK}
"""

_AUTOSTART = f"""\
[Desktop Entry]
Type=Application
Name=Push to talk
Name[de]=Sprechen auf Knopfdruck
Exec={{command}}
Icon={APP_ID}
Terminal=false
{MARK}
"""


def menu_entry(command: Sequence[str]) -> str:
    """The entry in the menu, which is also what opens links."""
    return _MENU.format(command=f"{quoted(command)} %u")


def autostart_entry(command: Sequence[str]) -> str:
    """The entry that starts us with the desktop."""
    return _AUTOSTART.format(command=quoted([*command, HIDDEN]))


def quoted(command: Sequence[str]) -> str:
    """As the value of Exec: quoted, and then escaped as every text of an entry."""
    return " ".join(_quoted(part) for part in command).replace("\\", "\\\\")


def _quoted(part: str) -> str:
    part = part.replace("%", "%%")
    if part and not _TO_BE_QUOTED & set(part):
        return part
    return '"' + "".join(f"\\{sign}" if sign in _TO_BE_ESCAPED else sign for sign in part) + '"'


def opener(defaults: str, group: str = _DEFAULTS) -> str:
    """The entry that mimeapps.list, or another list, names for our links; "" if none."""
    lines = defaults.splitlines()
    found = [lines[at] for at in _places(lines, group)]
    return found[0].partition("=")[2].split(";")[0].strip() if found else ""


def with_opener(defaults: str, entry: str) -> str:
    """mimeapps.list with this entry for our links, or with none if it is ""."""
    lines = defaults.splitlines()
    for at in reversed(_places(lines)):
        del lines[at]
    if entry:
        if _DEFAULTS not in lines:
            lines += ["", _DEFAULTS] if lines else [_DEFAULTS]
        lines.insert(lines.index(_DEFAULTS) + 1, f"{_TYPE}={entry}")
    return "".join(f"{line}\n" for line in lines)


def _places(lines: Sequence[str], group: str = _DEFAULTS) -> list[int]:
    """Where the list of defaults names our links."""
    inside, found = False, []
    for at, line in enumerate(lines):
        if line.startswith("["):
            inside = line == group
        elif inside and line.partition("=")[0].strip() == _TYPE:
            found.append(at)
    return found


class FreeDesktop:
    """Implements Desktop."""

    def register(self, *, instead: bool) -> None:
        """Entry, icon, and the line that makes us the opener of links."""
        other = self._opener()
        if other not in ("", FILE_NAME) and not instead:
            raise LinksError(f"{other} opens ptt:// links: take them over in the settings.")
        with _refusals():
            _write_own(_menu_path(), menu_entry(own_command()))
            _write(_icon_path(), _icon())
            self._choose_opener(FILE_NAME)
        _tell_the_desktop()

    def unregister(self) -> None:
        """What bears our mark goes; the icon with it."""
        with _refusals():
            if _is_own(_menu_path()):
                _menu_path().unlink(missing_ok=True)
                _icon_path().unlink(missing_ok=True)
            if self._opener() == FILE_NAME:
                self._choose_opener("")
        _tell_the_desktop()

    def is_registered(self) -> bool:
        """Also if an administrator wrote the entry."""
        text = _read(_menu_path())
        current = not _is_own(_menu_path()) or text == menu_entry(own_command())
        return bool(text) and current and self._opener() == FILE_NAME

    def set_autostart(self, *, wanted: bool) -> None:
        """By an entry in the autostart folder."""
        with _refusals():
            if wanted:
                _write_own(_autostart_path(), autostart_entry(own_command()))
            elif _is_own(_autostart_path()):
                _autostart_path().unlink(missing_ok=True)

    def autostarts(self) -> bool:
        """Whether there is an entry that holds; desktops switch one off by hiding it."""
        lines = _read(_autostart_path()).lower().splitlines()
        off = {"hidden=true", "x-gnome-autostart-enabled=false"}
        return bool(lines) and not off & {line.replace(" ", "") for line in lines}

    def _opener(self) -> str:
        """As the desktop looks for it: the person's choice, the system's, whoever is able to."""
        chosen = (opener(_read(folder / "mimeapps.list")) for folder in _folders_of_defaults())
        able = (opener(_read(one / "mimeinfo.cache"), _CAPABLE) for one in _folders_of_entries())
        return next(filter(None, chain(chosen, able)), "")

    def _choose_opener(self, entry: str) -> None:
        path = _defaults_path()
        former = _read(path)
        fresh = with_opener(former, entry)
        if fresh != former:
            _write(path, fresh)


def _menu_path() -> Path:
    return desktop_entry_path(APP_ID)


def _icon_path() -> Path:
    return data_home() / "icons" / "hicolor" / "scalable" / "apps" / f"{APP_ID}.svg"


def _autostart_path() -> Path:
    return _config_home() / "autostart" / FILE_NAME


def _defaults_path() -> Path:
    return _config_home() / "mimeapps.list"


def _config_home() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")


def _folders_of_defaults() -> list[Path]:
    return [_config_home(), *_system_folders("XDG_CONFIG_DIRS", "/etc/xdg"), *_folders_of_entries()]


def _folders_of_entries() -> list[Path]:
    system = _system_folders("XDG_DATA_DIRS", "/usr/local/share:/usr/share")
    return [folder / "applications" for folder in (data_home(), *system)]


def _system_folders(variable: str, usual: str) -> list[Path]:
    said = os.environ.get(variable) or usual
    return [Path(folder) for folder in said.split(":") if folder]


def _icon() -> str:
    return (resources.files("ptt_desktop") / "icons" / "ptt.svg").read_text(encoding="utf-8")


def _is_own(path: Path) -> bool:
    """Whether we may change it: it is not there, or it bears our mark."""
    text = _read(path)
    return not text or MARK in text.splitlines()


def _read(path: Path) -> str:
    """Empty where nothing can be read."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return ""


def _write_own(path: Path, text: str) -> None:
    if _is_own(path):
        _write(path, text)


def _write(path: Path, text: str) -> None:
    """Whole or not at all: menus are read while we write. Some people's files are links."""
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(path)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LinksError(f"{error.filename} cannot be written: {error.strerror}.") from error


def _tell_the_desktop() -> None:
    """Most look at mimeapps.list alone; older ones read the list that this program makes."""
    program = shutil.which("update-desktop-database")
    if program is None:
        return
    with suppress(OSError, subprocess.TimeoutExpired):
        # No shell, and a path of our own.
        subprocess.run(  # nosec B603
            [program, "-q", str(_menu_path().parent)],
            check=False,
            timeout=_TELL_WITHIN,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
