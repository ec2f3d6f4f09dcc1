"""The files of this person: are preferences in order, is there a credential, who can read it?"""

import stat
import sys
from pathlib import Path

from ptt.client.credentials import Credential, credentials_path, default_credential
from ptt.errors import ConfigError, PttError
from ptt_desk.checks.finding import Finding, failed, ok, warning
from ptt_desk.checks.names import CREDENTIAL, PREFERENCES
from ptt_desk.preferences import Preferences, load_preferences, preferences_path, settings

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


async def check_preferences(path: Path | None = None) -> tuple[Finding, Preferences]:
    """With the files of tones that they name; all defaults if they cannot be used."""
    path = path or preferences_path()
    try:
        preferences = load_preferences(path)
        settings(preferences)
    except PttError as error:
        return failed(PREFERENCES, error), Preferences()
    state = f"{path} is in order" if path.exists() else "None were saved, so the defaults hold"
    return ok(PREFERENCES, state, path=str(path), saved=path.exists()), preferences


async def check_credential(
    server: str | None, path: Path | None = None
) -> tuple[Finding, Credential | None]:
    """The one for `server`, or the one added last; None if there is none to use."""
    path = path or credentials_path()
    try:
        credential = default_credential(server, path)
    except ConfigError as error:
        return failed(CREDENTIAL, error), None
    whose = f"{credential.person} at {credential.server}"
    figures = {"person": credential.person, "server": credential.server, "path": str(path)}
    if may_be_read_by_others(path):
        return (
            warning(
                CREDENTIAL,
                f"Others on this computer may read the secret of {whose}",
                f"run: chmod 600 '{path}'",
                **figures,
            ),
            credential,
        )
    return ok(CREDENTIAL, f"{whose}, readable by you alone", **figures), credential


def may_be_read_by_others(path: Path) -> bool:
    """By its permissions; Windows has others, and keeps a person's folders to that person."""
    return sys.platform != "win32" and bool(path.stat().st_mode & _OTHERS)
