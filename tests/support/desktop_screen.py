"""A desktop of its own: a screen, windows that can be moved, a tray, a session bus, a hand.

    Xvfb, openbox, tint2 (only its tray), dbus-daemon, at-spi-bus-launcher
        ^ xdotool                               ^ AT-SPI
        '------------- DesktopScreen ------------'

A program that is started here has folders of its own, and shows its accessible tree. What is
looked for is waited for: Qt tells of changes a moment after them.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import pytest

from tests.support.accessible import AccessibilityBus, Accessible
from tests.support.private_bus import Bus, private_bus
from tests.support.screen_picture import save_picture
from tests.support.virtual_display import VirtualDisplay, virtual_display
from tests.support.x_windows import Area, XWindows, x_windows

PATIENCE = 10.0  # s
SIZE = 1280, 900
USUAL_DPI = 96  # 100 %
_LAUNCHER = Path("/usr/libexec/at-spi-bus-launcher")
_PROGRAMS = ("openbox", "tint2")
_FOLDERS = {
    "HOME": "home",
    "XDG_CONFIG_HOME": "config",
    "XDG_DATA_HOME": "data",
    "XDG_STATE_HOME": "state",
    "XDG_CACHE_HOME": "cache",
    "XDG_RUNTIME_DIR": "run",
}
_TRAY = """\
panel_items = S
panel_size = 200 28
panel_position = bottom right horizontal
systray_padding = 2 2 2
"""

_Found = TypeVar("_Found")


@dataclass
class Program:
    """A program under test, on this screen."""

    screen: "DesktopScreen"
    process: "subprocess.Popen[bytes]"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def tree(self) -> Accessible | None:
        """Its accessible tree as it is now; None before there is one."""
        return self.screen.accessibility.tree(self.pid)

    @property
    def windows(self) -> dict[int, str]:
        """Numbers and titles of those that are seen."""
        return self.screen.windows.windows(self.pid)

    @property
    def tray_icons(self) -> list[Area]:
        """Where they are on the screen."""
        return self.screen.windows.tray_icons(self.pid)

    def window(self) -> int:
        """Wait for its window."""
        return next(iter(until(lambda: self.windows, "a window")))

    def find(self, role: str = "", name: str = "") -> Accessible | None:
        """As `Accessible.find`, now."""
        tree = self.tree
        return tree.find(role, name) if tree else None

    def wait_for(self, role: str = "", name: str = "", within: float = PATIENCE) -> Accessible:
        """Wait until it is shown."""
        try:
            return until(lambda: self.find(role, name), f"{role} {name!r}", within)
        except AssertionError as error:
            lines = self.tree.lines() if self.tree else ["nothing"]
            raise AssertionError("\n".join([str(error), "but:", *lines])) from None

    def wait_until(
        self, condition: Callable[[Accessible], _Found | None], what: str, within: float = PATIENCE
    ) -> _Found:
        """Wait until the tree answers this with something."""

        def asked() -> _Found | None:
            tree = self.tree
            return condition(tree) if tree else None

        return until(asked, what, within)

    def point_at(self, role: str = "", name: str = "") -> None:
        """The mouse over the middle of what is found so."""
        self.screen.display.point_at(*self.wait_for(role, name).centre)

    def click(self, role: str = "", name: str = "") -> None:
        """With the mouse, in the middle of what is found so."""
        self.point_at(role, name)
        self.screen.display.click(1)

    def end(self) -> int:
        """Terminate it if it runs; its exit code."""
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(PATIENCE)


@dataclass
class DesktopScreen:
    """See `desktop_screen`."""

    folder: Path
    display: VirtualDisplay
    bus: Bus
    windows: XWindows
    scale: float = 1.0  # pixels to Qt's unit
    programs: list[Program] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        """For programs that shall be seen here."""
        folders = {name: str(self.folder / part) for name, part in _FOLDERS.items()}
        return {
            **folders,
            **self.display.environment,
            "DBUS_SESSION_BUS_ADDRESS": self.bus.address,
            "QT_QPA_PLATFORM": "xcb",
            "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1",
            "XDG_SESSION_TYPE": "x11",
            "LC_ALL": "C.UTF-8",
        }

    @cached_property
    def accessibility(self) -> AccessibilityBus:
        return AccessibilityBus(self.bus.address, self.scale)

    def start(self, *command: str, environment: Mapping[str, str] | None = None) -> Program:
        """A program; it is ended with the screen at the latest."""
        environment = {**os.environ, **self.environment, **(environment or {})}
        program = Program(self, subprocess.Popen(command, env=environment))
        self.programs.append(program)
        return program

    def press_key(self, keys: str) -> None:
        """Press and release; several at once are joined by +."""
        self.display.press_key(keys)

    def close_active_window(self) -> None:
        """By the window manager, as the cross in its frame does."""
        self.press_key("alt+F4")

    def screenshot(self, path: Path) -> None:
        """The whole screen as PNG."""
        save_picture(self.folder / "pictures", path)


def until(condition: Callable[[], _Found | None], what: str, within: float = PATIENCE) -> _Found:
    """Wait until there is something; an AssertionError that names `what` if there never is."""
    end = time.monotonic() + within
    while not (found := condition()):
        assert time.monotonic() < end, f"{what} did not come within {within:g} s"
        time.sleep(0.03)
    return found


@contextmanager
def desktop_screen(
    folder: Path, size: tuple[int, int] = SIZE, *, dpi: int = USUAL_DPI
) -> Iterator[DesktopScreen]:
    """Runs until the block is left; skips the test where something is not installed.

    192 dpi is what a desktop at 200 % says.
    """
    missing = [program for program in _PROGRAMS if not shutil.which(program)]
    missing += [] if _LAUNCHER.exists() else ["at-spi2-core"]
    if missing:
        pytest.skip(f"needs {', '.join(missing)}")
    for part in [*_FOLDERS.values(), "pictures"]:
        (folder / part).mkdir(mode=0o700, parents=True)
    pictures = folder / "pictures"
    with (
        private_bus() as bus,
        virtual_display(size, dpi=dpi, pictures=pictures) as display,
        x_windows(display.name) as windows,
        ExitStack() as stack,
    ):
        windows.say_density(dpi)
        screen = DesktopScreen(folder, display, bus, windows, dpi / USUAL_DPI)
        _furnish(screen, stack)
        stack.enter_context(closing(screen.accessibility))
        stack.callback(_end_all, screen.programs)
        yield screen


def _furnish(screen: DesktopScreen, stack: ExitStack) -> None:
    """What a desktop has besides programs; ended in the opposite order."""
    settings = screen.folder / "tray"
    settings.write_text(_TRAY)
    for command in (
        [str(_LAUNCHER), "--launch-immediately"],
        ["openbox", "--sm-disable"],
        ["tint2", "-c", str(settings)],
    ):
        stack.enter_context(_running(command, screen))
    windows = screen.windows
    until(lambda: windows.has_manager and windows.has_tray, "the window manager and the tray")


@contextmanager
def _running(command: list[str], screen: DesktopScreen) -> Iterator[None]:
    log = screen.folder / f"{Path(command[0]).name}.log"
    with log.open("wb") as out:
        environment = {**os.environ, **screen.environment}
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    try:
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _end_all(programs: list[Program]) -> None:
    for program in programs:
        program.end()
