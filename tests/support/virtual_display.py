"""An X display of its own, and a hand on its keyboard: Xvfb and xdotool, no screen needed."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest


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

    def vanish(self) -> None:
        """End the display, as a crash does."""
        self.server.kill()
        self.server.wait(10)

    def _xdotool(self, *arguments: str) -> None:
        subprocess.run(
            ["xdotool", *arguments], env={**os.environ, **self.environment}, check=True, timeout=10
        )


@contextmanager
def virtual_display() -> Iterator[VirtualDisplay]:
    """Runs until the block is left; skips the test where Xvfb or xdotool is not installed."""
    if not (shutil.which("Xvfb") and shutil.which("xdotool")):
        pytest.skip("needs Xvfb and xdotool")
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
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
