"""An X display of its own, and a hand on its keyboard and mouse: Xvfb and xdotool.

With `pictures` Xvfb keeps what it shows in a file of that folder; screen_picture.py reads it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

SMALL = 640, 480


@dataclass(frozen=True)
class VirtualDisplay:
    """`name` is what DISPLAY must be for a program that shall see the keys."""

    name: str
    server: "subprocess.Popen[bytes]"

    @property
    def environment(self) -> dict[str, str]:
        return {"DISPLAY": self.name}

    def key_down(self, key: str) -> None:
        """Press and hold; `key` by its X name, such as F9 or Control_R."""
        self._xdotool("keydown", key)

    def key_up(self, key: str) -> None:
        self._xdotool("keyup", key)

    def click(self, button: int) -> None:
        """Press and release a mouse button."""
        self._xdotool("click", str(button))

    def press_key(self, keys: str) -> None:
        """Press and release; several at once are joined by +."""
        self._xdotool("key", keys)

    def type(self, text: str) -> None:
        """Each character after the other."""
        self._xdotool("type", text)

    def point_at(self, x: int, y: int) -> None:
        """Move the mouse there."""
        self._xdotool("mousemove", str(x), str(y))

    def button_down(self) -> None:
        """Press and hold the first mouse button."""
        self._xdotool("mousedown", "1")

    def button_up(self) -> None:
        self._xdotool("mouseup", "1")

    def resize(self, window: int, width: int, height: int) -> None:
        """As a hand on the window's corner does."""
        self._xdotool("windowsize", str(window), str(width), str(height))

    def vanish(self) -> None:
        """End the display, as a crash does."""
        self.server.kill()
        self.server.wait(10)

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(
            ["xdotool", *arguments], env={**os.environ, **self.environment}, check=True, timeout=10
        )


@contextmanager
def virtual_display(
    size: tuple[int, int] = SMALL, *, dpi: int = 96, pictures: Path | None = None
) -> Iterator[VirtualDisplay]:
    """Runs until the block is left; skips the test where Xvfb or xdotool is not installed."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("needs Xvfb and xdotool")
    reading, writing = os.pipe()
    screen = f"{size[0]}x{size[1]}x24"
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", screen, "-nolisten", "tcp"]
    command += ["-dpi", str(dpi), *(("-fbdir", str(pictures)) if pictures else ())]
    server = subprocess.Popen(command, pass_fds=[writing], stderr=subprocess.DEVNULL)
    os.close(writing)
    try:
        with os.fdopen(reading, "rb") as ready:
            number = ready.readline().decode().strip()  # written once it is up
        assert number, "Xvfb did not start"
        yield VirtualDisplay(f":{number}", server)
    finally:
        server.terminate()
        server.wait(10)
