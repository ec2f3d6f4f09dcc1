"""The credential of this device: is there one, and can nobody else read it?"""

import stat
import sys
from pathlib import Path

from ptt.client.credentials import Credential, credentials_path, default_credential
from ptt.errors import ConfigError
from ptt_desk.checks.finding import Finding, failed, ok, warning
from ptt_desk.checks.names import CREDENTIAL

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


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
