"""A session bus of its own: a real dbus-daemon, without services that it could start."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PATIENCE = 10.0  # s

_CONFIGURATION = """\
<busconfig><type>session</type><listen>unix:path={path}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/>
<allow eavesdrop="true"/><allow own="*"/></policy></busconfig>
"""


@dataclass(frozen=True)
class Bus:
    """`address` is what DBUS_SESSION_BUS_ADDRESS must be."""

    address: str
    folder: Path
    daemon: "subprocess.Popen[bytes]"

    def vanish(self) -> None:
        """End it, as a crash does."""
        self.daemon.kill()
        self.daemon.wait(PATIENCE)


@contextmanager
def private_bus() -> Iterator[Bus]:
    """Runs until the block is left; skips the test where dbus-daemon is not installed."""
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("needs dbus-daemon, of the Debian package dbus")
    # Not below pytest's directory: a socket's path must be short.
    with tempfile.TemporaryDirectory(prefix="ptt-bus-") as name:
        folder = Path(name)
        configuration = folder / "bus.conf"
        configuration.write_text(_CONFIGURATION.format(path=folder / "bus"))
        command = [program, f"--config-file={configuration}", "--nofork", "--print-address"]
        daemon = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            assert daemon.stdout is not None
            address = daemon.stdout.readline().decode().strip()  # written once it listens
            assert address, "dbus-daemon did not start"
            yield Bus(address, folder, daemon)
        finally:
            daemon.kill()
            daemon.wait(PATIENCE)
            daemon.stdout.close()
