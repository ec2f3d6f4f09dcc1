"""What the window manager and the tray of an X screen know of a program (EWMH 1.5, XEmbed tray)."""

from collections.abc import Iterator
from contextlib import contextmanager

from Xlib import X
from Xlib.display import Display
from Xlib.error import BadWindow
from Xlib.xobject.drawable import Window

Area = tuple[int, int, int, int]  # x, y, width, height

_TRAY = "_NET_SYSTEM_TRAY_S0"
_DEPTH = 4  # of a tray icon below the root: panel, frame, icon


class XWindows:
    """Looks from outside, by a connection of its own."""

    def __init__(self, name: str) -> None:
        self._display = Display(name)

    def close(self) -> None:
        self._display.close()

    @property
    def has_tray(self) -> bool:
        """Whether a panel holds the selection of the tray."""
        return self._display.get_selection_owner(self._display.intern_atom(_TRAY)) != X.NONE

    @property
    def has_manager(self) -> bool:
        """Whether a window manager looks after the screen."""
        return bool(self._property(self._root, "_NET_SUPPORTING_WM_CHECK"))

    def say_density(self, dpi: int) -> None:
        """Where every desktop says how dense its screen is; Qt believes no X server."""
        atoms = [self._display.intern_atom(name) for name in ("RESOURCE_MANAGER", "STRING")]
        self._root.change_property(*atoms, 8, f"Xft.dpi:\t{dpi}\n".encode())
        self._display.sync()

    def windows(self, pid: int) -> dict[int, str]:
        """Numbers and titles of the windows of this program that the manager knows and shows."""
        known = self._property(self._root, "_NET_CLIENT_LIST")
        windows = [self._display.create_resource_object("window", number) for number in known]
        return {window.id: self._title(window) for window in windows if self._shown(window, pid)}

    def area(self, number: int) -> Area:
        """Of a window, without its frame."""
        window = self._display.create_resource_object("window", number)
        return self._area(window)

    def tray_icons(self, pid: int) -> list[Area]:
        """Where the tray shows icons of this program."""
        owner = self._display.get_selection_owner(self._display.intern_atom(_TRAY))
        below = self._below(self._root, _DEPTH) if owner != X.NONE else iter(())
        managed = self.windows(pid)
        return [
            self._area(window)
            for window in below
            if window.id not in managed and self._is_icon(window, pid)
        ]

    @property
    def _root(self) -> Window:
        return self._display.screen().root

    def _below(self, window: Window, depth: int) -> Iterator[Window]:
        with _gone_meanwhile():
            for child in window.query_tree().children:
                yield child
                if depth:
                    yield from self._below(child, depth - 1)

    def _is_icon(self, window: Window, pid: int) -> bool:
        with _gone_meanwhile():
            embedded = bool(self._property(window, "_XEMBED_INFO"))
            return embedded and self._shown(window, pid)
        return False

    def _shown(self, window: Window, pid: int) -> bool:
        with _gone_meanwhile():
            seen = window.get_attributes().map_state == X.IsViewable
            return seen and self._property(window, "_NET_WM_PID") == [pid]
        return False

    def _title(self, window: Window) -> str:
        octets = bytes(self._property(window, "_NET_WM_NAME"))
        return octets.decode()

    def _area(self, window: Window) -> Area:
        size = window.get_geometry()
        place = self._root.translate_coords(window, 0, 0)
        return place.x, place.y, size.width, size.height

    def _property(self, window: Window, name: str) -> list[int]:
        found = window.get_full_property(self._display.intern_atom(name), X.AnyPropertyType)
        return [] if found is None else list(found.value)


@contextmanager
def _gone_meanwhile() -> Iterator[None]:
    """A window may be destroyed while it is looked at."""
    try:
        yield
    except BadWindow:
        return


@contextmanager
def x_windows(name: str) -> Iterator[XWindows]:
    """Of the display of that name, until the block is left."""
    windows = XWindows(name)
    try:
        yield windows
    finally:
        windows.close()
