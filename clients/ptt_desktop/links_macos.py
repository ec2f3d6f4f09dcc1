"""Links and autostart of macOS: the bundle names the scheme, a launch agent starts the program.

Apple, "Defining a custom URL scheme for your app" and launchd.plist(5). Launch Services reads a
bundle when it is first opened, so there is nothing to register at run time. The link itself comes
as QFileOpenEvent: opened_links.py.
"""

import os
import plistlib
import sys
from collections.abc import Sequence
from pathlib import Path

from ptt_desktop.links import APP_ID, SCHEME, LinksError
from ptt_desktop.own_command import own_command

# Implementation
HIDDEN = "--hidden"


def bundle_properties(version: str) -> dict[str, object]:
    """What stands in Info.plist of the bundle, besides what the build adds."""
    return {
        "CFBundleName": "ptt",
        "CFBundleDisplayName": "Push to talk",
        "CFBundleIdentifier": APP_ID,
        "CFBundleShortVersionString": version,
        "CFBundleURLTypes": [
            {
                "CFBundleURLName": APP_ID,
                "CFBundleURLSchemes": [SCHEME],
                "CFBundleTypeRole": "Viewer",
            }
        ],
        "NSMicrophoneUsageDescription": "Others hear you while you hold the key.",
        "NSHighResolutionCapable": True,
    }


def launch_agent(command: Sequence[str]) -> bytes:
    """What launchd starts when this person logs in."""
    return plistlib.dumps(
        {"Label": APP_ID, "ProgramArguments": [*command, HIDDEN], "RunAtLoad": True}
    )


class MacDesktop:
    """Implements Desktop."""

    def register(self, *, instead: bool) -> None:
        """Nothing to do in a bundle, and nothing that could be done without one."""
        if not self.is_registered():
            raise LinksError("On macOS only the app opens ptt:// links: paste the link instead.")

    def unregister(self) -> None:
        """It goes with the bundle."""

    def is_registered(self) -> bool:
        """Whether this is the bundle's program."""
        return ".app/Contents/MacOS/" in sys.executable

    def set_autostart(self, *, wanted: bool) -> None:
        """By a file that launchd reads at the next login."""
        path = _agent_path()
        try:
            if wanted:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(launch_agent(own_command()))
            else:
                path.unlink(missing_ok=True)
        except OSError as error:
            raise LinksError(
                f"{path} cannot be written: {os.strerror(error.errno or 0)}."
            ) from error

    def autostarts(self) -> bool:
        """Whether there is such a file."""
        return _agent_path().exists()


def _agent_path() -> Path:
    return Path.home() / "Library" / "LaunchAgents" / f"{APP_ID}.plist"
