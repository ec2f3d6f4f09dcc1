"""The command `ptt`, also as `python -m ptt_console`.

Commands that a shortcut of the desktop calls are looked at first: they need neither sound nor
network, which take five times as long to load as all the rest.
"""

import os
import sys

from ptt_console.remote_commands import COMMANDS
from ptt_console.remote_commands import app as quick_app


def main() -> None:
    """Entry point of the command `ptt`."""
    # Before numpy is loaded: its OpenBLAS starts a thread with buffers for every core, and nothing
    # here multiplies matrices.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if sys.argv[1:2] and sys.argv[1] in {command.__name__ for command in COMMANDS}:
        quick_app(prog_name="ptt")
    else:
        from ptt_console.cli import app

        app(prog_name="ptt")


def desktop_main() -> None:
    """Entry point of `ptt-desktop`, which is `ptt desktop` without a console on Windows."""
    sys.argv.insert(1, "desktop")
    main()


if __name__ == "__main__":
    main()
