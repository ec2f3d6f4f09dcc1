"""Which key talks here, and can it be heard while another window has the focus?"""

import os

from ptt_desk.checks.finding import Finding, failed, ok, warning
from ptt_desk.checks.names import KEY
from ptt_devices.hotkey import Hotkey, has_display
from ptt_devices.keys import HotkeyError, KeyCombination


async def check_key(names: list[str]) -> Finding:
    """`names`: keys as in preferences."""
    wanted = " or ".join(names)
    try:
        keys = [KeyCombination.parse(name) for name in names]
        if not has_display():
            return _without_display()
        async with Hotkey(keys).listen():
            return ok(KEY, f"{wanted} is heard in every window", keys=wanted)
    except HotkeyError as error:
        return failed(KEY, error)


def _without_display() -> Finding:
    if os.environ.get("WAYLAND_DISPLAY"):
        return warning(
            KEY,
            "Wayland lets no program hear the keys of other windows",
            "use the space bar in the terminal of `ptt talk`",
            display="wayland",
        )
    return warning(
        KEY,
        "There is no display, so no key is heard in every window",
        "use the space bar in the terminal of `ptt talk`",
        display=None,
    )
