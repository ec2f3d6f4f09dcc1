"""Where the stand-alone programs begin: `ptt`, and `ptt-desktop`, which opens the window at once.

Python's own `-m` is answered for the one module that ptt starts in a process of its own: here
sys.executable is this program.
"""

import sys
from pathlib import Path

LISTER = ["-m", "ptt_devices.device_lister"]
WINDOW = "ptt-desktop"


def main() -> None:
    """Which of them was called, by its name."""
    if sys.argv[1:3] == LISTER:
        from ptt_devices.device_lister import main as list_devices

        list_devices()
        return
    from ptt_console.__main__ import desktop_main
    from ptt_console.__main__ import main as console_main

    if Path(sys.executable).stem == WINDOW:
        desktop_main()
    else:
        console_main()


if __name__ == "__main__":
    main()
